package view

import (
	"fmt"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/rollback"
)

// cohortTable has one line a cohort: what is written over what, how many
// records there are, and how many of them are to be written.
func cohortTable(p PlanCard) string {
	if len(p.Spec.Of) > 0 {
		return chosenTable(p)
	}
	var rows []codeRow
	for _, k := range p.Spec.Cohorts() {
		n := p.Freeze.OfCohort(k.Number)
		if p.Spec.Evidence != nil && n.Total() == 0 {
			continue
		}
		if len(rows) == maxCodeRows {
			rows = append(rows, cells(fmt.Sprintf("and %d more", len(p.Spec.Decisions)-len(rows))))
			break
		}
		rows = append(rows, cells(was(k), is(k), k.Should(), Number(n.Total()), Number(n.Write)))
	}
	return codeTable(3, []string{"was", "is", "should be", "all", "write"}, rows)
}

// leftOut are the reasons why a frozen record is not written, each with how
// many of them a set of counts has.
var leftOut = []struct {
	head string
	of   func(rollback.Counts) int64
}{
	{"right", func(n rollback.Counts) int64 { return n.Right + n.Already }},
	{"changed", rollback.Counts.Conflicts},
	{"gone", func(n rollback.Counts) int64 { return n.Missing }},
	{"no proof", func(n rollback.Counts) int64 { return n.Ambiguous + n.Unrecoverable }},
	{"decide", func(n rollback.Counts) int64 { return n.Undecided }},
}

// leaveTable says of each cohort why records of it are not written: already
// right, changed since, gone, without evidence. Reasons that no record has are
// no column, so that it fits a phone.
func leaveTable(p PlanCard) string {
	if len(p.Spec.Of) > 0 {
		return "" // chosenTable says it
	}
	all := p.Freeze.Classes()
	head := []string{"left out", ""}
	shown := leftOut[:0:0]
	for _, why := range leftOut {
		if why.of(all) > 0 {
			head, shown = append(head, why.head), append(shown, why)
		}
	}
	var rows []codeRow
	line := func(was, is string, n rollback.Counts) {
		if n.Total() == n.Write {
			return
		}
		row := []string{was, is}
		for _, why := range shown {
			row = append(row, Number(why.of(n)))
		}
		rows = append(rows, cells(row...))
	}
	for _, k := range p.Spec.Cohorts() {
		line(was(k), is(k), p.Freeze.OfCohort(k.Number))
	}
	line("rest", "", p.Freeze.OfCohort(0))
	if len(rows) == 0 {
		return ""
	}
	if more := len(rows) - maxCodeRows; more > 0 {
		rows = append(rows[:maxCodeRows], cells(fmt.Sprintf("and %d more", more)))
	}
	return codeTable(2, head, rows)
}

// dryRunLine is what there is besides the numbers: how sure they are, the backup, and how long
// writing takes if every batch takes as long as it may.
func dryRunLine(p PlanCard) string {
	var parts []string
	if derived := p.Spec.Derived(); derived > 0 && p.Spec.Evidence == nil {
		parts = append(parts, fmt.Sprintf("*Derived, not exact:* no history tells what %d of %d cohorts were; somebody says it", derived, len(p.Spec.Decisions)))
	}
	if took := p.Spec.Batch.Estimate(p.Freeze.Writes); took > 0 {
		parts = append(parts, "Writing takes about "+incidents.Took(max(took.Round(time.Second), time.Second)))
	}
	if p.Backup != "" {
		parts = append(parts, fmt.Sprintf("Backup of %s: %s", Escape(p.Spec.Scope.Source), Escape(p.Backup)))
	}
	return strings.Join(parts, " · ")
}

// maxTriggers bounds the triggers that are described one by one; all are named.
const maxTriggers = 10

// inventory tells what a write meets in the table, a line a kind, and each
// trigger with when it fires and what it runs.
func inventory(p PlanCard) []string {
	inv := p.Freeze.Inventory
	var lines []string
	for _, l := range inv.Words() {
		lines = append(lines, Escape(l))
	}
	if len(inv.Triggers) > 0 { // which come first
		if len(inv.Firing()) > 0 {
			lines[0] += ". " + chosen(p)
		}
		at := 1
		for i, t := range inv.Triggers {
			if i == maxTriggers {
				break
			}
			if t.Timing != "" {
				lines = append(lines[:at], append([]string{"• " + Escape(t.Words())}, lines[at:]...)...)
				at++
			}
		}
	}
	if len(inv.Syncs) > 0 && len(inv.Firing()) == 0 {
		lines = append(lines, chosen(p))
	}
	if p.Spec.TouchedAt.Column != "" && p.Spec.TouchedAt.Keep {
		lines = append(lines, Escape(p.Spec.TouchedAt.Column)+" stays as it is: whoever copies by it never sees this.")
	}
	return lines
}

// chosen is what somebody decided about the triggers that fire.
func chosen(p PlanCard) string {
	switch p.Spec.Effects {
	case rollback.EffectsFire:
		return Mention(p.Spec.Author) + " accepts that they fire for every record written."
	case rollback.EffectsGUC:
		if len(p.Spec.Accepted) > 0 {
			return "Accepted by name: " + Escape(strings.Join(p.Spec.Accepted, ", ")) + "."
		}
		return "Only those fire that do not heed our setting."
	case rollback.EffectsHold:
		return "What they set off is held meanwhile."
	case rollback.EffectsNone:
	}
	return "Nobody has chosen yet what to do about them."
}
