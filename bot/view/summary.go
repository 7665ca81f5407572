package view

import (
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// Summary is the pinned card for managers: the same eight blocks, in the same
// order, from the first second to the end.
func Summary(s incidents.Summary) Message {
	title := s.Title
	for _, b := range s.Badges {
		title = b + " · " + title
	}
	stamp := Stamp{}
	if id, err := incidents.ParseID(s.Key); err == nil {
		stamp.Incident = id
	}
	next := "*Next*: " + Say(s.Next)
	if len(s.Promise) > 0 {
		next += "\n*" + Say(s.Promise) + "*"
	}
	return Message{
		Text: cutMarkup(Say(s.Fallback), maxFallback),
		Blocks: stack(
			heading(title),
			section(Say(s.Status)),
			section(summaryNumbers(s)),
			section(summaryTable(s)),
			section(asked(s)),
			section(next),
			context(provenance(s)),
			summaryButtons(s, stamp),
		),
	}
}

func asked(s incidents.Summary) string {
	if s.Ask.String() == incidents.NothingNeeded {
		return "*" + incidents.NothingNeeded + "*"
	}
	return "*Needed from you*: " + Say(s.Ask)
}

func summaryButtons(s incidents.Summary, stamp Stamp) []slack.Block {
	var bs []*slack.ButtonBlockElement
	if !s.Phase.Ended() {
		bs = append(bs, button("update.open", "Post update", stamp), button("follow.on", "Follow", stamp))
	}
	bs = append(bs, button("status.show", "Details", stamp))
	if s.Phase == incidents.PhaseResolved || s.Phase == incidents.PhaseClosed {
		bs = append(bs, button("export.write", "Export", stamp))
	}
	return buttons("summary", bs...)
}

func summaryNumbers(s incidents.Summary) string {
	var lines []string
	for _, a := range s.Alarms {
		lines = append(lines, ":red_circle: "+Say(a))
	}
	lines = append(lines, Say(s.Numbers), Say(s.Customers), Say(s.Cause))
	for _, r := range s.Report {
		lines = append(lines, Say(r))
	}
	return strings.Join(lines, "\n")
}

func provenance(s incidents.Summary) string {
	var parts []string
	for _, w := range s.Provenance {
		parts = append(parts, Say(w))
	}
	return strings.Join(parts, " · ")
}

// summaryTable is the cohorts with what has become of each, and the total over
// all of them, shown or not.
func summaryTable(s incidents.Summary) string {
	if len(s.Table) == 0 {
		return Say(s.NoRow)
	}
	fourth := restColumn(s.Total)
	head := []string{"was>now>should", "wrong", "fixed", fourth.name, "left"}
	var rows []codeRow
	for n, r := range s.Table {
		if n == maxCodeRows {
			rows = append(rows, cells("and "+Number(int64(len(s.Table)-n))+" more"))
			break
		}
		rows = append(rows, summaryRow(r, fourth))
	}
	t := s.Total
	all := cells("all wrong", Number(t.Wrong), Number(t.Fixed), Number(fourth.of(t)), Number(t.Left))
	all.short = "all"
	rows = append(rows, all)
	return codeTable(1, head, rows)
}

func summaryRow(r incidents.TallyRow, fourth rest) codeRow {
	label := r.Was + ">" + r.Now + ">" + r.Should
	switch {
	case r.AsIntended:
		return codeRow{cells: []string{label, Number(r.Total)}, tail: "as intended"}
	case r.Undecided:
		return codeRow{cells: []string{label, Number(r.Total)}, tail: "to decide"}
	}
	return cells(label, Number(r.Wrong), Number(r.Fixed), Number(fourth.of(r)), Number(r.Left))
}

// rest is the fourth column: what is neither fixed nor left.
type rest struct {
	name string
	of   func(incidents.TallyRow) int64
}

func restColumn(t incidents.TallyRow) rest {
	kept := func(r incidents.TallyRow) int64 { return r.Kept }
	lost := func(r incidents.TallyRow) int64 { return r.Unrestorable }
	switch {
	case t.Unrestorable == 0:
		return rest{"kept", kept}
	case t.Kept == 0:
		return rest{"lost", lost}
	}
	return rest{"else", func(r incidents.TallyRow) int64 { return r.Kept + r.Unrestorable }}
}
