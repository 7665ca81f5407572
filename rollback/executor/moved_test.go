package executor_test

import (
	"context"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
)

// copied is the source as a copy of it, made while nobody is connected, as a
// restore from a dump would be: the same tables, the same frozen rows.
func (s *shop) copied() (url string, admin *pgx.Conn) {
	s.t.Helper()
	name := s.text(`select current_database()`)
	server := pgtest.Connect(s.t, pgtest.AdminURL(s.t, s.db))
	_, err := server.Exec(s.t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, name)
	require.NoError(s.t, err)
	require.Eventually(s.t, func() bool {
		_, err := server.Exec(s.t.Context(), `create database `+name+`_copy template `+name)
		return err == nil
	}, time.Minute, 5*time.Millisecond)
	s.t.Cleanup(func() { _, _ = server.Exec(s.t.Context(), `drop database if exists `+name+`_copy with (force)`) })
	s.admin = pgtest.Connect(s.t, s.url)
	return as(s.t, s.opt.ExecURL, name+"_copy"), pgtest.Connect(s.t, as(s.t, s.url, name+"_copy"))
}

func as(t testing.TB, from, database string) string {
	u, err := url.Parse(from)
	require.NoError(t, err)
	u.Path = "/" + database
	return u.String()
}

func (s *shop) text(sql string) (v string) {
	s.t.Helper()
	require.NoError(s.t, s.admin.QueryRow(s.t.Context(), sql).Scan(&v))
	return v
}

func TestAPlanRunsInNoCopyOfItsDatabase(t *testing.T) {
	t.Parallel()
	for name, begun := range map[string]bool{"before the first write": false, "after the first records": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := batches(10)
			b.Canary = 5
			s := newShop(t, 30, b)
			job := s.claimed()
			written := int64(0)
			if begun {
				require.Equal(t, rollback.NamePaused, s.run(job).State)
				job = s.order(job, rollback.OrderContinue)
				written = 5
			}
			opt := s.opt
			var there *pgx.Conn
			opt.ExecURL, there = s.copied()
			e := s.executor(func(source.Writer) source.Writer {
				w, err := openWriter(opt)
				require.NoError(t, err)
				return w
			})
			require.NoError(t, e.Run(t.Context(), jobs.Job[approval.Run]{Args: job, Attempt: 1}))
			v := s.get(job.Plan)
			require.Equal(t, rollback.NameFailed, v.State)
			require.Contains(t, v.Why, "database")
			require.Equal(t, written, v.Progress.Counts.Written)
			var hits, epochs int64
			require.NoError(t, there.QueryRow(t.Context(), `select (select count(*) from shop.item where hits > 0), (select coalesce(max(epoch), 0) from snafu.runs)`).Scan(&hits, &epochs))
			require.Equal(t, written, hits, "nothing is written to the copy")
			require.LessOrEqual(t, epochs, written/5, "nor is it taken")
		})
	}
}

// Somebody else is the owner by the log's account while a batch waits for a
// lock. The batch is given up, not finished late, and the next owner writes it.
func TestAnOwnershipThatIsLostWhileABatchWaitsEndsTheBatch(t *testing.T) {
	t.Parallel()
	b := batches(10)
	b.LockTimeout = 5 * time.Minute
	s := newShop(t, 60, b)
	job := s.claimed()
	tx, err := pgtest.Connect(t, s.url).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `select from shop.item where id = 25 for update`)
	require.NoError(t, err)
	began := time.Now()
	v, err := s.sitting(job, hooked{before: func(number int64) {
		if number == 3 {
			_, err := s.db.Pool().Exec(t.Context(), `update executions set holder = 'other', epoch = epoch + 1, expires_at = now() + interval '1 h'`)
			require.NoError(t, err)
		}
	}})
	require.NoError(t, err, "it is no failure: the other goes on")
	require.Less(t, time.Since(began), 4*time.Minute)
	require.Equal(t, rollback.NameRunning, v.State)
	require.NoError(t, tx.Rollback(t.Context()))
	require.EqualValues(t, 20, s.number(`select count(*) from shop.item where hits > 0`))
	require.Equal(t, rollback.NameRunning, s.run(job).State, "owned by the other")
	require.EqualValues(t, 20, s.number(`select count(*) from shop.item where hits > 0`))

	_, err = s.db.Pool().Exec(t.Context(), `update executions set expires_at = now() - interval '1 s'`)
	require.NoError(t, err)
	lost, err := s.a.Unowned(t.Context())
	require.NoError(t, err)
	require.Len(t, lost, 1)
	v = s.run(lost[0])
	require.Equal(t, rollback.NameDone, v.State, "%s %s", v.Why, v.Waits)
	s.holds(v)
}

// A run that failed while something of ours was away is tried again at a steady
// pace: the next try of a failed job waits ever longer.
func TestARunThatFailedIsTriedAgainAtASteadyPace(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	pace := quick()
	pace.Again = 10 * time.Millisecond
	var tries atomic.Int64
	e := executor.New(executor.Options{
		DB: s.db, Approval: s.a, ExportDir: s.dir, Holder: "steady", Pace: pace,
		Readers: func(string) (source.Reader, error) { return s.r, nil },
		Writers: func(string) (source.Writer, error) {
			w, err := openWriter(s.opt)
			return &hooked{Writer: w, after: func(_ int64, _ rollback.Batch, err error) error {
				if err == nil && tries.Add(1) <= 3 {
					return errKilled
				}
				return err
			}}, err
		},
	})
	set := jobs.NewSet()
	jobs.Handle(set, e.Run)
	runner, err := jobs.Start(t.Context(), s.db.Pool(), set, jobs.Options{TestOnly: true})
	require.NoError(t, err)
	t.Cleanup(func() { _ = runner.Stop(context.WithoutCancel(t.Context())) })
	require.Eventually(t, func() bool { return s.state(job) == string(rollback.NameDone) }, time.Minute, 10*time.Millisecond)
	s.holds(s.get(job.Plan))
	require.EqualValues(t, 3, tries.Load(), "each batch was written once")
}

// One frozen value is altered in the source after two people read it.
func TestFrozenRecordsThatWereAlteredAreNeverWritten(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30, batches(10))
	job := s.claimed()
	s.exec(`update snafu.frozen_rows set desired = array['evil'] where ord = 17`)
	v := s.run(job)
	require.Equal(t, rollback.NameFailed, v.State)
	require.Zero(t, v.Progress.Batches)
	require.Zero(t, s.number(`select count(*) from shop.item where hits > 0`))
	require.Zero(t, s.number(`select count(*) from snafu.batches`))
}
