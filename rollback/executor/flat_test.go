package executor_test

import (
	"context"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
)

// How many records a small and a large plan have, and how much more memory the
// large one may take: the long form has another file.
var (
	flatSmall, flatLarge = 2_000, 20_000
	flatWithin           = int64(2 << 20)
)

// Whatever the size of a plan, the memory of its freeze, its export and its run
// is the same: what is in use is measured at each piece of the export and before
// each batch. No other test may run beside it.
func TestMemoryIsFlatWhateverTheSizeOfAPlan(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	highest(t, 200) // what is made once
	small := highest(t, flatSmall)
	large := highest(t, flatLarge)
	t.Logf("%d records: %d kB, %d records: %d kB", flatSmall, small>>10, flatLarge, large>>10)
	require.LessOrEqual(t, large, small+flatWithin)
}

// The measure must see a plan that is held in memory.
func TestTheMeasureOfMemorySeesWhatIsKept(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	var m measure
	m.look()
	least := m.most
	kept := make([]byte, 2*flatWithin)
	m.look()
	require.Greater(t, m.most, least+flatWithin)
	runtime.KeepAlive(kept)
}

// measure is the most that was in use after a collection.
type measure struct{ most int64 }

func (m *measure) look() {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	m.most = max(m.most, int64(s.HeapInuse)) //nolint:gosec // no machine has as much
}

func highest(t *testing.T, records int) int64 {
	t.Helper()
	s := newShop(t, records, batches(500))
	var m measure
	s.e = s.with(func(w source.Writer) source.Writer { return &measured{w, &m} }, func(*executor.Options) {})
	job := s.claimed()
	require.NoError(t, s.e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.EqualValues(t, records, v.Progress.Counts.Written)
	m.look()
	return m.most
}

type measured struct {
	source.Writer
	m *measure
}

func (w *measured) Freeze(ctx context.Context, d rollback.Draft, staged source.Staged, attempt int64, export io.Writer) (rollback.Freeze, error) {
	return w.Writer.Freeze(ctx, d, staged, attempt, &looking{Writer: export, m: w.m})
}

func (w *measured) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	w.m.look()
	return w.Writer.Apply(ctx, f, s)
}

// looking measures at every so many pieces of the export.
type looking struct {
	io.Writer
	m      *measure
	pieces int
}

func (l *looking) Write(b []byte) (int, error) {
	if l.pieces++; l.pieces%2_000 == 0 {
		l.m.look()
	}
	return l.Writer.Write(b)
}
