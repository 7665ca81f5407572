package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
)

// What the rooms of plans journal of a run, as far as it is read here.
type (
	runRev     struct{ Ref string }
	runClaimed struct{ Rev runRev }
	runPaused  struct {
		Rev runRev
		Why string
	}
	runResumed struct{ Rev runRev }
)

func (runClaimed) Kind() string { return "run-claimed/1" }
func (runPaused) Kind() string  { return "run-paused/1" }
func (runResumed) Kind() string { return "run-resumed/1" }

func TestARunThatRestsIsCalledToMindUntilItGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV3})
	h.stop(id)
	require.NoError(t, h.Promise(t.Context(), h.by(ana), id, start.Add(24*time.Hour))) // no other reminder falls into it
	ran := func(fact incidents.Fact) {
		require.NoError(t, h.in(h.by(ben), id, func(ctx context.Context, tx pgx.Tx, act journal.Act, _ incidents.Incident, at time.Time) error {
			return journal.Append(ctx, tx, id, act, at, fact)
		}))
	}
	ran(runClaimed{runRev{"R1"}})
	ran(runClaimed{runRev{"R2"}})
	ran(runPaused{runRev{"R1"}, "the source is busy"})
	h.pass(30*time.Minute - time.Second)
	require.Zero(t, h.nag())
	h.pass(time.Second)
	require.Equal(t, 1, h.nag())
	fact := last[incidents.Nagged](h, id)
	require.Equal(t, []incidents.Person{ana, ben}, fact.People, "the lead, and who started it")
	require.Contains(t, fact.Line, "R1 of SNAFU-1 rests since 2026-01-05 12:00 UTC: the source is busy.")
	require.Zero(t, h.nag())
	h.pass(time.Hour)
	require.Equal(t, 1, h.nag(), "each hour")
	ran(runResumed{runRev{"R1"}})
	require.Equal(t, 2, h.nag(), "both hear that it is over")
	h.pass(2 * time.Hour)
	require.Zero(t, h.nag(), "R2 never rested")
}
