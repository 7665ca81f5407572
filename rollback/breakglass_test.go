package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBreakGlassAndTheRulesOfASourceAreInTheDigest(t *testing.T) {
	spec := leadSpec()
	plain := digestFor(t, spec, leadFreeze())
	spec.BreakGlass = &BreakGlass{Why: "the mailing goes out at five", MaxRows: 2000}
	require.NotEqual(t, plain, digestFor(t, spec, leadFreeze()))
	everyPart(t, spec, leadFreeze())
}

func TestAdversarial26FiveHundredAndOneRecordsAreTooMany(t *testing.T) {
	spec := leadSpec()
	spec.BreakGlass = &BreakGlass{Why: "the mailing goes out at five", MaxRows: 500}
	d, err := NewDraft(spec)
	require.NoError(t, err)
	f := leadFreeze()
	f.Counts = []CohortCount{{1, ClassWrite, 501}}
	f.Writes, f.Rows, f.Export.Rows = 501, 501, 501
	_, err = d.Freeze(f)
	require.Equal(t, "break-glass", code(t, err))
	f.Counts[0].Records, f.Writes, f.Rows, f.Export.Rows = 500, 500, 500, 500
	_, err = d.Freeze(f)
	require.NoError(t, err)
}
