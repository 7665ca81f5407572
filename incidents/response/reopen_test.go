package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// grows does what a count does that finds more.
func (h *house) grows(id incidents.ID, touched int64) {
	h.t.Helper()
	h.pass(time.Minute)
	require.NoError(h.t, h.in(h.by(ana), id, func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
		if err := response.Counted(ctx, tx, act, inc, at, incidents.Recount{
			Source: "crm", Table: "crm.lead", Run: "weekly-42", Touched: touched, At: at,
		}); err != nil {
			return err
		}
		return h.Grown(ctx, tx, act, inc, at)
	}))
}

func (h *house) resolved(req response.OpenRequest) incidents.ID {
	h.t.Helper()
	id := h.open(req)
	h.count(id, 2926)
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	require.NoError(h.t, h.Resolve(h.t.Context(), h.by(ana), id, "no source to count in"))
	return id
}

func TestWhatWasResolvedAtSEV1AndGrowsAgainCallsTheRotaOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.resolved(response.OpenRequest{System: "crm", Severity: incidents.SEV1})
	called := number(h.kinds(id), "called/1")
	h.grows(id, 2930)
	require.Equal(t, called+1, number(h.kinds(id), "called/1"))
	require.Equal(t, []incidents.Person{ben}, last[incidents.Called](h, id).People)
	require.Equal(t, "weekly-42 grows again after it was resolved", last[incidents.Called](h, id).Why)
	require.NoError(t, h.Ack(t.Context(), h.by(ben), id, 0))
	h.grows(id, 2931)
	h.grows(id, 2932)
	require.Equal(t, called+1, number(h.kinds(id), "called/1"), "growth that goes on is no news")

	quiet := func() {
		for range 2 {
			h.count(id, h.get(id).Recount.Touched)
		}
	}
	quiet()
	h.grows(id, 2940)
	require.Equal(t, called+2, number(h.kinds(id), "called/1"), "after it had stopped, it is")
	quiet()
	h.grows(id, 2950)
	require.Equal(t, called+2, number(h.kinds(id), "called/1"), "they are being called already")
	require.Equal(t, 3, number(h.kinds(id), "grew/1"))

	require.NoError(t, h.Reopen(t.Context(), h.by(ben), id, incidents.AgainOccurs, "it grows"))
	require.Equal(t, incidents.PhaseTriage, h.get(id).Phase())
	require.True(t, h.get(id).ResolvedAt.IsZero())
	refused(t, h.Reopen(t.Context(), h.by(ben), id, incidents.AgainOccurs, "it grows"), refusal.KindConflict, "nothing to reopen")
}

func TestGrowthOfWhatWasLessSevereOrIsUnderWayCallsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.resolved(response.OpenRequest{System: "crm", Severity: incidents.SEV2})
	called := number(h.kinds(id), "called/1")
	h.grows(id, 2930)
	require.Equal(t, called, number(h.kinds(id), "called/1"), "SEV2 is told, and nobody is called")

	live := h.open(response.OpenRequest{Title: "Prices", System: "crm", Severity: incidents.SEV1})
	require.NoError(t, h.Ack(t.Context(), h.by(ben), live, 0))
	called = number(h.kinds(live), "called/1")
	h.count(live, 10)
	h.grows(live, 20)
	require.Equal(t, called, number(h.kinds(live), "called/1"), "people are at work on it")

	bare := h.resolved(response.OpenRequest{Title: "Mails", System: "mail", Severity: incidents.SEV1})
	h.grows(bare, 2930)
	require.Contains(t, last[incidents.NobodyCalled](h, bare).Why, "although it grows again")
}
