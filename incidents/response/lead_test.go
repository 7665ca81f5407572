package response_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// leadDue does the job of an offer, and says whether it wants to come again.
func (h *house) leadDue(id incidents.ID, offer int64) (again bool) {
	h.t.Helper()
	return h.LeadDue(context.WithoutCancel(h.t.Context()), jobs.Job[response.LeadDue]{Args: response.LeadDue{Incident: id, Offer: offer}}) != nil
}

func (h *house) offer(id incidents.ID) incidents.LeadOffer {
	h.t.Helper()
	o, _, err := h.LeadOffer(h.t.Context(), id, 0)
	require.NoError(h.t, err)
	return o
}

func TestAnOfferOfTheLeadIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	require.NoError(t, h.OfferLead(ctx, h.by(ana), id, ben, "R1 waits"))
	first := h.offer(id)
	require.NoError(t, h.OfferLead(ctx, h.by(ana), id, chi, ""), "another one takes its place")
	second := h.offer(id)
	refused(t, h.AcceptLead(ctx, h.by(ben), id, first.ID), refusal.KindConflict, "The lead was offered to somebody else since")
	refused(t, h.AskLead(ctx, h.by(dev), id, "", ""), refusal.KindConflict, "<@UANA> has offered the lead to <@UCHI>, who can accept until 12:15 UTC")

	yes := h.by(chi)
	require.NoError(t, h.AcceptLead(ctx, yes, id, second.ID))
	require.ErrorIs(t, h.AcceptLead(ctx, yes, id, second.ID), journal.ErrAlready, "the same press again is no second one")
	refused(t, h.AcceptLead(ctx, h.by(chi), id, second.ID), refusal.KindConflict, "<@UCHI> was given the lead of SNAFU-1 already")
	require.Equal(t, chi, h.get(id).Lead)
	require.Equal(t, []string{"lead-offered/1", "lead-offer-ended/1", "lead-offered/1", "lead-changed/1"}, h.kinds(id)[1:])
	require.False(t, h.leadDue(id, second.ID), "nothing is left to look after")

	require.NoError(t, h.OfferLead(ctx, h.by(chi), id, ana, ""))
	_, err := h.db.Pool().Exec(ctx, `update incidents set phase = 'closed'`)
	require.NoError(t, err)
	refused(t, h.AcceptLead(ctx, h.by(ana), id, 0), refusal.KindConflict, "SNAFU-1 is Closed")
	require.Equal(t, chi, h.get(id).Lead)
}

func TestTwoWhoAnswerAtOnceDoNotBothLead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	require.NoError(t, h.AskLead(t.Context(), h.by(ben), id, "", "ana is away"))
	h.pass(incidents.LeadAskFor)
	yes, take, no := h.by(ana), h.by(ben), h.by(ana)
	var at sync.WaitGroup
	errs := make([]error, 3)
	for n, do := range []func() error{
		func() error { return h.AcceptLead(context.WithoutCancel(t.Context()), yes, id, 0) },
		func() error { return h.TakeLead(context.WithoutCancel(t.Context()), take, id, 0, "", "no answer") },
		func() error { return h.DeclineLead(context.WithoutCancel(t.Context()), no, id, 0) },
	} {
		at.Add(1)
		go func() {
			defer at.Done()
			errs[n] = do()
		}()
	}
	at.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		said, ok := refusal.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, refusal.KindConflict, said.Kind)
	}
	require.Equal(t, 1, done, "%v", errors.Join(errs...))
	led := ben
	if errs[2] == nil {
		led = ana
	}
	require.Equal(t, led, h.get(id).Lead)
}

func TestTimeEndsAnOfferOnceAndALostJobIsMissed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	require.NoError(t, h.AskLead(ctx, h.by(ben), id, "", ""))
	o := h.offer(id)
	require.True(t, h.leadDue(id, o.ID))
	h.pass(incidents.LeadAskFor)
	require.True(t, h.leadDue(id, o.ID))
	require.True(t, h.leadDue(id, o.ID))
	require.Equal(t, ben, last[incidents.LeadUnanswered](h, id).To)
	h.pass(incidents.LeadOfferFor)
	refused(t, h.AcceptLead(ctx, h.by(ana), id, o.ID), refusal.KindConflict, "That offer ran out")
	found, err := h.LeadsDue(ctx)
	require.NoError(t, err)
	require.Zero(t, found)
	h.pass(2 * time.Minute)
	found, err = h.LeadsDue(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, found)
	require.False(t, h.leadDue(id, o.ID))
	require.False(t, h.leadDue(id, o.ID), "the same job again")
	require.Equal(t, []string{"lead-asked/1", "lead-unanswered/1", "lead-offer-ended/1"}, h.kinds(id)[1:])
	require.NoError(t, h.AskLead(ctx, h.by(ben), id, "the account is deactivated", ""), "it can be asked again")
	require.NoError(t, h.TakeLead(ctx, h.by(ben), id, 0, "the account is deactivated", "ana has left"))
	require.Equal(t, ben, h.get(id).Lead)
}

func TestALeadWhoLeavesTheChannelIsToldOnceAndLeads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	for range 2 {
		require.NoError(t, h.Left(t.Context(), id, ben))
		require.NoError(t, h.Left(t.Context(), id, ana))
	}
	require.Equal(t, []string{"lead-left/1"}, h.kinds(id)[1:])
	require.Equal(t, ana, h.get(id).Lead)
}

func TestTheBotCannotRewriteWhoWasOfferedTheLead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{Severity: incidents.SEV3})
	require.NoError(t, h.OfferLead(t.Context(), h.by(ana), id, ben, ""))
	for name, sql := range map[string]string{
		"another taker":     `update lead_offers set to_person = 'T1/UCHI'`,
		"a longer life":     `update lead_offers set due_at = 'infinity'`,
		"as if it were not": `delete from lead_offers`,
	} {
		_, err := h.db.Pool().Exec(t.Context(), sql)
		require.Equal(t, "42501", pgdb.State(err), name)
	}
	_, err := h.db.Pool().Exec(t.Context(), `update lead_offers set state = 'taken', ended_at = now(), ended_why = 'x'`)
	require.True(t, pgdb.Broke(err, "lead_offers_taken_with_a_reason"), "nobody takes what was only offered: %v", err)
}
