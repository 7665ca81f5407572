package view

import (
	"fmt"

	"snafu/incidents"
	"snafu/rollback"
)

// Nag asks one person for what a plan waits for: an approval, or a look at a run
// whose requester was a voice.
func Nag(p PlanCard, title string) Message {
	s, line := p.Stamp(), glassLine(p)
	bs := buttons("nag", primary("plan.reviewed", "I have looked at it", s))
	if p.State == rollback.NameProposed {
		line = fmt.Sprintf("%s by %s waits for %d of %d approvals: %s %s to write. Its counts are void after %s.", p.Spec.Is(), Mention(p.Spec.Author),
			p.Spec.Needs-int64(len(p.Approvals)), p.Spec.Needs, Number(p.Freeze.Writes), Escape(p.unit()), Clock(p.Expires))
		if glass := glassLine(p); glass != "" {
			line += "\n" + glass
		}
		bs = buttons("nag", primary("plan.review", "Review and approve", s), danger("plan.reject", "Reject", s), button("plan.snooze", "In an hour", s))
	}
	return Message{
		Text:   cutMarkup(fmt.Sprintf("%s: %s", p.Spec.Incident, line), maxFallback),
		Blocks: stack(section(line), context(fmt.Sprintf("%s · %s", p.Spec.Incident, Escape(title))), bs),
	}
}

// NagOver stands where a nag stood of which nothing is wanted any more.
func NagOver(id incidents.ID, ref rollback.Ref) Message {
	line := fmt.Sprintf("%s %s: nothing is wanted of you any more.", id, ref)
	return Message{Text: line, Blocks: section(line)}
}

func (p PlanCard) unit() string {
	if p.Spec.Unit == "" {
		return "records"
	}
	return p.Spec.Unit
}

// glassLine says in red that a requester is a voice, before the start and as long
// as somebody is still to look at it.
func glassLine(p PlanCard) string {
	g := p.Spec.BreakGlass
	switch {
	case g == nil:
		return ""
	case p.Reviews > 0:
		return fmt.Sprintf(":red_circle: Break-glass: %s ran on the approval of %s, who asked for it: %s. %d of %d reviews by others are missing.",
			p.Spec.Ref, Mention(p.Spec.Requester), Escape(g.Why), p.Reviews, rollback.BreakGlassReviews)
	case p.StartedBy != "" || !p.State.Open():
		return ""
	}
	return fmt.Sprintf(":red_circle: Break-glass: the approval of %s, who asked for it, counts: %s. Another person approves it too, and two more look at it afterwards.",
		Mention(p.Spec.Requester), Escape(g.Why))
}

// ruleLines are what the source has set about who is a voice.
func ruleLines(p PlanCard) (lines []string) {
	if p.Spec.RequesterCounts {
		lines = append(lines, fmt.Sprintf("Set for %s: who asked for it may be one of the voices.", Escape(p.Spec.Scope.Source)))
	}
	if p.Spec.InvolvedCounts {
		lines = append(lines, fmt.Sprintf("Set for %s: who had a part in the cause may be a voice.", Escape(p.Spec.Scope.Source)))
	}
	return lines
}
