package view

import (
	"fmt"

	"github.com/slack-go/slack"

	"snafu/rollback"
)

// RemoveModal asks which cohort is removed, and how many records are meant.
func RemoveModal(s Stamp, cohorts []Option, unit string) slack.ModalViewRequest {
	return modal("remove", "Remove records", "Freeze", s,
		section("Their table marks them as removed; nothing is deleted. Two people approve that as they do any plan, and it can be undone."),
		field("cohort", "Which "+unit+"?", "", false, selectInput("Choose", "", cohorts)),
		expectField("How many "+unit+" do you mean to remove?", false),
		field("why", "Why?", "", false, textInput("", "", true)), saidFields(rollback.Said{}))
}

// expectField asks how many records somebody means.
func expectField(label string, optional bool) []slack.Block {
	return field("expect", label, "If there are more, nothing is frozen.", optional, textInput("", "226", false))
}

// meant is how many records people said they mean, in a line for who approves.
func meant(p PlanCard) (lines []string) {
	if p.Spec.Expect > 0 {
		lines = append(lines, fmt.Sprintf("Meant: at most %s %s.", Number(p.Spec.Expect), Escape(p.Spec.Unit)))
	}
	for i, d := range p.Spec.Decisions {
		if d.Expect > 0 {
			lines = append(lines, fmt.Sprintf("Cohort %d, meant: at most %s %s.", i+1, Number(d.Expect), Escape(p.Spec.Unit)))
		}
	}
	return lines
}

// removes says that a plan marks records as removed.
func removes(s rollback.Spec) bool {
	for _, d := range s.Decisions {
		if d.Kind == rollback.CohortRemove {
			return true
		}
	}
	return false
}
