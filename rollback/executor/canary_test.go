package executor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// Somebody undoes one of the first records before they are read back.
func TestFirstRecordsThatDoNotHoldTheirValueAreToldBeforeTheRest(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.Canary = 5
	s := newShop(t, 30, b)
	job := s.claimed()
	v, err := s.sitting(job, hooked{after: func(number int64, _ rollback.Batch, err error) error {
		s.exec(`update shop.item set status = 'mine' where hits = 1 and id in (select min(id) from shop.item where hits = 1)`)
		return err
	}})
	require.NoError(t, err)
	require.Equal(t, rollback.NamePaused, v.State)
	require.True(t, v.Canary)
	require.EqualValues(t, 1, v.Unread)
	require.Contains(t, v.Waits, "5 records are written, but 4 hold the value")
}

// The counting login is away while the first records are to be read back. The run
// waits for it, says so, and does not go round for ever.
func TestFirstRecordsThatCannotBeReadBackMakeTheRunWait(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.Canary = 5
	s := newShop(t, 30, b)
	job := s.claimed()
	far := s.opt
	far.CountURL = "postgres://snafu_count@127.0.0.1:1/nothing"
	reader, err := postgres.OpenReader(t.Context(), far)
	require.NoError(t, err)
	t.Cleanup(reader.Close)
	clock := &steps{}
	e := s.with(nil, func(o *executor.Options) {
		o.Clock = clock.clock()
		o.Readers = func(string) (source.Reader, error) { return reader, nil }
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Equal(t, "crm does not answer", v.Waits)
	v = s.run(s.order(job, rollback.OrderResume))
	require.Equal(t, rollback.NamePaused, v.State)
	require.True(t, v.Canary)
	require.EqualValues(t, 5, v.Progress.Counts.Written)
}

func TestASourceThatMayBeWrittenNoMoreMakesTheRunWait(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	bare := s.opt
	bare.ExecURL = ""
	e := s.with(nil, func(o *executor.Options) {
		o.Writers = func(string) (source.Writer, error) { return openWriter(bare) }
	})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Contains(t, v.Waits, "Source crm is only measured")
	require.Equal(t, rollback.NameDone, s.run(s.order(job, rollback.OrderResume)).State)
}
