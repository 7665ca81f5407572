package view

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestACardSaysWhichRecordsAreLeftAlone(t *testing.T) {
	t.Parallel()
	p := plan(rollback.NameProposed, "Prospect")
	require.Empty(t, required(p))
	p.Spec.Require = &rollback.Required{SHA256: "0123456789abcdef", Says: "unsubscribed <since>"}
	require.Contains(t, effects(p), "Each record is asked about as it is written, and left alone if: unsubscribed &lt;since&gt; (predicate `0123456789ab`).")
}
