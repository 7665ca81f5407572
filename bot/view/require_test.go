package view

import (
	"strings"
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

func TestAGroupOfEvidenceIsShortAndNoAddress(t *testing.T) {
	t.Parallel()
	lines := covered(rollback.EvidenceFound{Coverage: []rollback.Coverage{
		{Group: "ann@example.test", Affected: 2, Restorable: 1}, {Group: strings.Repeat("w", 400), Affected: 1, Restorable: 1, Held: true},
	}})
	require.Equal(t, "(address) 1 of 2 (50.0 %) · "+strings.Repeat("w", 59)+"… 1 of 1 (100.0 %), stays contained", lines[1])
}
