package response_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// lookAfter does the job that looks after the answer of the only call, and says
// whether it wants to come again.
func (h *house) lookAfter(id incidents.ID, answered time.Time) (again bool) {
	h.t.Helper()
	err := h.StillOnIt(context.WithoutCancel(h.t.Context()), jobs.Job[response.StillOnIt]{Args: response.StillOnIt{
		Incident: id, Page: h.page(id).ID, Answer: answered.UnixMicro(),
	}})
	return err != nil
}

func (h *house) answered(severity incidents.Severity) (incidents.ID, time.Time) {
	h.t.Helper()
	id := h.open(response.OpenRequest{System: "crm", Severity: severity})
	h.pass(time.Minute)
	require.NoError(h.t, h.Ack(h.t.Context(), h.by(ben), id, 0))
	return id, h.page(id).AnsweredAt
}

func TestWhoAnsweredAndIsHeardOfNoMoreIsAskedAndThenTheCallGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, answered := h.answered(incidents.SEV1)
	h.pass(29 * time.Minute)
	require.True(t, h.lookAfter(id, answered))
	require.Zero(t, h.page(id).Asked, "half an hour has not passed")
	h.pass(time.Minute)
	require.True(t, h.lookAfter(id, answered))
	asked := last[incidents.CallStillAsked](h, id)
	require.Equal(t, []incidents.Person{ben}, asked.People)
	require.EqualValues(t, 30*60, asked.Silent)
	require.True(t, h.lookAfter(id, answered))
	require.Equal(t, ben, h.page(id).AnsweredBy, "they have five minutes")

	h.pass(5 * time.Minute)
	require.False(t, h.lookAfter(id, answered))
	require.Equal(t, "<@UBEN> was on it and did not answer in 5 min whether that still holds. The call goes on.", last[incidents.CallLapsed](h, id).Words().String())
	p := h.page(id)
	require.Equal(t, incidents.PageCalling, p.State)
	step, _ := p.Step()
	require.Equal(t, []incidents.Person{chi}, step.People, "the next of the ladder")
	require.False(t, h.lookAfter(id, answered), "the same job again changes nothing")
	require.Len(t, h.page(id).Steps, 2)

	h.pass(5 * time.Minute)
	require.NoError(t, h.escalate(id), "and so on, as ever")
	require.Equal(t, []incidents.Person{dev}, last[incidents.CalledNext](h, id).People)
	require.NoError(t, h.Ack(t.Context(), h.by(ben), id, 0), "who comes back is on it again")
	require.Equal(t, ben, h.page(id).AnsweredBy)
}

func TestAWordOrAnyOtherActShowsThatSomebodyIsStillOnIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, answered := h.answered(incidents.SEV1)
	h.pass(30 * time.Minute)
	require.True(t, h.lookAfter(id, answered))
	h.pass(time.Minute)
	require.NoError(t, h.Ack(t.Context(), h.by(ben), id, 0), "the button of the question")
	require.Equal(t, "call-confirmed/1", h.kinds(id)[len(h.kinds(id))-1])
	refused(t, h.Ack(t.Context(), h.by(ben), id, 0), refusal.KindConflict, "You are on it already")
	h.pass(10 * time.Minute)
	require.True(t, h.lookAfter(id, answered))
	require.Equal(t, incidents.PageAnswered, h.page(id).State)

	h.pass(20 * time.Minute)
	require.True(t, h.lookAfter(id, answered))
	require.NotZero(t, h.page(id).Asked, "asked again after another half hour")
	h.pass(time.Minute)
	require.NoError(t, h.Note(t.Context(), h.by(ben), id, "", "the list is weekly-42", time.Time{}))
	h.pass(4 * time.Minute)
	require.True(t, h.lookAfter(id, answered))
	require.Zero(t, h.page(id).Asked, "a note says it as well")
	require.Equal(t, ben, h.page(id).AnsweredBy)
}

func TestNobodyIsAskedWhereItDoesNotMatter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, answered := h.answered(incidents.SEV2)
	h.pass(31 * time.Minute)
	require.True(t, h.lookAfter(id, answered))
	require.Zero(t, h.page(id).Asked, "SEV2 has an hour")
	require.False(t, h.lookAfter(id, answered.Add(-time.Second)), "of another answer")
	h.count(id, 2926)
	h.stop(id)
	h.answer(id, incidents.QuestionStill, incidents.Answer{Choices: []string{incidents.No}})
	require.NoError(t, h.Resolve(t.Context(), h.by(ana), id, "no source to count in"))
	h.pass(2 * time.Hour)
	require.False(t, h.lookAfter(id, answered), "resolved")
}

func TestWhoCannotBeReachedIsPassedOverAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	p := h.page(id)
	require.NoError(t, h.Unreached(t.Context(), id, p.ID, chi, "account_inactive"), "somebody else: nothing changes")
	require.Len(t, h.page(id).Steps, 1)
	for range 2 {
		require.NoError(t, h.Unreached(t.Context(), id, p.ID, ben, "account_inactive"))
	}
	require.Equal(t, []string{"opened/1", "called/1", "call-unreached/1", "called/1"}, h.kinds(id), "once")
	require.Equal(t, "<@UBEN> could not be reached in Slack (account_inactive).", last[incidents.CallUnreached](h, id).Words().String())
	require.Equal(t, []incidents.Person{chi}, last[incidents.Called](h, id).People)
	require.NoError(t, h.Unreached(t.Context(), id, p.ID, chi, "account_inactive"))
	require.NoError(t, h.Unreached(t.Context(), id, p.ID, dev, "account_inactive"))
	unanswered := last[incidents.CallUnanswered](h, id)
	require.Equal(t, "There is nobody left to call. Fallback: Data hotline, +44 20 7946 0000. Lead <@UANA> told.", unanswered.Words().String())
}
