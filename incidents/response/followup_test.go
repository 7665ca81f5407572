package response_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
)

func TestWhatWasLearnedOnASystemIsKnownAtTheNextSnafu(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.open(response.OpenRequest{Title: "Leads moved", System: "crm", Severity: incidents.SEV3})
	owe := func(id incidents.ID, safeguard string, checklist, done bool) {
		f, err := h.AddFollowUp(t.Context(), h.by(ana), id, incidents.FollowUp{Text: "x", Safeguard: safeguard, Checklist: checklist, Owner: ben, Due: start.Add(24 * time.Hour)})
		require.NoError(t, err)
		if done {
			require.NoError(t, h.DoneFollowUp(t.Context(), h.by(ben), id, f.Number))
		}
	}
	owe(first, "The clone asks for its choices", false, true)
	h.pass(time.Minute)
	owe(first, "Look at the first ten leads", true, false)
	owe(first, "not done yet", false, false)
	owe(first, "given up", true, false)
	require.NoError(t, h.DropFollowUp(t.Context(), h.by(ana), first, 4, "the tool is gone"))
	hidden := h.open(response.OpenRequest{Title: "Somebody was paid", System: "crm", Severity: incidents.SEV3, Private: true})
	owe(hidden, "what nobody may know", false, true)

	second := h.open(response.OpenRequest{Title: "Leads moved again", System: "crm", Severity: incidents.SEV3})
	said := func(system string, id incidents.ID) (all []string) {
		list, err := h.Learned(t.Context(), system, id, 5)
		require.NoError(t, err)
		for _, f := range list {
			all = append(all, f.Safeguard)
		}
		return all
	}
	require.Equal(t, []string{"The clone asks for its choices"}, said("crm", second))
	require.Empty(t, said("crm", first), "of itself it needs no word")
	require.Empty(t, said("mail", second))
	require.Empty(t, said("", second))
}
