package jobs_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type count struct {
	Source string `json:"source"`
}

func (count) Kind() string  { return "count" }
func (count) Queue() string { return jobs.Counts }

type slow struct {
	Attempt int `json:"attempt"`
}

func (slow) Kind() string           { return "slow" }
func (slow) Queue() string          { return jobs.Slow }
func (slow) Timeout() time.Duration { return 50 * time.Millisecond }

func add(t testing.TB, db *pgdb.DB, args jobs.Args) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx pgx.Tx) error { return jobs.Add(t.Context(), tx, args) }))
}

func start(t testing.TB, db *pgdb.DB, set *jobs.Set) *jobs.Runner {
	t.Helper()
	runner, err := jobs.Start(t.Context(), db.Pool(), set, jobs.Options{TestOnly: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, runner.Stop(context.WithoutCancel(t.Context()))) })
	return runner
}

func idle(t testing.TB, db *pgdb.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	require.NoError(t, jobs.Idle(ctx, db.Pool()))
}

func await[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		require.FailNow(t, "nothing came within 10 s")
		panic("unreachable")
	}
}

func states(t testing.TB, db *pgdb.DB) map[string]int {
	t.Helper()
	rows, err := db.Pool().Query(t.Context(), `select state::text, count(*) from river.river_job group by state`)
	require.NoError(t, err)
	found := map[string]int{}
	for rows.Next() {
		var state string
		var n int
		require.NoError(t, rows.Scan(&state, &n))
		found[state] = n
	}
	require.NoError(t, rows.Err())
	return found
}

func TestAJobIsDoneAfterItsTransactionCommits(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	done := make(chan string, 10)
	set := jobs.NewSet()
	jobs.Handle(set, func(_ context.Context, j jobs.Job[count]) error {
		done <- j.Args.Source
		return nil
	})
	require.Equal(t, []string{"count"}, set.Kinds())
	start(t, db, set)

	require.Error(t, db.InTx(t.Context(), func(tx pgx.Tx) error {
		require.NoError(t, jobs.Add(t.Context(), tx, count{"rolled back"}))
		return errors.New("refused")
	}))
	add(t, db, count{"crm"})
	require.Equal(t, "crm", await(t, done))
	idle(t, db)
	require.Empty(t, done)
	require.Equal(t, map[string]int{"completed": 1}, states(t, db))
}

func TestAnEqualJobIsAddedOnceWhileItIsUnfinishedAndAgainAfterwards(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, count{"crm"})
	add(t, db, count{"crm"})
	add(t, db, count{"erp"})
	require.Equal(t, map[string]int{"available": 2}, states(t, db))

	var runs atomic.Int64
	set := jobs.NewSet()
	jobs.Handle(set, func(ctx context.Context, j jobs.Job[count]) error {
		runs.Add(1)
		return db.InTx(ctx, func(tx pgx.Tx) error { return j.Done(ctx, tx) })
	})
	start(t, db, set)
	idle(t, db)
	add(t, db, count{"crm"})
	idle(t, db)
	require.Equal(t, int64(3), runs.Load())
}

func TestOnceIsOnceEvenAfterTheJobIsDone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	set := jobs.NewSet()
	var runs atomic.Int64
	jobs.Handle(set, func(context.Context, jobs.Job[count]) error { runs.Add(1); return nil })
	start(t, db, set)
	for range 3 {
		require.NoError(t, db.InTx(t.Context(), func(tx pgx.Tx) error {
			return jobs.AddOnce(t.Context(), tx, count{"tick 2026-01-05T09:55Z"})
		}))
		idle(t, db)
	}
	require.Equal(t, int64(1), runs.Load())
}

func TestDoneCompletesTheJobWithTheChangesOfTheHandler(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	looked, asked := make(chan struct{}), make(chan struct{})
	var runs atomic.Int64
	set := jobs.NewSet()
	jobs.Handle(set, func(ctx context.Context, j jobs.Job[count]) error {
		first := runs.Add(1) == 1
		if err := db.InTx(ctx, func(tx pgx.Tx) error { return j.Done(ctx, tx) }); err != nil {
			return err
		}
		if first { // the job is done, its function still runs
			close(looked)
			<-asked
		}
		return nil
	})
	start(t, db, set)
	add(t, db, count{"crm"})
	await(t, looked)
	add(t, db, count{"crm"})
	close(asked)
	require.Eventually(t, func() bool { return runs.Load() == 2 }, time.Minute, time.Millisecond)
	idle(t, db)
	require.Equal(t, map[string]int{"completed": 2}, states(t, db))
}

func TestAPanicFailsOneJobAndNothingElse(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	done := make(chan int, 10)
	set := jobs.NewSet()
	jobs.Handle(set, func(_ context.Context, j jobs.Job[count]) error {
		if j.Args.Source == "bad" && j.Attempt == 1 {
			panic("nil map")
		}
		done <- j.Attempt
		return nil
	})
	start(t, db, set)
	add(t, db, count{"bad"})
	add(t, db, count{"good"})
	require.Equal(t, 1, await(t, done))
	require.Equal(t, 2, await(t, done), "the next try comes after about a second")
}

