package incidents_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
)

func event(t *testing.T, seq int64, f incidents.Fact) incidents.Event {
	t.Helper()
	raw, err := incidents.Encode(f)
	require.NoError(t, err)
	v, err := incidents.Decode(raw)
	require.NoError(t, err)
	return incidents.Event{Seq: seq, At: noon.Add(time.Duration(seq) * time.Minute), By: ana.Actor(), Kind: f.Kind(), Fact: v}
}

func TestAReplayKnowsEachKindOnceAndNoneThatNobodyWrites(t *testing.T) {
	known := incidents.StateKinds()
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(known))), len(known), "one row each")
	var all []string
	for _, f := range incidents.Facts() {
		all = append(all, f.Kind())
	}
	require.Subset(t, all, known)
}

func TestAReplayIsMadeOfTheJournalAlone(t *testing.T) {
	i, facts, err := incidents.Open(42, incidents.Opening{Title: "Leads moved", Reporter: ana, System: "crm", Still: incidents.No}, noon.Add(time.Minute))
	require.NoError(t, err)
	events := []incidents.Event{event(t, 1, facts[0])}
	i, facts, err = i.Contain(ana.Actor(), incidents.Containment{How: incidents.Stopped, What: "the sync"}, noon.Add(2*time.Minute))
	require.NoError(t, err)
	require.Len(t, facts, 2)
	events = append(events, event(t, 2, facts[0]))
	contained := event(t, 3, facts[1])
	contained.At = events[1].At // of one act
	events = append(events, contained, incidents.Event{Seq: 4, Kind: "of-another-room/1"})

	s, err := incidents.Replay(42, events)
	require.NoError(t, err)
	require.Equal(t, incidents.State{Incident: i}.Tidy(), s)
	require.Equal(t, incidents.PhaseContained, s.Incident.Phase())

	other := s
	other.Roles, other.Promise.Told = []incidents.Held{{Person: ben}}, 1
	require.Equal(t, []string{"roles", "promise"}, s.Differs(other))
	require.Empty(t, s.Differs(s))
}

func TestAReplayDoesNotGuessWhatWasErased(t *testing.T) {
	_, err := incidents.Replay(42, []incidents.Event{{Seq: 7, Kind: incidents.Answered{}.Kind()}})
	require.ErrorContains(t, err, "replay SNAFU-42: entry 7 (answered/1) was erased")
	_, err = incidents.Replay(42, []incidents.Event{{Seq: 7, Kind: incidents.KeptOut{}.Kind()}})
	require.NoError(t, err, "that one changes nothing")
}
