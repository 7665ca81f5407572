package executor_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// What a batch costs the source in waiting is the number of its messages: begin,
// write, note, commit, and two more where records have to be looked at singly.
func TestABatchIsFourMessagesToItsSourceAndSixWhereSomebodyHasWritten(t *testing.T) {
	t.Parallel()
	s := newShop(t, 120, batches(10))
	w := newWire(t, s.opt.ExecURL)
	s.opt.ExecURL = w.url(t, s.opt.ExecURL)
	s.e = newExecutor(s.db, s.a, s.opt, s.r, s.dir, "test")
	job := s.claimed()
	s.exec(`update shop.item set note = 'call back' where id % 10 = 5 and id > 60`) // one of each later batch
	var before int
	var trips []int
	e := s.executor(func(out source.Writer) source.Writer {
		return &hooked{
			Writer: out, before: func(int64) { before = w.count() },
			after: func(_ int64, _ rollback.Batch, err error) error {
				trips = append(trips, w.count()-before)
				return err
			},
		}
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s", v.Why)
	require.Len(t, trips, 12)
	// The first of each kind also prepares its statements.
	require.LessOrEqual(t, slices.Max(trips[1:6]), 4, "%v", trips)
	require.LessOrEqual(t, slices.Max(trips[7:]), 6, "%v", trips)
	require.Greater(t, slices.Min(trips[7:]), 4, "the wire counts: %v", trips)
}
