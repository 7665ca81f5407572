package bot

import (
	"context"
	"strings"

	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// goneTyped asks for the records that the run has deleted.
const goneTyped = "--gone"

// reinsert handles "restore BACKUP --gone": a plan that inserts again what the run
// has deleted, as the copy of a backup has it. It reads [--saved TIME] [--run RUN]
// [--since TIME] [--until TIME] [--in TABLE]; what is not said is that of the state
// table.
func (b *Bot) reinsert(ctx context.Context, c command) (reply, error) {
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		ask, err := b.reinsertTyped(ctx, c)
		if err != nil {
			return rollback.Stamp{}, err
		}
		return b.o.Approval.Reinsert(ctx, act, c.incident, ask)
	})
}

func (b *Bot) reinsertTyped(ctx context.Context, c command) (approval.EvidenceAsk, error) {
	w, err := b.evidenceWords(ctx, c, rollback.FromBackup)
	ask, inc, in := w.ask, w.inc, w.in
	if err != nil {
		return ask, err
	}
	switch {
	case w.err != nil:
		return ask, w.err
	case len(w.args) != 1:
		return ask, refusal.Invalid("From which backup are deleted records inserted again? `/snafu restore nightly --gone`. Their whole records come back, so no field is named.")
	case ask.Scope.Run == "":
		return ask, rollback.RefuseWindowOnly()
	}
	ask.Name, ask.Note = w.args[0], strings.Join(c.words.args, " ")
	ask.Scope.Set, ask.Scope.List = nil, ""
	var found []rollback.Scope
	for _, src := range b.o.Sources {
		if inc.System != "" && src.Name != inc.System {
			continue
		}
		for _, t := range src.Tables {
			if t.Insertable && (in == "" || t.Name == in || src.Name+"."+t.Name == in) {
				found = append(found, rollback.Scope{Source: src.Name, Table: t.Name})
			}
		}
	}
	for _, f := range found {
		if len(found) == 1 || in == "" && f.Source == ask.Scope.Source && f.Table == ask.Scope.Table {
			ask.Scope.Source, ask.Scope.Table = f.Source, f.Table
			return ask, nil
		}
	}
	if len(found) == 0 {
		return ask, refusal.NotFound("No table here says which columns are filled in a record that is inserted again. Its admin declares them as insertable in my configuration.")
	}
	return ask, refusal.Invalid("Records of more than one table can be inserted again. Say which with --in, such as `--in %s.%s`.", found[0].Source, found[0].Table)
}
