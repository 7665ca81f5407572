package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// ParkForm asks whom to set aside, and how.
type ParkForm struct {
	Stamp   Stamp
	Who     []Option
	Chosen  []string
	Columns []string
	Instead []Option // ways without writing
}

// ParkModal asks whom to set aside, and what to write for that.
func ParkModal(f ParkForm) slack.ModalViewRequest {
	var columns []Option
	for _, c := range f.Columns {
		columns = append(columns, Option{c, c})
	}
	chosen := ""
	if len(columns) == 1 {
		chosen = columns[0].Value
	}
	columns = append(columns, f.Instead...)
	return modal("park", "Park records", "Freeze", f.Stamp,
		section("What nobody can put back is parked before any other plan writes, so that nothing more happens to it. What writes, two people approve as they do any plan."),
		field("who", "Whom?", "More cohorts than these: type their numbers, as in /snafu park 12,13 parked=true.", false, checkInput(f.Chosen, f.Who)),
		field("column", "Which column says so? Or without writing?", "A list is kept for whom the records concern; what is switched off does nothing more with them.", false, selectInput("Choose", chosen, columns)),
		field("value", "What is written in that column?", "Empty where nothing is written.", true, textInput("true", "", false)),
		expectField("How many do you mean?", true),
		field("why", "Why?", "", false, textInput("", "", true)), saidFields(rollback.Said{}))
}

// written is what a plan about chosen members writes, whole, for who approves:
// "Writes parked := true". Cohorts that get another value have a line of their own.
func written(p PlanCard) (lines []string) {
	if len(p.Spec.Of) == 0 || p.Spec.Undoes != nil || p.Spec.Instead != nil {
		return nil
	}
	for _, k := range p.Spec.Cohorts() {
		line := "Writes " + Escape(strings.Join(p.Spec.Scope.Set, ", ")+" := "+k.Desired.String())
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if n := p.Freeze.Since; n > 0 {
		done := "parked"
		if removes(p.Spec) {
			done = "marked as removed"
		}
		say := "*%s of them hold another value since; they are %s all the same.*"
		if n == 1 {
			say = "*%s of them holds another value since; it is %s all the same.*"
		}
		lines = append(lines, fmt.Sprintf(say, Number(n), done))
	}
	return lines
}

// chosenTable has one line a cohort of chosen members: who they are, and how many
// of them are written.
func chosenTable(p PlanCard) string {
	var rows []codeRow
	for i, k := range p.Spec.Cohorts() {
		n := p.Freeze.OfCohort(k.Number)
		if len(rows) == maxCodeRows {
			rows = append(rows, cells(fmt.Sprintf("and %d more", len(p.Spec.Decisions)-len(rows))))
			break
		}
		was, became := k.Pair.Initial.String(), k.Pair.Error.String()
		if p.Spec.Decisions[i].Unclear {
			was, became = rollback.Unclear, "?"
		}
		if u := p.Spec.Undoes; u != nil && u.Inserted { // its columns have no values of a group
			was, became = "deleted", "inserted"
		}
		rows = append(rows, cells(was, became, Number(n.Write), Number(n.Total()-n.Write)))
	}
	return codeTable(2, []string{"was", "became", "write", "leave"}, rows)
}

// waivedContain says that nothing waits for a plan, or that others do although it
// has parked nothing.
func waivedContain(p PlanCard) string {
	switch {
	case mayWaive(p) && (p.State == rollback.NameWithdrawn || p.State == rollback.NameRejected):
		return "It has parked nothing: other plans wait until these records are parked, or the lead waives it."
	case p.Waived == nil:
		return ""
	}
	return fmt.Sprintf("Other plans need not wait for it (%s): %s", Mention(p.Waived.By), Escape(p.Waived.Why))
}

// mayWaive says that other plans wait for this one.
func mayWaive(p PlanCard) bool {
	return p.Spec.Kind == rollback.KindContain && p.Waived == nil && (p.State != rollback.NameDone || p.Freed)
}
