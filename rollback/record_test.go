package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMaskLeavesNoPersonalValueWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     "",
		"a":                    "…",
		"12345":                "…",
		"+15551234567":         "+…",
		"mary.doe@example.com": "m…@e….com",
		"mary@localhost":       "m…@l…",
		"@":                    "…@…",
		"Müller, Özgür":        "M…",
	} {
		require.Equal(t, want, Mask(text), text)
	}
	require.Equal(t, "…0042", Tail("L-10-0042"))
	require.Equal(t, "42", Tail("42"))
}

func TestTheFirstStepThatDidNotDoWhatWasExpectedIsWhereItBroke(t *testing.T) {
	t.Parallel()
	past := []Change{
		{Old: Text("New"), New: Text("Prospect")},
		{Old: Text("Prospect"), New: Text("MQL"), Ours: true, Run: "weekly-42"},
		{Old: Text("MQL"), New: Text("SQL"), Ours: true, Run: "weekly-42"},
		{Old: Text("SQL"), New: Text("Lost")},
	}
	r := Record{Group: Group{Known: true, Present: true, Initial: One("Prospect"), Error: One("SQL"), Current: One("Lost")}, Past: past}
	undecided := Cohort{Pair: Pair{Initial: One("Prospect"), Error: One("SQL")}}
	for _, s := range r.Walk(undecided) {
		require.Nil(t, s.Expected, "nobody has said what should have happened")
		require.False(t, s.Broke)
	}
	decided := undecided
	decided.Kind, decided.Desired = KindRevert, One("MQL")
	steps := r.Walk(decided)
	require.Nil(t, steps[0].Expected, "before the run all was as it should be")
	require.Equal(t, []bool{false, false, true, false}, []bool{steps[0].Broke, steps[1].Broke, steps[2].Broke, steps[3].Broke})
	require.Equal(t, ClassConflict, r.Class(decided))
	require.Equal(t, ClassUnrecoverable, Record{}.Class(decided))
}
