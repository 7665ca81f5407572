package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestWhoIsErasedAfterTheFreezeGetsNothingBack(t *testing.T) {
	t.Parallel()
	w := empty(t, peopleSQL, person())
	c := backup(t, copySQL)
	w.staged = c.Records(t.Context(), "person", []string{"phone"})
	wr := w.writer()
	running, f, _ := w.running(wr, restore(t, c, rollback.KeepNewer))
	w.exec(`insert into club.erasure values (10), (11); update club.person set phone = null where id = 11`)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	b, err := wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: f.Writes})
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Written: f.Writes - 2, Conflict: 2}, b.Counts)
	require.Equal(t, int64(2), w.number(`select count(*) from club.person where id in (10, 11) and phone is null`))
	require.Equal(t, int64(2), w.number(`select count(*) from snafu.ledger where note = 'erased for good'`))
	report, err := w.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)
}
