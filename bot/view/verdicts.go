package view

import (
	"fmt"
	"strings"

	"snafu/rollback"
)

// some is a list of cohorts that names the first few of them and counts the
// others: what is not named is never left out of the sum.
type some struct {
	parts             []string
	more, total, gone int64 // of those that are not named
}

func (s *some) add(part string, records, gone int64) {
	if len(s.parts) < maxCodeRows {
		s.parts = append(s.parts, part)
		return
	}
	s.more, s.total, s.gone = s.more+1, s.total+records, s.gone+gone
}

// verdicts are the lines under the table: how many are wrong and right, which
// rows are right already, and what people changed since.
func verdicts(c TableCard) []string {
	var lines []string
	wrong, right, undecided := wrongOf(c.Cohorts), int64(0), int64(0)
	var intended, waived some
	for i, k := range c.Cohorts {
		if k.Wrong() && i < len(c.Tally) {
			wrong += min(c.Tally[i].Fixed, k.HeldAlready())
		}
		switch {
		case k.Waiver != "":
			waived.add(waivedLine(k), k.Counts.Total(), 0)
		case k.Kind == rollback.KindNoChange:
			right += k.Counts.Total()
			intended.add(fmt.Sprintf("%s (%s)", value(k.Pair.Initial), Number(k.Counts.Total())), k.Counts.Total(), 0)
		case k.Kind == "":
			undecided += k.Counts.Total()
		case i < len(c.Tally):
			right += max(k.HeldAlready()-c.Tally[i].Fixed, 0)
		default:
			right += k.HeldAlready()
		}
	}
	sum := fmt.Sprintf("*%s wrong · %s already right*", Number(wrong), Number(right))
	if undecided > 0 {
		sum += fmt.Sprintf(" · %s to decide", Number(undecided))
	}
	lines = append(lines, sum)
	if intended.parts != nil {
		all := intended.parts
		if intended.more > 0 {
			all = append(all, fmt.Sprintf("and %s more (%s)", Number(intended.more), Number(intended.total)))
		}
		lines = append(lines, "Already right, nothing to write: "+strings.Join(all, ", "))
	}
	if lines = append(lines, waived.parts...); waived.more > 0 {
		lines = append(lines, fmt.Sprintf("and %s more cohorts kept or lost (%s)", Number(waived.more), Number(waived.total)))
	}
	if c.Given.Waiver != "" {
		lines = append(lines, fmt.Sprintf("%s, no history: %s", given(c.Given.Waiver), Escape(cell(c.Given.Why))))
	}
	lines = append(lines, filed(c.Cohorts)...)
	if line := changedLine(c); line != "" {
		lines = append(lines, line)
	}
	return append(lines, containLines(c)...)
}

// waivedLine is a cohort that is wrong and stays so, with the reason.
func waivedLine(k rollback.Cohort) string {
	return fmt.Sprintf("%s, %s → %s (%s): %s", given(k.Waiver), value(k.Pair.Initial), value(k.Pair.Error), Number(k.Counts.Total()), Escape(cell(k.Why)))
}

func given(w rollback.Waiver) string {
	if w == rollback.WaiveLost {
		return "Lost"
	}
	return "Kept as it is"
}

// changedLine names what people changed since, cohort by cohort, because a sum
// would hide which rows no longer match. What a plan has fixed is not counted
// as theirs.
func changedLine(c TableCard) string {
	var changed, fixed, write int64
	var some some
	for i, k := range c.Cohorts {
		if !k.Wrong() {
			continue
		}
		left, n := k.Counts.Write, k.Counts.Conflicts()+k.Counts.Already-k.HeldAlready()+k.Counts.Missing
		if i < len(c.Tally) {
			fixed += c.Tally[i].Fixed
			left = c.Tally[i].Left
			if n = max(n-c.Tally[i].Fixed, 0); k.Waiver == "" {
				n = c.Tally[i].Kept // a verification may be newer than this table
			}
		}
		write += left
		if n > 0 {
			changed += n
			some.add(fmt.Sprintf("%s %s -> %s", value(k.Pair.Initial), Number(k.Counts.Total()), Number(k.Counts.Total()-n)), k.Counts.Total(), n)
		}
	}
	var lines []string
	if fixed > 0 {
		lines = append(lines, fmt.Sprintf("%s fixed.", Number(fixed)))
	}
	if changed > 0 {
		parts := some.parts
		if some.more > 0 {
			parts = append(parts, fmt.Sprintf("and %s more %s -> %s", Number(some.more), Number(some.total), Number(some.total-some.gone)))
		}
		lines = append(lines, fmt.Sprintf("%s changed by people since: %s.", Number(changed), strings.Join(parts, ", ")))
	}
	if lines == nil {
		return ""
	}
	return strings.Join(append(lines, fmt.Sprintf("To write: %s.", Number(write))), " ")
}
