package bot

import (
	"context"
	"slices"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// evidenceWords are the words of a command that plans by evidence, and what they
// ask for so far.
type evidenceWords struct {
	options
	ask    approval.EvidenceAsk
	inc    incidents.Incident
	known  rollback.Scope // of the state table, if one was picked
	picked bool
	in     string // SOURCE.TABLE or TABLE, if one is named
}

// evidenceWords reads [--saved TIME] of a backup, and [--run RUN] [--since TIME]
// [--until TIME] [--in TABLE] of every evidence. What is not said is that of the
// state table. Words that cannot be read stand in err, once all are taken.
func (b *Bot) evidenceWords(ctx context.Context, c command, from rollback.EvidenceFrom) (w evidenceWords, err error) {
	w.options, w.ask.From = options{args: c.words.args, c: c}, from
	if w.inc, err = b.o.Response.Get(ctx, c.incident); err != nil {
		return w, err
	}
	m, picked, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return w, err
	}
	if picked {
		w.known, w.picked = m.Scope, true
		w.ask.Scope = m.Scope
		w.ask.Scope.Set = slices.Clone(m.Scope.Set)
	}
	if from == rollback.FromBackup {
		w.ask.LastSaved = w.time("saved")
	}
	w.ask.Scope.Run = w.or("run", w.ask.Scope.Run)
	if at := w.time("since"); !at.IsZero() {
		w.ask.Scope.From = at
	}
	if at := w.time("until"); !at.IsZero() {
		w.ask.Scope.To = at
	}
	w.in = w.or("in", "")
	return w, nil
}
