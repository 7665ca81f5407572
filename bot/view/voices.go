package view

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback"
)

func voices(p PlanCard) []incidents.Person {
	var out []incidents.Person
	for _, a := range p.Approvals {
		out = append(out, a.By)
	}
	return out
}

// voicesLine says who approved, how many are missing and who can still.
func voicesLine(p PlanCard) string {
	have := int64(len(p.Approvals))
	parts := ruleLines(p)
	if glass := glassLine(p); glass != "" {
		parts = append(parts, glass)
	}
	if have > 0 {
		parts = append(parts, fmt.Sprintf("Approved by %s · %d of %d", Mentions(voices(p)), have, p.Spec.Needs))
	}
	if len(p.Hasty) > 0 && p.State.Open() {
		parts = append(parts, fmt.Sprintf(":warning: %s gave more than %d approvals within an hour.", Mentions(p.Hasty), rollback.MostInAnHour))
	}
	switch {
	case p.State == rollback.NameProposed && len(p.Can) > 0:
		parts = append(parts, fmt.Sprintf("%d of %d approvals missing. %s can.", p.Spec.Needs-have, p.Spec.Needs, Mentions(p.Can)))
	case p.State == rollback.NameProposed:
		parts = append(parts, fmt.Sprintf("%d of %d approvals missing, and nobody who is left can give one.", p.Spec.Needs-have, p.Spec.Needs))
	case p.State == rollback.NameApproved:
		parts = append(parts, fmt.Sprintf("Start it before %s.", Clock(p.Start)))
	case p.StartedBy != "":
		parts = append(parts, fmt.Sprintf("Run by %s.", Mention(p.StartedBy)))
	case !p.State.Open() && p.Why != "":
		parts = append(parts, fmt.Sprintf("%s is %s: %s", p.Spec.Is(), p.State.Words(), Escape(p.Why)))
	case !p.State.Open():
		parts = append(parts, fmt.Sprintf("%s is %s.", p.Spec.Is(), p.State.Words()))
	}
	return strings.Join(parts, "\n")
}

func reviewButtons(p PlanCard) []slack.Block {
	s := p.Stamp()
	switch p.State {
	case rollback.NameProposed:
		all := []*slack.ButtonBlockElement{primary("plan.review", "Review and approve", s), danger("plan.reject", "Reject", s)}
		if len(p.Approvals) > 0 {
			all = append(all, button("plan.unapprove", "Take my approval back", s))
		}
		return buttons("review", append(all, button("plan.withdraw", "Withdraw", s),
			samplesButton(p))...)
	case rollback.NameApproved:
		return buttons("review", primary("plan.run", "Run", s), danger("plan.reject", "Reject", s), button("plan.unapprove", "Take my approval back", s))
	}
	if p.Reviews > 0 {
		return buttons("review", primary("plan.reviewed", "I have looked at it", s))
	}
	return nil
}