func TestASnoozeCountsNoAttempt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	attempts := make(chan int, 10)
	var calls atomic.Int64
	set := jobs.NewSet()
	jobs.Handle(set, func(_ context.Context, j jobs.Job[count]) error {
		attempts <- j.Attempt
		if calls.Add(1) < 3 {
			return jobs.Snooze(time.Millisecond)
		}
		return nil
	})
	start(t, db, set)
	add(t, db, count{"crm"})
	for range 3 {
		require.Equal(t, 1, await(t, attempts))
	}
}

func TestAJobForLaterWaitsAndIsBroughtForward(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	later := func(args jobs.Args, at time.Time) {
		require.NoError(t, db.InTx(t.Context(), func(tx pgx.Tx) error { return jobs.AddAt(t.Context(), tx, args, at) }))
	}
	done := make(chan string, 10)
	set := jobs.NewSet()
	jobs.Handle(set, func(_ context.Context, j jobs.Job[count]) error { done <- j.Args.Source; return nil })
	start(t, db, set)

	later(count{"tomorrow"}, time.Now().Add(24*time.Hour))
	later(count{"overdue"}, time.Now().Add(-time.Hour))
	require.Equal(t, "overdue", await(t, done))
	idle(t, db)
	require.Equal(t, map[string]int{"scheduled": 1, "completed": 1}, states(t, db))

	later(count{"tomorrow"}, time.Now().Add(time.Hour)) // there is one already
	require.Equal(t, 1, states(t, db)["scheduled"])
	add(t, db, count{"tomorrow"})
	require.Equal(t, "tomorrow", await(t, done))
}

func TestEnsureLeavesAWaitingJobAsItIs(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ensure := func() (added bool) {
		require.NoError(t, db.InTx(t.Context(), func(tx pgx.Tx) (err error) {
			added, err = jobs.Ensure(t.Context(), tx, count{"crm"})
			return err
		}))
		return added
	}
	require.True(t, ensure())
	require.False(t, ensure())
}

func TestAKindHasItsOwnTimeout(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ended := make(chan error, 10)
	set := jobs.NewSet()
	jobs.Handle(set, func(ctx context.Context, _ jobs.Job[slow]) error {
		<-ctx.Done()
		ended <- ctx.Err()
		return nil
	})
	start(t, db, set)
	add(t, db, slow{1})
	require.ErrorIs(t, await(t, ended), context.DeadlineExceeded)
}

func TestAKindOfANewerBinaryWaitsForOne(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	done := make(chan struct{}, 1)
	set := jobs.NewSet()
	jobs.Handle(set, func(context.Context, jobs.Job[count]) error { done <- struct{}{}; return nil })
	start(t, db, set)
	add(t, db, slow{1})
	add(t, db, count{"crm"})
	await(t, done)
	var state string
	require.NoError(t, db.Pool().QueryRow(t.Context(), `select state::text from river.river_job where kind = 'slow'`).Scan(&state))
	require.Equal(t, "available", state)
}

func TestStopLetsAJobEndAndTheNextProcessDoesTheRest(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	began, end := make(chan struct{}, 10), make(chan struct{})
	set := jobs.NewSet()
	jobs.Handle(set, func(context.Context, jobs.Job[count]) error {
		began <- struct{}{}
		<-end
		return nil
	})
	runner, err := jobs.Start(t.Context(), db.Pool(), set, jobs.Options{TestOnly: true})
	require.NoError(t, err)
	add(t, db, count{"crm"})
	await(t, began)
	stopped := make(chan error, 1)
	go func() { stopped <- runner.Stop(context.Background()) }()
	close(end)
	require.NoError(t, await(t, stopped))
	add(t, db, count{"erp"})
	require.Equal(t, map[string]int{"completed": 1, "available": 1}, states(t, db))

	start(t, db, set)
	await(t, began)
	idle(t, db)
	require.Equal(t, map[string]int{"completed": 2}, states(t, db))
}

func TestAJobIsPickedUpAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	picked := make(chan time.Time, 200)
	set := jobs.NewSet()
	jobs.Handle(set, func(context.Context, jobs.Job[slow]) error { picked <- time.Now(); return nil })
	start(t, db, set)
	add(t, db, slow{-1})
	await(t, picked)
	idle(t, db)
	// Pairs three milliseconds apart: with River's own pause every second one
	// would wait for the next poll, a second later.
	var late int
	for i := range 10 {
		add(t, db, slow{2 * i})
		time.Sleep(3 * time.Millisecond)
		asked := time.Now()
		add(t, db, slow{2*i + 1})
		await(t, picked)
		if await(t, picked).Sub(asked) > 500*time.Millisecond {
			late++
		}
		idle(t, db)
	}
	require.LessOrEqual(t, late, 2)
}

func TestIdleSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, count{"crm"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := jobs.Idle(ctx, db.Pool())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "count x 1")
}

func TestAJobMadeByHandHasNothingToComplete(t *testing.T) {
	t.Parallel()
	require.NoError(t, jobs.Job[count]{Args: count{"crm"}}.Done(t.Context(), nil))
}
