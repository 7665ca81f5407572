package view

import (
	"strings"
	"testing"
	"time"

	"snafu/incidents"
)

// endings are the messages and forms about the end of an incident.
func endings(name string) map[string]any {
	owed := incidents.FollowUps{
		{
			Number: 1, Text: "The clone asks for its choices", Owner: ben, Due: noon.Add(21 * time.Hour), For: incidents.FollowPrevent, Safeguard: name,
			Ticket: name, Checklist: true, Root: name, State: incidents.FollowOpen,
		},
		{Number: 2, Text: name, State: incidents.FollowOpen},
		{Number: 3, Text: name, Owner: chi, Due: noon.Add(-48 * time.Hour), For: incidents.FollowDetect, Safeguard: "An alarm", State: incidents.FollowOpen},
		{Number: 4, Text: name, Safeguard: "x", State: incidents.FollowDone, Checklist: true, Ended: noon, EndedBy: chi.Actor()},
		{Number: 5, Text: name, State: incidents.FollowDropped, Why: name, Ended: noon},
	}
	var many incidents.FollowUps
	for n := range int64(50) {
		f := owed[n%5]
		f.Number = n + 1
		many = append(many, f)
	}
	stamp := Stamp{Incident: 42, Channel: "C0SNAFU0042"}
	return map[string]any{
		"todos": FollowUps(FollowUpsCard{Incident: 42, All: owed, At: noon}), "todos-full": FollowUps(FollowUpsCard{Incident: 42, All: many, At: noon}),
		"modal-todo": FollowUpModal(FollowUpForm{Stamp: stamp}), "modal-todo-change": FollowUpModal(FollowUpForm{Stamp: stamp, FollowUp: owed[0], Due: "2026-03-29"}),
	}
}

func TestWhatIsSaidAtTheEndReadsAsReviewed(t *testing.T) {
	for name, v := range endings("Prospect") {
		t.Run(name, func(t *testing.T) { golden(t, name, v) })
	}
}

func TestNoNameBreaksSlacksLimitsAtTheEnd(t *testing.T) {
	for _, name := range []string{hostile, strings.Repeat("ä", 300), strings.Repeat("<!channel>", 30), "\u202Eabc"} {
		for view, v := range endings(name) {
			t.Run(view, func(t *testing.T) { within(t, v) })
		}
	}
}
