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

func TestAWaiverOfTriageIsStoredAndOpensTheWayForAPlan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Title: "Leads moved", Severity: incidents.SEV3})
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	restoring := func() error {
		return h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, act journal.Act, _ incidents.Incident, at time.Time) error {
			return response.Restoring(ctx, tx, act, id, at)
		})
	}
	require.ErrorContains(t, restoring(), "triage has to say")
	require.ErrorContains(t, h.WaiveTriage(t.Context(), h.by(ben), id, "the vendor will not say"), "Only the lead")
	require.NoError(t, h.WaiveTriage(t.Context(), h.by(ana), id, "the vendor will not say"))
	require.Equal(t, "the vendor will not say", h.get(id).TriageWaived)
	require.NoError(t, restoring())
	require.Equal(t, incidents.PhaseRestoring, h.get(id).Phase())
}
