package bot

import (
	"context"
	"slices"
	"strings"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// restore handles "restore BACKUP FIELD": a plan that takes what records held
// from the copy of a backup, and asks for its freeze.
func (b *Bot) restore(ctx context.Context, c command) (reply, error) {
	if i := slices.Index(c.words.args, goneTyped); i >= 0 {
		c.words.args = slices.Delete(slices.Clone(c.words.args), i, i+1)
		return b.reinsert(ctx, c)
	}
	return b.evidenced(ctx, c, rollback.FromBackup)
}

func (b *Bot) evidenced(ctx context.Context, c command, from rollback.EvidenceFrom) (reply, error) {
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		ask, err := b.evidenceTyped(ctx, c, from)
		if err != nil {
			return rollback.Stamp{}, err
		}
		return b.o.Approval.Evidenced(ctx, act, c.incident, ask)
	})
}

// evidenceTyped reads "BACKUP [FIELD] [--was VALUE] [--newer keep|take|hand]
// [--saved TIME] [--run RUN] [--since TIME] [--until TIME] [--in TABLE]". What is
// not said is that of the state table.
func (b *Bot) evidenceTyped(ctx context.Context, c command, from rollback.EvidenceFrom) (approval.EvidenceAsk, error) {
	w, err := b.evidenceWords(ctx, c, from)
	ask, picked := w.ask, w.picked
	if err != nil {
		return ask, err
	}
	ask.Newer = rollback.KeepNewer
	was, said := w.take("was")
	if from == rollback.FromBackup {
		ask.Newer = rollback.Newer(strings.ToLower(w.or("newer", string(rollback.KeepNewer))))
	}
	switch {
	case w.err != nil:
		return ask, w.err
	case len(w.args) == 0:
		return ask, refusal.Invalid("From which %s, and which field? `/snafu %s`.", map[rollback.EvidenceFrom]string{rollback.FromBackup: "backup", rollback.FromQuery: "evidence"}[from], c.verb.example)
	case from == rollback.FromQuery && slices.ContainsFunc(w.args, func(a string) bool { return strings.HasPrefix(a, "--") }):
		return ask, refusal.Invalid("A reconstruction keeps what people entered since, and takes --was, --run, --since, --until and --in alone.")
	case !slices.Contains([]rollback.Newer{rollback.KeepNewer, rollback.TakeBackup, rollback.ByHand}, ask.Newer):
		return ask, refusal.Invalid("What people entered since is kept, or the backup is taken instead, or it is settled by hand: `--newer keep`, `--newer take` or `--newer hand`.")
	}
	ask.Name, ask.Note = w.args[0], strings.Join(w.args, " ")
	if len(w.args) > 1 {
		set := strings.Split(w.args[1], ",")
		picked = picked && slices.Equal(set, ask.Scope.Set)
		ask.Scope.Set = set
	}
	if from == rollback.FromQuery {
		err = b.about(w.inc, ask.Name, &ask.Scope, w.in, len(w.args) > 1)
		picked = picked && slices.Equal(ask.Scope.Set, w.known.Set) && ask.Scope.Source == w.known.Source && ask.Scope.Table == w.known.Table
	} else {
		err = b.place(w.inc, &ask.Scope, w.in)
	}
	if err != nil {
		return ask, err
	}
	if ask.Scope.Run == "" {
		return ask, rollback.RefuseWindowOnly()
	}
	ask.Left = []rollback.Values{slices.Repeat(rollback.Values{rollback.Null()}, len(ask.Scope.Set))}
	switch {
	case said:
		ask.Left = []rollback.Values{leftTyped(was, len(ask.Scope.Set))}
	case picked:
		if left, err := b.left(ctx, c.incident); err != nil || len(left) > 0 {
			ask.Left = left
			return ask, err
		}
	}
	return ask, nil
}

// leftTyped are the values of so many columns as cards show them, "MQL / 10", or
// with commas between them. What is of one column is never divided.
func leftTyped(text string, columns int) (vs rollback.Values) {
	parts := []string{text}
	if columns > 1 {
		if parts = strings.Split(text, " / "); len(parts) != columns {
			parts = strings.Split(text, ",")
		}
	}
	for _, one := range parts {
		v := rollback.Text(strings.TrimSpace(one))
		if strings.EqualFold(v.Text, typedEmpty) {
			v = rollback.Null()
		}
		vs = append(vs, v)
	}
	return vs
}

// left are the values that the run left, as far as they are wrong.
func (b *Bot) left(ctx context.Context, id incidents.ID) (left []rollback.Values, err error) {
	_, cohorts, err := b.measurement(ctx, id)
	for _, k := range cohorts {
		if k.Kind != rollback.KindNoChange && !slices.ContainsFunc(left, k.Pair.Error.Equal) {
			left = append(left, k.Pair.Error)
		}
	}
	return left, err
}

// place finds the table that is meant: the named one, that of the state table,
// or the only one with these fields.
func (b *Bot) place(inc incidents.Incident, s *rollback.Scope, in string) error {
	var found []rollback.Scope
	for _, src := range b.o.Sources {
		if inc.System != "" && src.Name != inc.System {
			continue
		}
		for _, t := range src.Tables {
			lacks := func(field string) bool { return !slices.Contains(t.Set, field) }
			if in != "" && t.Name != in && src.Name+"."+t.Name != in || slices.ContainsFunc(s.Set, lacks) || len(s.Set) == 0 {
				continue
			}
			found = append(found, rollback.Scope{Source: src.Name, Table: t.Name})
		}
	}
	if in == "" && slices.ContainsFunc(found, func(f rollback.Scope) bool { return f.Source == s.Source && f.Table == s.Table }) {
		return nil
	}
	switch len(found) {
	case 1:
		s.Source, s.Table = found[0].Source, found[0].Table
		return nil
	case 0:
		return refusal.NotFound("No table here has a field %s that a plan may write. Its admin declares it as settable in my configuration.", short(strings.Join(s.Set, ", ")))
	}
	return refusal.Invalid("More than one table has a field %s. Say which with --in, such as `--in %s.%s`.", short(strings.Join(s.Set, ", ")), found[0].Source, found[0].Table)
}
