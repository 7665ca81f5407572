package view

import (
	"fmt"
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
		paragraphs(verdicts(c)),
		paragraphs(mismatches(c)),
		section(columnTable(c)),
		context(fmt.Sprintf("%s in %s.%s · %s", run, Escape(c.Table.Scope.Source), Escape(c.Table.Scope.Table), readAt(c.Table.At)), historyLine(c.Table)),
		tableButtons(c),
	)}
}

func tableButtons(c TableCard) []slack.Block {
	s := Stamp{Incident: c.Incident}
	examples := button("example.show", "Examples", s)
	var park, remove *slack.ButtonBlockElement
	if c.Remove {
		remove = button("remove.open", "Remove", s)
	}
	if containLines(c) != nil || unknown(c.Table) > 0 {
		park = button("park.open", "Park", s)
	}
	if c.Plan {
		return buttons("table", primary("plan.open", "Make a plan", s), button("table.open", "Decide", s), park, button("count.run", "Recount", s), examples, remove)
	}
	return buttons("table", primary("table.open", "Decide", s), park, button("count.run", "Recount", s), examples, remove)
}

func readAt(at time.Time) string { return "counted " + Clock(at) }

// membersLine says how many members there are, whether history knows all of
// them, and what a static list makes of it.
func membersLine(c TableCard) string {
	unknown := unknown(c.Table)
	line := fmt.Sprintf("%s members, all with history.", Number(c.Table.Members))
	switch {
	case c.Table.Untold():
		line = fmt.Sprintf("%s members. No history is kept here, so nothing tells what they were: people say it, and a plan calls it derived.", Number(c.Table.Members))
		if unknown > 0 {
			line += fmt.Sprintf(" %s are gone.", Number(unknown))
		}
	case unknown > 0:
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

// unknown is how many members have no history.
func unknown(t rollback.StateTable) (n int64) {
	for _, g := range t.Groups {
		if !g.Known {
			n += g.Records
		}
	}
	return n
}

func stateTable(c TableCard) string {
	if len(c.Cohorts) == 0 {
		return ""
	}
	var rows []codeRow
	var left int64
	for i, k := range c.Cohorts {
		if i < maxCodeRows {
			rows = append(rows, cells(k.Pair.Initial.String(), k.Pair.Error.String(), k.Should(), Number(k.Counts.Total())))
			continue
		}
		left += k.Counts.Total()
	}
	text := codeTable(3, []string{"was", "is (wrong)", "should be", c.Unit}, rows)
	if more := len(c.Cohorts) - maxCodeRows; more > 0 {
		text += fmt.Sprintf("\nand %s more cohorts with %s %s", Number(int64(more)), Number(left), Escape(c.Unit))
	}
	return text
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
