package view

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

// endings are the messages and forms about the end of an incident.
func endings(t *testing.T, name string) map[string]any {
	t.Helper()
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
	over := incident(t, name)
	over = incidents.Load(incidents.Saved{Incident: over, Phase: incidents.PhaseResolved})
	closed := incidents.Load(incidents.Saved{Incident: over, Phase: incidents.PhaseClosed})
	gates := []incidents.Gate{
		{Item: "holds", Number: 1, Name: "nothing is held", Hard: true, Say: name},
		{Item: "quiet", Number: 3, Name: "nothing came back since the last write", Say: "the last write is less than 24 h old.", Until: noon.Add(24 * time.Hour)},
		{Item: "customers", Number: 5, Name: "customers told, or none affected", Met: true},
		{Item: "cause", Number: 6, Name: "root cause known", Say: "x", Waived: true, Why: name, By: ana.Actor()},
	}
	all := []incidents.Gate{gates[2], gates[3]}
	tally := incidents.Tally{Unit: "leads", Wrong: 1188, Fixed: 1169, Kept: 7, Unrestorable: 12}
	right := incidents.Tally{Unit: name, Wrong: 1169, Fixed: 1169}
	var helped []incidents.Person
	for range 15 {
		helped = append(helped, ben)
	}
	stamp := Stamp{Incident: 42, Channel: "C0SNAFU0042"}
	return map[string]any{
		"gate": Gate(GateCard{Incident: over, Gates: gates}), "gate-met": Gate(GateCard{Incident: over, Gates: all}),
		"gate-closed": Gate(GateCard{Incident: closed, Gates: gates}), "gate-reopened": Gate(GateCard{Incident: incident(t, name)}),
		"modal-waive-item": WaiveModal(stamp, gates[1]),
		"closing":          Closing(ClosingCard{Incident: closed, Tally: &right, Helped: []incidents.Person{ana, ben}}),
		"closing-lost":     Closing(ClosingCard{Incident: closed, Tally: &tally, Helped: helped, Waived: []string{name}, Owed: 2}),
		"closing-bare":     Closing(ClosingCard{Incident: closed, Owed: 1}),
		"todos":            FollowUps(FollowUpsCard{Incident: 42, All: owed, At: noon}), "todos-full": FollowUps(FollowUpsCard{Incident: 42, All: many, At: noon}),
		"modal-todo": FollowUpModal(FollowUpForm{Stamp: stamp}), "modal-todo-change": FollowUpModal(FollowUpForm{Stamp: stamp, FollowUp: owed[0], Due: "2026-03-29"}),
	}
}

func TestWhatIsSaidAtTheEndReadsAsReviewed(t *testing.T) {
	for name, v := range endings(t, "Prospect") {
		t.Run(name, func(t *testing.T) { golden(t, name, v) })
	}
}

func TestNoNameBreaksSlacksLimitsAtTheEnd(t *testing.T) {
	for _, name := range []string{hostile, strings.Repeat("ä", 300), strings.Repeat("<!channel>", 30), "\u202Eabc"} {
		for view, v := range endings(t, name) {
			t.Run(view, func(t *testing.T) { within(t, v) })
		}
	}
}

func TestTheCloseDoesNotSayThatAllIsFixedWhereSomeWereLeft(t *testing.T) {
	m := Closing(ClosingCard{Incident: incident(t, "Prospect"), Tally: &incidents.Tally{Unit: "leads", Touched: 10, Wrong: 10, Fixed: 6, Left: 4}})
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	require.Contains(t, string(raw), "6 leads are right again, 4 were left as they are")
	require.NotContains(t, string(raw), "This one was")
}
