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

// nag lets the sweep come round once, and returns how many facts came of it.
func (h *house) nag() int {
	h.t.Helper()
	n, err := h.Nags(h.t.Context())
	require.NoError(h.t, err)
	return n
}

// holds switches an automation off, or releases it, as approval does.
func (h *house) holds(id incidents.ID, off bool) {
	h.t.Helper()
	require.NoError(h.t, h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, _ journal.Act, inc incidents.Incident, _ time.Time) error {
		if off {
			return response.Hold(ctx, tx, inc.ID, incidents.OffHold("weekly-sync"))
		}
		return response.Release(ctx, tx, inc.ID, incidents.OffHold("weekly-sync"))
	}))
}

// left is an incident that was resolved while an automation is still off.
func left(t *testing.T, h *house) incidents.ID {
	t.Helper()
	id := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV3})
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	h.holds(id, true)
	require.NoError(t, h.Resolve(t.Context(), h.by(ana), id, "no source to count in"))
	return id
}

func TestWhatIsStillOffAfterADayIsCalledToMindOnceADayAndInTheDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := left(t, h) // on a Monday noon
	h.pass(24*time.Hour - time.Second)
	require.Zero(t, h.nag())
	h.pass(time.Second)
	require.Equal(t, 1, h.nag())
	require.Zero(t, h.nag(), "the sweep that comes again tells nothing")
	fact := last[incidents.Nagged](h, id)
	require.Equal(t, response.NagContainmentOn, fact.Nag)
	require.Equal(t, "weekly-sync", fact.Subject)
	require.Equal(t, []incidents.Person{ana}, fact.People)
	require.Contains(t, fact.Line, "weekly-sync is still switched off, and SNAFU-1 was resolved at 2026-01-05 12:")

	h.pass(11 * time.Hour)
	require.Zero(t, h.nag())
	h.pass(13 * time.Hour) // Wednesday noon
	require.Equal(t, 1, h.nag())
	h.pass(3 * 24 * time.Hour) // Saturday: nobody is told at a weekend
	require.Zero(t, h.nag())
	h.pass(43*time.Hour + 30*time.Minute)
	require.Zero(t, h.nag(), "nor on Monday before eight")
	h.pass(30*time.Minute + time.Minute)
	require.Equal(t, 1, h.nag(), "of all that was missed the newest is told")

	h.holds(id, false)
	require.Equal(t, 1, h.nag(), "who was told hears that it is over")
	require.Equal(t, incidents.NagOver{Nag: response.NagContainmentOn, Subject: "weekly-sync", People: []incidents.Person{ana}}, last[incidents.NagOver](h, id))
	require.Zero(t, h.nag())
}

func TestAtSEV1NobodysRestCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := left(t, h)
	_, err := h.db.Pool().Exec(t.Context(), `update incidents set severity = 1 where id = $1`, int64(id))
	require.NoError(t, err)
	h.pass(5*24*time.Hour + 11*time.Hour) // Saturday night
	require.Equal(t, 1, h.nag())
}
