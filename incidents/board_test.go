package incidents

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestATryIsSpentWhenItsTimeIsOverAndNobodyHasSaidWhatCameOfIt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	b, f, err := Board{}.Add(" restore the list ", "T/BEN", 30*time.Minute, "T/ANA", at)
	require.NoError(t, err)
	require.Equal(t, "restore the list", f.Approach)
	require.False(t, b[0].Spent(at.Add(29*time.Minute)))
	require.True(t, b[0].Spent(at.Add(30*time.Minute)))
	longer, _, err := b.Longer(1, time.Hour, "T/ANA", at.Add(40*time.Minute))
	require.NoError(t, err)
	require.False(t, longer[0].Spent(at.Add(time.Hour)))
	require.True(t, b[0].Spent(at.Add(time.Hour)), "the board before is another one")

	b, f, err = b.Settle(1, TryOutcome{Result: TryPart, Counted: true, Count: 1200, Said: "those with a history"}, "T/BEN", at)
	require.NoError(t, err)
	require.Equal(t, "Options board: O1 works in part: 1,200, those with a history. It was: restore the list", f.Words().String())
	require.False(t, b[0].Spent(at.Add(time.Hour)))
	_, f, err = b.Settle(1, TryOutcome{Result: TryPart, Said: "more of them"}, "T/BEN", at)
	require.NoError(t, err)
	require.Empty(t, f.Words(), "the same result is no news")
	_, _, err = b.Longer(1, time.Hour, "T/BEN", at)
	require.ErrorContains(t, err, "O1 has its result: it works in part.")
}

func TestWhatABoardDoesNotTakeIsSaidWithTheNextStep(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	_, _, err := Board{}.Settle(1, TryOutcome{Result: TryNo}, "T/ANA", at)
	require.ErrorContains(t, err, "Nobody has tried anything yet. Say what you try: /snafu try")
	_, _, err = Board{}.Add("wait", "T/ANA", 48*time.Hour, "T/ANA", at)
	require.ErrorContains(t, err, "1 minute to 24 hours")
	b, _, err := Board{}.Add("wait", "T/ANA", 0, "T/ANA", at)
	require.NoError(t, err)
	require.True(t, b[0].Until.IsZero())
	_, _, err = b.Settle(2, TryOutcome{Result: TryNo}, "T/ANA", at)
	require.ErrorContains(t, err, "there is no O2")
	for range 29 {
		b, _, err = b.Add("wait", "T/ANA", 0, "T/ANA", at)
		require.NoError(t, err)
	}
	_, _, err = b.Add("wait", "T/ANA", 0, "T/ANA", at)
	require.ErrorContains(t, err, "full with 30 lines")
}
