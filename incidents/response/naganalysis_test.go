package response_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
)

func TestASpentTimeBoxAsksItsOwnerOnceAndThenTheLead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV3})
	require.NoError(t, h.Try(t.Context(), h.by(ben), id, "ask the vendor", ben, 30*time.Minute))
	h.pass(30*time.Minute - time.Second)
	require.Zero(t, h.nag())
	h.pass(time.Second)
	require.Equal(t, 1, h.nag())
	fact := last[incidents.Nagged](h, id)
	require.Equal(t, []incidents.Person{ben}, fact.People)
	require.Contains(t, fact.Line, "O1 was to be tried until 2026-01-05 12:30 UTC: ask the vendor. What came of it?")
	h.pass(15 * time.Minute)
	require.Equal(t, 1, h.nag())
	require.Equal(t, []incidents.Person{ana}, last[incidents.Nagged](h, id).People, "the lead")
	h.pass(40 * time.Minute)
	require.Zero(t, h.nag(), "each of them once")

	require.NoError(t, h.Tried(t.Context(), h.by(ben), id, 1, incidents.TryOutcome{Result: incidents.TryNo}))
	require.Equal(t, 2, h.nag(), "both hear that it is over")
	require.Zero(t, h.nag())
	h.pass(time.Hour - time.Second)
	require.Zero(t, h.nag())
	h.pass(time.Second)
	require.Equal(t, 1, h.nag())
	require.Contains(t, last[incidents.Nagged](h, id).Line, "Nothing is tried about SNAFU-1 since")
	h.pass(30 * time.Minute)
	require.Zero(t, h.nag())
	require.NoError(t, h.Try(t.Context(), h.by(ana), id, "restore the list", ana, 0))
	require.Equal(t, 1, h.nag(), "something is tried again")
}

func TestACauseThatCannotBeStoppedSafelyIsAskedAboutEachHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV3})
	require.NoError(t, h.Promise(t.Context(), h.by(ana), id, start.Add(24*time.Hour))) // no other reminder falls into it
	require.NoError(t, h.Contain(t.Context(), h.by(ben), id, incidents.Containment{How: incidents.Cannot, What: "orders would stop too"}))
	h.pass(time.Hour - time.Second)
	require.Zero(t, h.nag())
	for range 3 {
		h.pass(time.Second)
		require.Equal(t, 1, h.nag())
		require.Zero(t, h.nag())
		h.pass(time.Hour - time.Second)
	}
	require.Contains(t, last[incidents.Nagged](h, id).Line, "orders would stop too. Can it be now?")
	h.stop(id)
	require.Equal(t, 1, h.nag(), "who was told hears that it is over")
	h.pass(time.Hour)
	require.Zero(t, h.nag())
}
