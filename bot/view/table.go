package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// Table shows the state table: what the records were, are and should be, how
// many there are of each, and what does not match.
func Table(c TableCard) Message {
	run := Escape(c.Table.Scope.Run)
	text := fmt.Sprintf("%s: %s %s touched by %s", c.Incident, Number(c.Table.Members), Escape(c.Unit), run)
	if wrong := wrongOf(c.Cohorts); wrong > 0 {
		text = fmt.Sprintf("%s: %s of %s touched %s are wrong", c.Incident, Number(wrong), Number(c.Table.Members), Escape(c.Unit))
	}
	return Message{Text: cut(text, maxFallback), Blocks: stack(
		section(membersLine(c)),
		section(stateTable(c)),
		section(strings.Join(verdicts(c), "\n")),
		paragraphs(mismatches(c)),
		section(columnTable(c)),
		context(fmt.Sprintf("%s in %s.%s · %s", run, Escape(c.Table.Scope.Source), Escape(c.Table.Scope.Table), readAt(c.Table.At)), historyLine(c.Table)),
		tableButtons(c),
	)}
}

func tableButtons(c TableCard) []slack.Block {
	s := Stamp{Incident: c.Incident}
	examples := button("example.show", "Examples", s)
	if c.Plan {
		return buttons("table", primary("plan.open", "Make a plan", s), button("table.open", "Decide", s), button("count.run", "Recount", s), examples)
	}
	return buttons("table", primary("table.open", "Decide", s), button("count.run", "Recount", s), examples)
}

func readAt(at time.Time) string { return "counted " + Clock(at) }

// membersLine says how many members there are, whether history knows all of
// them, and what a static list makes of it.
func membersLine(c TableCard) string {
	var unknown int64
	for _, g := range c.Table.Groups {
		if !g.Known {
			unknown += g.Records
		}
	}
	line := fmt.Sprintf("%s members, all with history.", Number(c.Table.Members))
	if unknown > 0 {
		line = fmt.Sprintf("%s members, %s without history: contain those.", Number(c.Table.Members), Number(unknown))
	}
	for _, l := range c.Table.Lists {
		line += fmt.Sprintf(" The static list holds %s", Number(l.Records))
		if gone := c.Table.Members - l.Records; gone > 0 {
			line += fmt.Sprintf(": %s left it", Number(gone))
		}
		line += "."
	}
	if c.Before >= 0 && c.Table.Members != c.Before {
		line += fmt.Sprintf(" Before: %s (%+d).", Number(c.Before), c.Table.Members-c.Before)
	}
	return line
}

func stateTable(c TableCard) string {
	if len(c.Cohorts) == 0 {
		return ""
	}
	var rows []codeRow
	for i, k := range c.Cohorts {
		if i == maxCodeRows {
			rows = append(rows, cells(fmt.Sprintf("and %d more", len(c.Cohorts)-i)))
			break
		}
		rows = append(rows, cells(k.Pair.Initial.String(), k.Pair.Error.String(), k.Should(), Number(k.Counts.Total())))
	}
	return codeTable(3, []string{"was", "is (wrong)", "should be", c.Unit}, rows)
}

// verdicts are the lines under the table: how many are wrong and right, which
// rows are right already, and what people changed since.
func verdicts(c TableCard) []string {
	var lines []string
	wrong, right, undecided := wrongOf(c.Cohorts), int64(0), int64(0)
	var intended, waived []string
	for _, k := range c.Cohorts {
		switch {
		case k.Waiver != "":
			waived = append(waived, waivedLine(k))
		case k.Kind == rollback.KindNoChange:
			right += k.Counts.Total()
			intended = append(intended, fmt.Sprintf("%s (%s)", Escape(k.Pair.Initial.String()), Number(k.Counts.Total())))
		case k.Kind == "":
			undecided += k.Counts.Total()
		}
	}
	sum := fmt.Sprintf("*%s wrong · %s already right*", Number(wrong), Number(right))
	if undecided > 0 {
		sum += fmt.Sprintf(" · %s to decide", Number(undecided))
	}
	lines = append(lines, sum)
	if intended != nil {
		lines = append(lines, "Already right, nothing to write: "+strings.Join(intended, ", "))
	}
	if c.Given.Waiver != "" {
		waived = append(waived, fmt.Sprintf("%s, no history: %s", given(c.Given.Waiver), Escape(cell(c.Given.Why))))
	}
	lines = append(lines, waived...)
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
	var parts []string
	for i, k := range c.Cohorts {
		if !k.Wrong() {
			continue
		}
		left, n := k.Counts.Write, k.Counts.Conflicts()+k.Counts.Already+k.Counts.Missing
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
			parts = append(parts, fmt.Sprintf("%s %s -> %s", Escape(k.Pair.Initial.String()), Number(k.Counts.Total()), Number(k.Counts.Total()-n)))
		}
	}
	var lines []string
	if fixed > 0 {
		lines = append(lines, fmt.Sprintf("%s fixed.", Number(fixed)))
	}
	if changed > 0 {
		lines = append(lines, fmt.Sprintf("%s changed by people since: %s.", Number(changed), strings.Join(parts, ", ")))
	}
	if lines == nil {
		return ""
	}
	return strings.Join(append(lines, fmt.Sprintf("To write: %s.", Number(write))), " ")
}

func containLines(c TableCard) []string {
	var ambiguous int64
	for _, k := range c.Cohorts {
		ambiguous += k.Counts.Ambiguous
	}
	if ambiguous == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s have a history that does not tell one value before and one after: contain those.", Number(ambiguous))}
}

func wrongOf(cohorts []rollback.Cohort) int64 {
	var n int64
	for _, k := range cohorts {
		n += k.Spoilt()
	}
	return n
}
