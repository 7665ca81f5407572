package count

import (
	"context"
	"slices"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Import decides cohorts by a file that says what each of their records should
// be. It is all or nothing: it refuses with Invalid, each line by its number,
// when a line can't be read, names no member or one without history, or wishes
// for what the column can't hold; when two records that look the same are to
// become different; and when a cohort is named in part only, because a plan
// writes whole cohorts. The file is not kept, its hash is.
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
	chosen, err := decisionsOf(matched, classified)
	if err != nil {
		return err
	}
	return c.decide(ctx, act, id, m.Number, chosen, func(after rollback.Classified) []incidents.Fact {
		d := decided(after, len(chosen))
		return []incidents.Fact{DesiredImported{SHA256: sheet.SHA256, Lines: int64(len(sheet.Wishes)), Cohorts: d.Cohorts, Undecided: d.Undecided, Wrong: d.Wrong, Right: d.Right}}
	})
}

// decisionsOf makes one decision of all lines about a cohort.
func decisionsOf(m rollback.Matched, known rollback.Classified) ([]rollback.Decision, error) {
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
	first := map[int]int64{}
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
		want := rollback.Decision{Pair: g.Pair, Desired: rollback.Values{g.Desired}}
		at := slices.IndexFunc(chosen, func(d rollback.Decision) bool { return d.Pair.Equal(g.Pair) })
		if at < 0 {
			first[len(chosen)] = g.Lines[0]
			chosen = append(chosen, want)
			continue
		}
		wrong.add(int(g.Lines[0]), "another value than in line %d, though both records are of cohort %d; a plan gives a cohort one value", first[at], number(known, g.Pair))
	}
	if err := wrong.refusal(); err != nil {
		return nil, err
	}
	for _, g := range m.Groups {
		if !g.Listed && g.Known && slices.ContainsFunc(chosen, func(d rollback.Decision) bool { return d.Pair.Equal(g.Pair) }) {
			return nil, refusal.Invalid("Nothing was applied. The file names all but %d of cohort %d, and a plan gives a whole cohort one value. Add them, or leave the cohort out. /snafu example %d shows some of it.",
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
