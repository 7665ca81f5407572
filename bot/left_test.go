package bot

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestWhatARunLeftIsTypedAsCardsShowIt(t *testing.T) {
	for typed, want := range map[string]rollback.Values{
		"MQL / 10":                       {rollback.Text("MQL"), rollback.Text("10")},
		"MQL,10":                         {rollback.Text("MQL"), rollback.Text("10")},
		"MQL, " + typedEmpty:             {rollback.Text("MQL"), rollback.Null()},
		"Lost, for good / " + typedEmpty: {rollback.Text("Lost, for good"), rollback.Null()},
	} {
		require.Equal(t, want, leftTyped(typed, 2), typed)
	}
	require.Equal(t, rollback.One("Lost, for good / ever"), leftTyped("Lost, for good / ever", 1), "a value of one column is never divided")
}
