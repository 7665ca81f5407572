package bot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATypedCountIsReadAsMeantOrNotAtAll(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int64{
		"1169": 1169, "1,169": 1169, "1.169": 1169, "1 169": 1169, " 1169 ": 1169, "1\u00a0169": 1169, "1\u202f169": 1169,
		"1'169": 1169, "1’169": 1169, "1,16,900": 116900, "1,000,000": 1000000, "0": 0, "007": 7,
	} {
		n, err := number(typed)
		require.NoError(t, err, "%q", typed)
		require.Equal(t, want, n, "%q", typed)
	}
	for _, typed := range []string{
		"", " ", "1169.0", "1169.5", "11,69", "1,1,6,9", "-1169", "+1169", "0x491", "1e3", "١١٦٩", "１１６９", "all", "1169 leads",
		"99999999999999999999999", "1,169.", ",169", "1\u200b169", "1--169", "approve", ":+1:",
	} {
		_, err := number(typed)
		require.Error(t, err, "%q", typed)
	}
}
