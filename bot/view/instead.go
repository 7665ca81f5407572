package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// kept is the one line about a plan that contains records without writing any.
func kept(p PlanCard) string {
	of := p.Spec.Instead
	who := fmt.Sprintf("%s %s", Number(p.Freeze.Listed()), Escape(p.Spec.Unit))
	switch {
	case !of.Switches():
		return fmt.Sprintf("%s: %s are listed · nothing was written, nobody was asked", p.Spec.Is(), who)
	case p.State == rollback.NameFrozen:
		return fmt.Sprintf("%s contains %s when %s is off", p.Spec.Is(), who, Escape(of.Title))
	case p.Freed:
		return fmt.Sprintf("%s: %s are contained no longer: %s was released", p.Spec.Is(), who, Escape(of.Title))
	}
	return fmt.Sprintf("%s: %s are contained while %s is off · nothing was written", p.Spec.Is(), who, Escape(of.Title))
}

// instead says what a plan does that contains records without writing any, what
// it does not do, and where its list lies.
func instead(p PlanCard) []string {
	of := p.Spec.Instead
	if of == nil || !p.Frozen {
		return nil
	}
	lines := []string{"Writes nothing: what is wrong in these records stays until somebody puts it right by hand."}
	if of.Switches() {
		title := Escape(of.Title)
		lines = []string{fmt.Sprintf("Writes nothing. While %s is off it does nothing more with these records; once it is released, it does, and other plans wait again.", title)}
		if p.State == rollback.NameFrozen || p.Freed {
			lines = append(lines, fmt.Sprintf("It is not off now: `/snafu contain switch %s`, by the lead or an approver.", EscapeCode(of.Automation)))
		}
	}
	if n := p.Freeze.Classes().Missing; n > 0 {
		lines = append(lines, fmt.Sprintf("%s more are gone from the table.", Number(n)))
	}
	return append(lines, fmt.Sprintf("For whom they concern: `fixed %s` says where their list lies.", p.Spec.Ref))
}

// insteadButtons hand out the list, and let the lead release those that wait.
func insteadButtons(p PlanCard) []slack.Block {
	var withdraw, waive *slack.ButtonBlockElement
	if p.State == rollback.NameFrozen {
		withdraw = button("plan.withdraw", "Withdraw", p.Stamp())
	}
	if mayWaive(p) {
		waive = button("plan.waive", "Waive", p.Stamp())
	}
	return buttons("plan", button("plan.fixed", "Their list", p.Stamp()), withdraw, waive)
}
