package view

import (
	"github.com/slack-go/slack"

	"snafu/rollback"
)

// DiscussModal asks who was asked about a plan and with whom it was discussed.
func DiscussModal(s Stamp, said rollback.Said) slack.ModalViewRequest {
	return modal("plan", "Discussed", "Save", s, saidFields(said),
		field("undiscussed", "If one of them is missing: why?", "", true, textInput(said.Undiscussed, "", false)))
}

// saidFields are what the form of a new plan asks as well.
func saidFields(said rollback.Said) []slack.Block {
	return stack(
		field("asked", "Who was asked in IT, and what did they say?", "", true, textInput(said.Asked, "", false)),
		field("discussed", "With whom was it discussed?", "", true, textInput(said.Discussed, "", false)))
}

// said are the lines of a review about who knows of the plan.
func said(s rollback.Said) (lines []string) {
	for _, part := range []struct{ what, say string }{
		{"IT asked: ", s.Asked}, {"Discussed with: ", s.Discussed}, {"Not asked or not discussed: ", s.Undiscussed},
	} {
		if part.say != "" {
			lines = append(lines, part.what+Escape(part.say))
		}
	}
	return lines
}

// unsaidLine says on a plan's card what it wants before it asks for approvals.
func unsaidLine(p PlanCard) string {
	if !p.Unsaid || p.State != rollback.NameFrozen {
		return ""
	}
	return "Before it asks for approvals: who was asked in IT, and with whom was it discussed?"
}

func discussButton(p PlanCard) *slack.ButtonBlockElement {
	if !p.Unsaid {
		return nil
	}
	return button("plan.discuss", "Discussed", p.Stamp())
}
