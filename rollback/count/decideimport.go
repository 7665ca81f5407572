package count

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Import decides cohorts by a file that says what each of their records should
// be. A cohort whose records shall all become the same gets that value; in any
// other each record gets its own, and the file's lines are kept until the
// incident is over. It is all or nothing: it refuses with Invalid, each line by
// its number, when a line can't be read, names no member or one without history,
// or wishes for what the column can't hold; and when a cohort is named in part
// only, because a plan is about whole cohorts. The journal knows the file by its
// hash alone.
func (c *Count) Import(ctx context.Context, act journal.Act, id incidents.ID, file []byte) error {
	m, picked, err := c.Latest(ctx, id)
	if err != nil {
		return err
	}
	if !picked {
		return refusal.Invalid("There is no state table yet. Say which run did it: /snafu pick.")
	}
	sheet, err := ReadSheet(file, m.Table.KeyParts)
	if err != nil {
		return err
	}
	var matched rollback.Matched
	err = c.with(ctx, m.Scope.Source, func(r source.Reader) (err error) {
		matched, err = r.Match(ctx, m.Scope, sheet.Wishes)
		return err
	})
	if err != nil {
		return err
	}
	classified, err := m.Classified()
	if err != nil {
		return err
	}
	chosen, err := decisionsOf(matched, classified, sheet.SHA256)
	if err != nil {
		return err
	}
	fact := func(after rollback.Classified) []incidents.Fact {
		d := decided(after, len(chosen))
		return []incidents.Fact{DesiredImported{SHA256: sheet.SHA256, Lines: int64(len(sheet.Wishes)), Cohorts: d.Cohorts, Undecided: d.Undecided, Wrong: d.Wrong, Right: d.Right}}
	}
	if !slices.ContainsFunc(chosen, rollback.Decision.Each) {
		return c.decide(ctx, act, id, m.Number, chosen, fact)
	}
	return c.importEach(ctx, act, id, m, sheet, chosen, fact)
}

// importEach keeps a file and what it decides, and counts anew with it: how many
// records are wrong is not known before.
func (c *Count) importEach(ctx context.Context, act journal.Act, id incidents.ID, known Measurement, sheet Sheet, chosen []rollback.Decision,
	facts func(rollback.Classified) []incidents.Fact,
) error {
	after := known
	after.Decisions = overruled(known.Decisions, chosen)
	wishes, err := c.wishes(ctx, id, Measurement{Decisions: slices.DeleteFunc(slices.Clone(after.Decisions), func(d rollback.Decision) bool { return d.File == sheet.SHA256 })})
	if err != nil {
		return err
	}
	table, err := c.lay(ctx, known.Scope, overlaid(wishes, sheet.Wishes), rollback.FilesOf(after.Decisions))
	if err != nil {
		return err
	}
	return c.ongoing(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, m Measurement, picked bool, at time.Time) error {
		before, err := m.Classified()
		if err != nil {
			return err
		}
		if !picked || m.Number != known.Number || slices.ContainsFunc(chosen, func(d rollback.Decision) bool { return !has(before, d) }) ||
			!slices.Equal(rollback.FilesOf(m.Decisions), rollback.FilesOf(known.Decisions)) {
			return refusal.Conflict("The state table has changed since you opened it. /snafu table shows the new one.")
		}
		if err := keepFile(ctx, tx, act, id, m.Number, sheet, at); err != nil {
			return err
		}
		if err := keepDecisions(ctx, tx, act, id, m.Number, before, chosen, at); err != nil {
			return err
		}
		if m.Decisions, err = decisions(ctx, tx, id, m.Number); err != nil {
			return err
		}
		m.Before, m.Table = m.Table.Members, table
		if err := c.store(ctx, tx, act, inc, at, m); err != nil {
			return err
		}
		now, err := m.Classified()
		if err != nil {
			return err
		}
		for _, f := range facts(now) {
			if err := journal.Append(ctx, tx, id, act, at, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// overruled are decisions after others were made.
func overruled(old, fresh []rollback.Decision) []rollback.Decision {
	out := slices.DeleteFunc(slices.Clone(old), func(d rollback.Decision) bool {
		return slices.ContainsFunc(fresh, func(f rollback.Decision) bool { return f.Pair.Equal(d.Pair) })
	})
	return append(out, fresh...)
}

// overlaid are wishes after a file was laid over them.
func overlaid(old, fresh []rollback.Wish) []rollback.Wish {
	named := map[string]bool{}
	for _, w := range fresh {
		named[strings.Join(w.Key, "\x00")] = true
	}
	return append(slices.DeleteFunc(old, func(w rollback.Wish) bool { return named[strings.Join(w.Key, "\x00")] }), fresh...)
}

// decisionsOf makes one decision of all lines about a cohort.
func decisionsOf(m rollback.Matched, known rollback.Classified, file string) ([]rollback.Decision, error) {
	var wrong bad
	for _, line := range m.Misfits {
		wrong.add(int(line), "the column can't hold this value")
	}
	for i, line := range m.Strangers {
		if i < maxBadLines {
			wrong.add(int(line), "no record with this key was touched by the run")
		}
	}
	wrong.more += int(m.Strange) - min(len(m.Strangers), maxBadLines)
	var chosen []rollback.Decision
	for _, g := range m.Groups {
		if !g.Listed {
			continue
		}
		if !g.Known {
			for _, line := range g.Lines {
				wrong.add(int(line), "nothing says what this record was before; contain it and leave it out")
			}
			continue
		}
		want := rollback.Decision{Pair: g.Pair, Desired: g.Desired}
		if g.Values > 1 {
			want.Desired, want.File = nil, file
		}
		chosen = append(chosen, want)
	}
	if err := wrong.refusal(); err != nil {
		return nil, err
	}
	for _, g := range m.Groups {
		if !g.Listed && g.Known && slices.ContainsFunc(chosen, func(d rollback.Decision) bool { return d.Pair.Equal(g.Pair) }) {
			return nil, refusal.Invalid("Nothing was applied. The file names all but %d of cohort %d, and a plan is about whole cohorts. Add them, or leave the cohort out. /snafu example %d shows some of it.",
				g.Records, number(known, g.Pair), number(known, g.Pair)).Coded("csv")
		}
	}
	return chosen, nil
}

func number(c rollback.Classified, p rollback.Pair) int64 {
	for _, cohort := range c.Cohorts {
		if cohort.Pair.Equal(p) {
			return cohort.Number
		}
	}
	return 0
}
