package response_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

func TestASevereIncidentCallsTheRotaAndClimbsUntilSomebodyAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	require.Equal(t, []string{"opened/1", "called/1"}, h.kinds(id))
	called := last[incidents.Called](h, id)
	require.Equal(t, []incidents.Person{ben}, called.People)
	require.Equal(t, []incidents.Person{chi}, called.Next)
	require.Equal(t, start.Add(10*time.Minute), called.Due)
	require.Equal(t, "Calling <@UBEN> (crm-data).", called.Words().String())

	require.Error(t, h.escalate(id), "a step that is not due is asked for again")
	require.Len(t, h.page(id).Steps, 1)

	h.pass(10 * time.Minute)
	require.NoError(t, h.escalate(id))
	next := last[incidents.CalledNext](h, id)
	require.Equal(t, "<@UBEN> did not answer in 10 min. Calling <@UCHI>.", next.Words().String())
	require.Equal(t, []incidents.Person{dev}, next.Next)

	h.pass(2*time.Minute + 41*time.Second)
	require.NoError(t, h.Ack(t.Context(), h.by(chi), id, 0))
	require.Equal(t, "<@UCHI> is on it (12 min 41 s)", last[incidents.CallAnswered](h, id).Words().String())
	p := h.page(id)
	require.Equal(t, incidents.PageAnswered, p.State)
	require.Equal(t, []string{incidents.StepSilent, incidents.StepAnswered}, []string{p.Steps[0].Outcome, p.Steps[1].Outcome})
	require.Equal(t, ana, h.get(id).Lead, "answering does not move the lead")

	h.pass(time.Hour)
	before := len(h.entries(id))
	require.NoError(t, h.escalate(id))
	require.Len(t, h.entries(id), before, "an answered call goes no further")
}

func TestNobodyAnswersAtAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm", Severity: incidents.SEV1})
	for range 3 {
		h.pass(5 * time.Minute)
		require.NoError(t, h.escalate(id))
	}
	require.Equal(t, []string{"opened/1", "called/1", "called-next/1", "called-next/1", "call-unanswered/1"}, h.kinds(id))
	require.Equal(t, "Nobody answered. Fallback: Data hotline, +44 20 7946 0000. Lead <@UANA> told.",
		last[incidents.CallUnanswered](h, id).Words().String())
	require.Equal(t, incidents.PageUnanswered, h.page(id).State)

	require.NoError(t, h.Ack(t.Context(), h.by(ben), id, 0), "late is better than never")
	require.Equal(t, ben, h.page(id).AnsweredBy)
}

func TestAStepIsTakenOnceHoweverOftenItsJobRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	job := jobs.Job[response.Escalate]{Args: response.Escalate{Incident: id, Page: h.page(id).ID, Step: 2}}
	h.pass(10 * time.Minute)
	done := make(chan error, 6)
	for range cap(done) {
		go func() { done <- h.Escalate(context.WithoutCancel(t.Context()), job) }()
	}
	for range cap(done) {
		require.NoError(t, <-done)
	}
	require.Equal(t, []string{"opened/1", "called/1", "called-next/1"}, h.kinds(id))
}

func TestOfTwoAnswersAtOnceOneStopsTheCallAndOneJoins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	done := make(chan error, 2)
	for _, who := range []incidents.Person{ben, chi} {
		go func() { done <- h.Ack(context.WithoutCancel(t.Context()), h.by(who), id, 0) }()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.ElementsMatch(t, []string{"opened/1", "called/1", "call-answered/1", "call-joined/1"}, h.kinds(id))
	p := h.page(id)
	require.ElementsMatch(t, []incidents.Person{ben, chi}, append(p.Joined, p.AnsweredBy))

	refused(t, h.Ack(t.Context(), h.by(ben), id, 0), refusal.KindConflict, "You are on it already")
	require.NoError(t, h.Ack(t.Context(), h.by(dev), id, p.ID), "any responder may join")

	act := h.by(ana)
	require.NoError(t, h.Ack(t.Context(), act, id, 0))
	require.ErrorIs(t, h.Ack(t.Context(), act, id, 0), journal.ErrAlready)
}

func TestAWordFromATelephoneAnswersTheCallThatCameLast(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.open(response.OpenRequest{Title: "Leads were overwritten", System: "crm"})
	require.NoError(t, h.Ack(t.Context(), h.by(ben), h.open(response.OpenRequest{Title: "Mails went out twice", System: "crm"}), 0))
	second := h.open(response.OpenRequest{Title: "Prices are off"})
	require.NoError(t, h.Call(t.Context(), h.by(ana), second, response.Target{Person: chi}, ""))
	h.pass(10 * time.Minute)
	require.NoError(t, h.escalate(first)) // its second step is chi
	act := h.by(chi)
	id, err := h.AckLast(t.Context(), act)
	require.NoError(t, err)
	require.Equal(t, first, id, "the older snafu called last")
	id, err = h.AckLast(t.Context(), act)
	require.ErrorIs(t, err, journal.ErrAlready)
	require.Equal(t, first, id, "what comes again is told what was answered the first time")
	require.Equal(t, incidents.PageCalling, h.page(second).State)

	h.pass(48 * time.Hour)
	id, err = h.AckLast(t.Context(), act)
	require.ErrorIs(t, err, journal.ErrAlready)
	require.Equal(t, first, id, "also where nobody calls any more")
	id, err = h.AckLast(t.Context(), h.by(dev))
	require.NoError(t, err)
	require.Zero(t, id, "nobody called dev")
}

func TestPassingCallsTheNextAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	refused(t, h.Pass(t.Context(), h.by(chi), id, 0, "busy"), refusal.KindForbidden, "<@UBEN>")
	h.pass(time.Minute)
	require.NoError(t, h.Pass(t.Context(), h.by(ben), id, 0, "in a flight"))
	require.Equal(t, []string{"opened/1", "called/1", "call-passed/1", "called-next/1"}, h.kinds(id))
	require.Equal(t, "Calling <@UCHI> (crm-data).", last[incidents.CalledNext](h, id).Words().String())

	h.pass(9 * time.Minute)
	early := jobs.Job[response.Escalate]{Args: response.Escalate{Incident: id, Page: h.page(id).ID, Step: 2}}
	require.NoError(t, h.Escalate(t.Context(), early), "the job of the passed step has nothing to do")
	require.Len(t, h.page(id).Steps, 2)
}

func TestAGapInTheRotaIsSaidAndTheNextIsCalledAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *response.Options) {
		gap, err := rota.New(rota.Rule{
			Name: "crm-data", Zone: "UTC", Anchor: "2026-01-05", Handover: "09:00", Unit: rota.Weekly, Length: 1,
			Members:   []incidents.Person{ben, chi},
			Overrides: []rota.Override{{From: start.Add(-time.Hour), To: start.Add(time.Hour)}},
		})
		require.NoError(t, err)
		o.Rotas = []rota.Rota{gap}
	})
	id := h.open(response.OpenRequest{System: "crm"})
	require.Equal(t, []string{"opened/1", "call-skipped/1", "called/1"}, h.kinds(id))
	require.Equal(t, "Nobody is on call in crm-data now.", last[incidents.CallSkipped](h, id).Why)
	require.Equal(t, []incidents.Person{ben}, last[incidents.Called](h, id).People, "whose turn comes next")
}

func TestASystemWithoutARotaSaysThatNobodyWasCalled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "mail"})
	require.Contains(t, last[incidents.NobodyCalled](h, id).Why, "No rota is set for mail")
	small := h.open(response.OpenRequest{Title: "small", System: "mail", Severity: incidents.SEV3})
	require.Equal(t, []string{"opened/1"}, h.kinds(small), "SEV3 calls nobody by itself")
}

func TestCallingByNameAndByRota(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm", Severity: incidents.SEV3})
	refused(t, h.Call(t.Context(), h.by(ana), id, response.Target{Rota: "nights"}, ""), refusal.KindNotFound, "Known: crm-data")
	refused(t, h.Ack(t.Context(), h.by(ana), id, 0), refusal.KindNotFound, "Nobody is being called")

	require.NoError(t, h.Call(t.Context(), h.by(ana), id, response.Target{Person: chi}, "knows the campaign"))
	require.Equal(t, "Calling <@UCHI>.", last[incidents.Called](h, id).Words().String())
	h.pass(20 * time.Minute)
	require.NoError(t, h.escalate(id))
	require.Equal(t, []incidents.Person{ben}, last[incidents.CalledNext](h, id).People, "then the rota, without who was tried")
	h.pass(20 * time.Minute)
	require.NoError(t, h.escalate(id))
	require.Equal(t, []incidents.Person{dev}, last[incidents.CalledNext](h, id).People)
	require.Equal(t, "admins of crm", last[incidents.CalledNext](h, id).Name)

	require.NoError(t, h.Call(t.Context(), h.by(ana), id, response.Target{}, ""), "the rota of the system")
	refused(t, h.Call(t.Context(), h.by(ana), id, response.Target{Rota: "crm-data"}, ""), refusal.KindConflict, "Already calling <@UBEN>")
}

// The step after is a scheduled job of the same transaction: another process
// does it, with nothing but the rows.
func TestTheNextStepSurvivesTheProcess(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *response.Options) { o.Ladder.SEV2 = 50 * time.Millisecond })
	h.db.Clock = nil
	id := h.open(response.OpenRequest{System: "crm"})

	other, err := response.New(response.Options{DB: h.db, Rotas: h.turns, Sources: h.Sources()})
	require.NoError(t, err)
	set := jobs.NewSet()
	jobs.Handle(set, other.Escalate)
	jobs.Handle(set, func(ctx context.Context, j jobs.Job[journal.Deliver]) error {
		return h.db.InTx(ctx, func(tx pgx.Tx) error { return j.Done(ctx, tx) })
	})
	runner, err := jobs.Start(t.Context(), h.db.Pool(), set, jobs.Options{Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, runner.Stop(context.WithoutCancel(t.Context()))) })
	require.Eventually(t, func() bool { return len(h.page(id).Steps) > 1 }, time.Minute, 20*time.Millisecond)
	steps := h.page(id).Steps
	require.NotEqual(t, steps[0].People, steps[1].People)
}

func TestALostJobIsAskedForAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.open(response.OpenRequest{System: "crm"})
	n, err := h.Overdue(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	h.pass(12 * time.Minute)
	n, err = h.Overdue(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
