package view

import (
	"fmt"
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
	return modal("park", "Park records", "Freeze", f.Stamp,
		section("What nobody can put back is parked before any other plan writes, so that nothing more happens to it. Two people approve that as they do any plan."),
		field("who", "Whom?", "More cohorts than these: type their numbers, as in /snafu park 12,13 parked=true.", false, checkInput(f.Chosen, f.Who)),
		field("column", "Which column says that a record is parked?", "", false, selectInput("Choose", chosen, columns)),
		field("value", "What is written there?", "", false, textInput("true", "", false)),
		expectField("How many do you mean?", true),
		field("why", "Why, and with whom was it discussed?", "", false, textInput("", "", true)))
}

// written is what a plan about chosen members writes: "parked := true".
func written(p PlanCard, k rollback.Cohort) string {
	if p.Spec.Undoes != nil {
		return "as before"
	}
	return strings.Join(p.Spec.Scope.Set, ", ") + " := " + k.Desired.String()
}

// chosenTable has one line a cohort of chosen members: who they are, and what is
// written.
func chosenTable(p PlanCard) string {
	var rows []codeRow
	for _, k := range p.Spec.Cohorts() {
		n := p.Freeze.OfCohort(k.Number)
		if len(rows) == maxCodeRows {
			rows = append(rows, cells(fmt.Sprintf("and %d more", len(p.Spec.Decisions)-len(rows))))
			break
		}
		rows = append(rows, cells(k.Label, written(p, k), Number(n.Write), Number(n.Total()-n.Write)))
	}
	return codeTable(2, []string{"who", "is set to", "write", "leave"}, rows)
}

// waivedContain says that nothing waits for a plan.
func waivedContain(p PlanCard) string {
	if p.Waived == nil {
		return ""
	}
	return fmt.Sprintf("Other plans need not wait for it (%s): %s", Mention(p.Waived.By), Escape(p.Waived.Why))
}

// mayWaive says that other plans wait for this one.
func mayWaive(p PlanCard) bool {
	return p.Spec.Kind == rollback.KindContain && p.Waived == nil && p.State != rollback.NameDone && p.State != rollback.NameWithdrawn
}
