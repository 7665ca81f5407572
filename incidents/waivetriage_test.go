package incidents

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheLeadMayDoWithoutAnswersThatAPlanNeeds(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	i, _, err := Open(1, Opening{Title: "Leads moved", Reporter: "T/ANA"}, at)
	require.NoError(t, err)
	i, _, err = i.Contain("T/ANA", Containment{How: Over}, at)
	require.NoError(t, err)
	i, _, err = i.Answer("T/ANA", QuestionStill, Answer{Choices: []string{No}}, at)
	require.NoError(t, err)
	require.ErrorContains(t, i.Restorable(), "triage has to say: what is the error? what caused it? Answer with /snafu triage. The lead may do without")

	_, _, err = i.WaiveTriage("T/BEN", "the vendor will not say")
	require.ErrorContains(t, err, "Only the lead can waive answers of SNAFU-1")
	_, _, err = i.WaiveTriage("T/ANA", "no")
	require.ErrorContains(t, err, "10 characters or more")
	i, f, err := i.WaiveTriage("T/ANA", "the vendor will not say")
	require.NoError(t, err)
	require.Equal(t, "A plan may be proposed without the answer to: what is the error? what caused it? Waived by <@ANA>: the vendor will not say", f.Words("T/ANA").String())
	require.NoError(t, i.Restorable())
	_, _, err = i.WaiveTriage("T/ANA", "the vendor will not say")
	require.ErrorContains(t, err, "there is nothing to waive")
}
