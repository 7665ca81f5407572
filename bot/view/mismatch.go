package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snafu/rollback"
)

// maxMismatches bounds the lines of what does not match; what is left out is
// still counted.
const maxMismatches = 10

// mismatches gives each kind of record that does not match what the run left a
// line of its own, with its number and the ends of some keys. None is averaged
// away: what finds no line is counted in the last one.
func mismatches(c TableCard) []string {
	decisions := rollback.Classified{Cohorts: c.Cohorts}.Decisions()
	groups := slices.DeleteFunc(slices.Clone(c.Table.Groups), func(g rollback.Group) bool {
		return g.Matches() || ours(c, g) || !g.Placed(decisions).Error.Equal(g.Error)
	})
	slices.SortStableFunc(groups, func(a, b rollback.Group) int { return int(min(max(b.Records-a.Records, -1), 1)) })
	var lines []string
	var left int64
	for i, g := range groups {
		if i < maxMismatches {
			lines = append(lines, "• "+mismatch(c, g))
			continue
		}
		left += g.Records
	}
	if left > 0 {
		lines = append(lines, fmt.Sprintf("• %s %s of %d more kinds", Number(left), Escape(c.Unit), len(groups)-maxMismatches))
	}
	if lines == nil {
		return nil
	}
	return append([]string{"*Does not match what the run left*"}, lines...)
}

// ours is true for what a plan has put right: that it does not match any more
// is what was wanted.
func ours(c TableCard, g rollback.Group) bool {
	for i, k := range c.Cohorts {
		if g.Known && k.Pair.Equal(rollback.Pair{Initial: g.Initial, Error: g.Error}) {
			return i < len(c.Tally) && c.Tally[i].Fixed > 0 && k.Wrong() && k.Holds(g)
		}
	}
	return false
}

func mismatch(c TableCard, g rollback.Group) string {
	line := Number(g.Records) + " "
	switch {
	case !g.Known && !g.Present:
		line += "without history, and gone"
	case !g.Known:
		line += fmt.Sprintf("without history, now %s: contain", value(g.Current))
	case !g.Present:
		line += fmt.Sprintf("%s → %s: gone since", value(g.Initial), value(g.Error))
	case g.Ambiguous:
		line += fmt.Sprintf("%s → %s, now %s: history contradicts itself, contain", value(g.Initial), value(g.Error), value(g.Current))
	case g.Current.Equal(g.Error):
		line += fmt.Sprintf("%s → %s: written again since, to the same", value(g.Initial), value(g.Error))
	case right(c, g):
		line += fmt.Sprintf("%s → %s, now %s: corrected by people", value(g.Initial), value(g.Error), value(g.Current))
	default:
		line += fmt.Sprintf("%s → %s, now %s: changed since", value(g.Initial), value(g.Error), value(g.Current))
	}
	if g.Keys != nil {
		line += fmt.Sprintf(" (%s)", Escape(strings.Join(g.Keys, ", ")))
	}
	return line
}

// right is true where people have set what was decided.
func right(c TableCard, g rollback.Group) bool {
	return slices.ContainsFunc(c.Cohorts, func(k rollback.Cohort) bool {
		return k.Wrong() && k.Pair.Equal(rollback.Pair{Initial: g.Initial, Error: g.Error}) && k.Holds(g)
	})
}

// columnTable counts the members by value: before, now, and as decided.
func columnTable(c TableCard) string {
	lines := c.Table.Columns(rollback.Classified{Cohorts: c.Cohorts, Given: c.Given})
	if len(lines) == 0 {
		return ""
	}
	var rows []codeRow
	var more rollback.ValueLine
	for i, l := range lines {
		if i < maxCodeRows {
			rows = append(rows, cells(l.Value, Number(l.Was), Number(l.Now), Number(l.Should)))
			continue
		}
		more.Was, more.Now, more.Should = more.Was+l.Was, more.Now+l.Now, more.Should+l.Should
	}
	if n := len(lines) - maxCodeRows; n > 0 {
		rows = append(rows, cells(fmt.Sprintf("%d others", n), Number(more.Was), Number(more.Now), Number(more.Should)))
	}
	return codeTable(1, []string{c.Unit, "was", "is", "should be"}, rows)
}

// historyLine says for how long the values before the run can still be read,
// and where they cannot be.
func historyLine(t rollback.StateTable) string {
	var parts []string
	if t.Late() {
		parts = append(parts, "history starts later, at "+Day(t.HistoryFrom)+": what stood before is not known")
	}
	if end, known := t.Expires(); known && !t.At.IsZero() {
		switch left := end.Sub(t.At); {
		case left <= 0:
			parts = append(parts, "the run is older than its history is kept: this table is incomplete")
		case left < 48*time.Hour:
			parts = append(parts, "*history expires in "+Duration(left)+"*")
		default:
			parts = append(parts, "history expires in "+Duration(left))
		}
	}
	return strings.Join(parts, " · ")
}
