package executor_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// outage is a source that can be away.
type outage struct {
	s     *shop
	away  bool
	stays bool // it does not go away in the second batch
}

func (o *outage) executor(pace executor.Pace, clock *steps) *executor.Executor {
	far := o.s.opt
	far.ExecURL = "postgres://snafu_exec@127.0.0.1:1/nothing"
	return executor.New(executor.Options{
		DB: o.s.db, Approval: o.s.a, ExportDir: o.s.dir, Holder: "far", Pace: pace, Clock: clock.clock(),
		Readers: func(string) (source.Reader, error) { return o.s.r, nil },
		Writers: func(string) (source.Writer, error) {
			opt := o.s.opt
			if o.away {
				opt = far
			}
			w, err := postgres.OpenWriter(context.Background(), opt)
			return &cut{Writer: w, o: o}, err
		},
	})
}

// cut loses its source where it is away.
type cut struct {
	source.Writer
	o *outage
}

func (w *cut) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	if w.o.away {
		return rollback.Batch{}, &source.Fault{Doing: "write a batch", State: "57P01"}
	}
	if s.Number == 2 && !w.o.stays {
		w.o.away = true
		return rollback.Batch{}, &source.Fault{Doing: "write a batch", State: "57P03"}
	}
	return w.Writer.Apply(ctx, f, s)
}

func (w *cut) Take(ctx context.Context, r rollback.Running, holder string) (rollback.Fence, error) {
	if w.o.away {
		return rollback.Fence{}, &source.Fault{Doing: "take the run"}
	}
	return w.Writer.Take(ctx, r, holder)
}

// revival is the job that a pause has asked for.
func (s *shop) revival(job approval.Run) jobs.Job[approval.Revive] {
	s.t.Helper()
	r := approval.Revive{Plan: job.Plan, Revision: job.Revision, Digest: job.Digest}
	require.NoError(s.t, s.db.Pool().QueryRow(s.t.Context(), `select count(*) from orders`).Scan(&r.Turn))
	return jobs.Job[approval.Revive]{Args: r, Attempt: 1}
}

func TestARunGoesOnByItselfOnceWhenItsSourceAnswersAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, 60, batches(10))
	job := s.claimed()
	o, clock := &outage{s: s}, &steps{}
	pace := quick()
	pace.Away, pace.Retry = 0, 0 // the usual ones: 30 s, 100 ms
	e := o.executor(pace, clock)
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v := s.get(job.Plan)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Equal(t, "crm does not answer", v.Waits)
	require.Equal(t, "run-paused/1", s.kinds()[len(s.kinds())-1])
	var tried time.Duration
	for _, d := range clock.waits {
		tried += d
	}
	require.Greater(t, tried, 30*time.Second)
	require.Less(t, tried, 40*time.Second)

	require.ErrorContains(t, e.Revive(t.Context(), s.revival(job)), "Snooze", "it is still away")
	require.Equal(t, rollback.NamePaused, s.get(job.Plan).State)

	o.away = false
	revival := s.revival(job)
	require.NoError(t, e.Revive(t.Context(), revival))
	require.Equal(t, rollback.NameRunning, s.get(job.Plan).State)
	require.Equal(t, "run-revived/1", s.kinds()[len(s.kinds())-1])
	require.NoError(t, e.Revive(t.Context(), revival), "a second job of the same pause finds nothing to do")

	// It is away again; this time a person has to look.
	o.away = true
	require.NoError(t, s.db.Pool().QueryRow(t.Context(), `select count(*) from orders`).Scan(&job.Turn))
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	require.Equal(t, rollback.NamePaused, s.get(job.Plan).State)
	o.away = false
	require.NoError(t, e.Revive(t.Context(), s.revival(job)))
	require.Equal(t, rollback.NamePaused, s.get(job.Plan).State)
	o.stays = true
	job = s.order(job, rollback.OrderResume)
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	v = s.get(job.Plan)
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	s.holds(v)
}

// A source that is back is no reason to write on old approvals, or after a person
// has decided.
func TestARunWhoseSourceIsBackWaitsForAPersonWhereOneHasToLook(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(*shop, approval.Run)
		ends      rollback.StateName
	}{
		"an approver has left": {func(s *shop, _ approval.Run) { s.left = chi }, rollback.NamePaused},
		"the approvals are too old": {func(s *shop, _ approval.Run) {
			s.db.Clock = func() time.Time { return time.Now().Add(9 * time.Hour) }
		}, rollback.NamePaused},
		"somebody has aborted it": {func(s *shop, job approval.Run) { s.order(job, rollback.OrderAbort) }, rollback.NameAborted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 30, batches(10))
			job := s.claimed()
			o := &outage{s: s, away: true}
			e := o.executor(quick(), &steps{})
			require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
			require.Equal(t, rollback.NamePaused, s.get(job.Plan).State)
			revival := s.revival(job)
			o.away = false
			c.meanwhile(s, job)
			require.NoError(t, e.Revive(t.Context(), revival))
			require.Equal(t, c.ends, s.get(job.Plan).State)
			require.Zero(t, s.number(`select count(*) from snafu.batches`))
		})
	}
}

// Slack has to say that the approvers still are what they were. While it does not
// answer, the source is looked for again and again.
func TestARunWhoseSourceIsBackWaitsForSlackToo(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	o := &outage{s: s, away: true}
	e := o.executor(quick(), &steps{})
	require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
	o.away, s.mute = false, true
	revival := s.revival(job)
	require.ErrorContains(t, e.Revive(t.Context(), revival), "Snooze")
	require.Equal(t, rollback.NamePaused, s.get(job.Plan).State)
	s.mute = false
	require.NoError(t, e.Revive(t.Context(), revival))
	require.Equal(t, rollback.NameRunning, s.get(job.Plan).State)
}
