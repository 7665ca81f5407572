package response_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
)

// climbed escalates until the call ends, and returns who was called at each step,
// nil for a gap.
func (h *house) climbed(id incidents.ID) (called [][]incidents.Person) {
	h.t.Helper()
	for range 20 {
		p := h.page(id)
		if p.State != incidents.PageCalling {
			for _, s := range p.Steps {
				called = append(called, s.People)
			}
			return called
		}
		step, _ := p.Step()
		h.pass(step.Due.Sub(h.db.Clock()))
		require.NoError(h.t, h.escalate(id))
	}
	require.Fail(h.t, "the ladder has no end")
	return nil
}

func TestALadderOfOnesOwnIsClimbedAgainAsOftenAsItSays(t *testing.T) {
	t.Parallel()
	var asked int
	h := newHouse(t, func(o *response.Options) {
		o.Sources[0].Ladder = &response.Ladder{SEV1: 3 * time.Minute, Repeat: 1, Steps: []response.Step{
			{Kind: response.StepPeople, People: []incidents.Person{ana, chi}}, {Kind: response.StepGroup, Group: "S1"}, {Kind: response.StepOnCall, Rota: "crm-data"},
		}}
		o.Group = func(context.Context, string) ([]incidents.Person, string, error) {
			asked++
			return []incidents.Person{chi, dev}, "crm-admins", nil
		}
	})
	id := h.open(response.OpenRequest{System: "crm", Severity: incidents.SEV1})
	first := h.page(id).Steps[0]
	require.Equal(t, 3*time.Minute, first.Due.Sub(first.At), "its own window")
	require.Equal(t, []incidents.Person{dev}, h.page(id).Next, "who is called together with others is not called twice in a round")
	round := [][]incidents.Person{{ana, chi}, {dev}, {ben}}
	require.Equal(t, append(round, round...), h.climbed(id))
	require.Equal(t, incidents.PageUnanswered, h.page(id).State)
	require.Positive(t, asked)
}

func TestAStepWithNobodyIsSaidAndTheNextFollowsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *response.Options) {
		o.Ladder.Repeat = 2
		o.Ladder.Steps = []response.Step{{Kind: response.StepGroup, Group: "S1"}, {Kind: response.StepPeople, People: []incidents.Person{ana}}}
		o.Group = func(context.Context, string) ([]incidents.Person, string, error) {
			return nil, "", errors.New("Slack is away")
		}
	})
	id := h.open(response.OpenRequest{System: "crm"})
	require.Equal(t, []string{"opened/1", "call-skipped/1", "called/1"}, h.kinds(id))
	require.Equal(t, "Slack does not say who is in the group S1 now.", last[incidents.CallSkipped](h, id).Why)
	require.Len(t, h.climbed(id), 6, "the gap is said in each of three rounds")
}

func TestALadderOfGapsEndsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(o *response.Options) {
		o.Ladder.Repeat = 5
		o.Ladder.Steps = []response.Step{{Kind: response.StepGroup, Group: "S1"}}
		o.Group = func(context.Context, string) ([]incidents.Person, string, error) { return nil, "nobodies", nil }
	})
	id := h.open(response.OpenRequest{System: "crm"})
	require.Equal(t, []string{"opened/1", "call-skipped/1", "call-unanswered/1"}, h.kinds(id), "one gap is said once")
	require.Equal(t, "There is nobody left to call. Fallback: Data hotline, +44 20 7946 0000. Lead <@UANA> told.",
		last[incidents.CallUnanswered](h, id).Words().String())
}

func TestACallThatNobodyAnsweredIsMadeAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.open(response.OpenRequest{System: "crm"})
	first := h.page(id).ID
	require.Error(t, h.CallAgain(t.Context(), h.by(ana), id, first), "they are being called")
	h.climbed(id)
	require.NoError(t, h.CallAgain(t.Context(), h.by(ana), id, first))
	pages, err := h.Pages(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []incidents.PageState{incidents.PageEnded, incidents.PageCalling}, []incidents.PageState{pages[0].State, pages[1].State})
	require.Equal(t, []incidents.Person{ben}, pages[1].Steps[0].People, "from its first step")
	require.Error(t, h.CallAgain(t.Context(), h.by(ana), id, first), "once")
}
