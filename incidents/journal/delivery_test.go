package journal_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
)

var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

func pending(t testing.TB, db *pgdb.DB, id incidents.ID) []journal.Delivery {
	t.Helper()
	all, err := journal.Pending(t.Context(), db, id)
	require.NoError(t, err)
	return all
}

func TestAnEntryWaitsUntilItsLastStepIsSentOrDead(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 42, "one", "first")
	say(t, db, 42, "two", "second")

	todo := pending(t, db, 42)
	require.Len(t, todo, 2)
	require.False(t, todo[0].Expanded)
	require.Equal(t, "seen/1", todo[0].Entry.Kind)

	steps, err := journal.Expand(t.Context(), db, 42, 1, noon, "post", "card", "announce")
	require.NoError(t, err)
	require.Len(t, steps, 3)
	again, err := journal.Expand(t.Context(), db, 42, 1, noon, "something else")
	require.NoError(t, err)
	require.Equal(t, steps, again)

	ctx := t.Context()
	post, err := journal.Sending(ctx, db, steps[0], noon)
	require.NoError(t, err)
	require.Equal(t, 1, post.Attempt)
	post, err = journal.Sent(ctx, db, post, noon, "C0DATA001", "1767614400.000100")
	require.NoError(t, err)
	require.Equal(t, "1767614400.000100", post.TS)

	card, err := journal.Sending(ctx, db, steps[1], noon)
	require.NoError(t, err)
	card, err = journal.Limited(ctx, db, card, noon, noon.Add(3*time.Second))
	require.NoError(t, err)
	require.Zero(t, card.Attempt)
	require.Equal(t, noon.Add(3*time.Second), card.NextAt)
	card, err = journal.Sending(ctx, db, card, noon)
	require.NoError(t, err)
	card, err = journal.Unknown(ctx, db, card, noon, noon.Add(5*time.Second))
	require.NoError(t, err)
	card, err = journal.Unknown(ctx, db, card, noon, noon.Add(6*time.Second))
	require.NoError(t, err)
	require.Equal(t, 2, card.Checks)
	card, err = journal.Retry(ctx, db, card, noon, noon)
	require.NoError(t, err)
	require.Equal(t, journal.StepWaiting, card.State)

	require.Len(t, pending(t, db, 42), 2)
	require.Equal(t, journal.StepSent, pending(t, db, 42)[0].Steps[0].State)

	card, err = journal.Sending(ctx, db, card, noon)
	require.NoError(t, err)
	_, err = journal.Sent(ctx, db, card, noon, "C0DATA001", "1767614400.000200")
	require.NoError(t, err)
	_, err = journal.Dead(ctx, db, steps[2], noon, "channel_not_found")
	require.NoError(t, err)

	todo = pending(t, db, 42)
	require.Len(t, todo, 1)
	require.Equal(t, int64(2), todo[0].Entry.Seq)
	_, err = journal.Expand(ctx, db, 42, 2, noon)
	require.NoError(t, err)
	require.Empty(t, pending(t, db, 42))
}

func TestAJobGivenUpForDeadCannotUndoItsSuccessor(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 42, "one", "first")
	steps, err := journal.Expand(t.Context(), db, 42, 1, noon, "post")
	require.NoError(t, err)

	dead, err := journal.Sending(t.Context(), db, steps[0], noon)
	require.NoError(t, err)
	_, err = journal.Sending(t.Context(), db, steps[0], noon)
	require.ErrorIs(t, err, journal.ErrStepMoved)

	successor, err := journal.Retry(t.Context(), db, dead, noon, noon)
	require.NoError(t, err)
	successor, err = journal.Sending(t.Context(), db, successor, noon)
	require.NoError(t, err)
	_, err = journal.Retry(t.Context(), db, dead, noon, noon)
	require.ErrorIs(t, err, journal.ErrStepMoved)
	_, err = journal.Sent(t.Context(), db, successor, noon, "C1", "1.1")
	require.NoError(t, err)
}

func TestTheLastLookTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	job := jobs.Job[journal.Deliver]{Args: journal.Deliver{Incident: 42}}
	left, err := journal.Finish(t.Context(), db, job)
	require.NoError(t, err)
	require.Zero(t, left)

	say(t, db, 42, "one", "first")
	left, err = journal.Finish(t.Context(), db, job)
	require.NoError(t, err)
	require.Equal(t, journal.Left{Deliveries: 1}, left)

	steps, err := journal.Expand(t.Context(), db, 42, 1, noon, "post", "card")
	require.NoError(t, err)
	for i, s := range steps {
		_, err = journal.Retry(t.Context(), db, s, noon, noon.Add(time.Duration(i+3)*time.Second))
		require.NoError(t, err)
	}
	left, err = journal.Finish(t.Context(), db, job)
	require.NoError(t, err)
	require.Equal(t, journal.Left{Deliveries: 1, NextAt: noon.Add(3 * time.Second)}, left)
}

// Both traps of unique jobs at once: a job of a finished delivery must not stand
// in the way of the next, and what is appended during the last look must be told.
func TestOfManyDeliveriesNoneIsLeftBehind(t *testing.T) {
	t.Parallel()
	const incidentsMany, each, writers = 8, 60, 4
	db := pgtest.New(t)
	set := jobs.NewSet()
	jobs.Handle(set, func(ctx context.Context, job jobs.Job[journal.Deliver]) error {
		for {
			todo, err := journal.Pending(ctx, db, job.Args.Incident)
			if err != nil {
				return err
			}
			for _, d := range todo {
				if _, err := journal.Expand(ctx, db, d.Entry.Incident, d.Entry.Seq, noon); err != nil {
					return err
				}
			}
			left, err := journal.Finish(ctx, db, job)
			if err != nil || left.Deliveries == 0 {
				return err
			}
		}
	})
	start(t, db, set)

	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range incidentsMany * each / writers {
				n := w + i*writers
				err := lockedSay(t.Context(), db, incidents.ID(1+n%incidentsMany), fmt.Sprint("n:", n))
				if err != nil {
					t.Errorf("append %d: %v", n, err)
				}
			}
		})
	}
	all.Wait()
	idle(t, db)

	var left, told int
	require.NoError(t, db.Pool().QueryRow(t.Context(), `select count(*) filter (where expanded_at is null), count(*) from deliveries`).Scan(&left, &told))
	require.Equal(t, incidentsMany*each, told)
	require.Zero(t, left)
	swept, err := journal.Sweep(t.Context(), db)
	require.NoError(t, err)
	require.Zero(t, swept)
}

func TestTheSweepAsksAgainForWhatHasNoJob(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 42, "one", "first")
	say(t, db, 43, "two", "first")
	_, err := db.Pool().Exec(t.Context(), `delete from river.river_job where args->>'incident' = '42'`)
	require.NoError(t, err)

	swept, err := journal.Sweep(t.Context(), db)
	require.NoError(t, err)
	require.Equal(t, 1, swept)
	swept, err = journal.Sweep(t.Context(), db)
	require.NoError(t, err)
	require.Zero(t, swept)
}

// A rate limit makes the job wait; what happens meanwhile does not wait with it.
func TestANewFactDoesNotWaitBehindASnooze(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	looks := make(chan int, 100)
	set := jobs.NewSet()
	jobs.Handle(set, func(ctx context.Context, job jobs.Job[journal.Deliver]) error {
		left, err := journal.Finish(ctx, db, job)
		if err != nil {
			return err
		}
		looks <- left.Deliveries
		return jobs.Snooze(30 * time.Second)
	})
	start(t, db, set)

	say(t, db, 42, "one", "first")
	require.Equal(t, 1, await(t, looks))
	idle(t, db) // it snoozes
	say(t, db, 42, "two", "second")
	require.Equal(t, 2, await(t, looks))
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

func start(t testing.TB, db *pgdb.DB, set *jobs.Set) {
	t.Helper()
	runner, err := jobs.Start(t.Context(), db.Pool(), set, jobs.Options{TestOnly: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, runner.Stop(context.Background())) })
}

func idle(t testing.TB, db *pgdb.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	require.NoError(t, jobs.Idle(ctx, db.Pool()))
}
