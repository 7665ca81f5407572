package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/pgdb/pgtest"
)

// A job as a killed process leaves it.
const abandoned = `
	update river.river_job
	set state = 'running', attempt = 1, attempted_at = clock_timestamp(), attempted_by = '{a process that was killed}'`

func tend(t *testing.T, r *jobs.Runner) int64 {
	t.Helper()
	freed, err := r.Tend(t.Context())
	require.NoError(t, err)
	return freed
}

func TestTheJobOfAKilledProcessIsDoneByTheNext(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	add(t, db, count{"crm"})
	_, err := db.Pool().Exec(t.Context(), abandoned)
	require.NoError(t, err)

	done := make(chan string, 1)
	set := jobs.NewSet()
	jobs.Handle(set, func(_ context.Context, j jobs.Job[count]) error { done <- j.Args.Source; return nil })
	r := start(t, db, set)
	require.Zero(t, tend(t, r), "it may be back in a moment")
	r.Later(5 * time.Second)
	require.EqualValues(t, 1, tend(t, r))
	require.Equal(t, "crm", await(t, done))
	idle(t, db)
	require.Zero(t, tend(t, r))
}

func TestTheJobOfALivingProcessIsLeftAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	at, end := make(chan string, 1), make(chan struct{})
	set := jobs.NewSet()
	jobs.Handle(set, func(_ context.Context, j jobs.Job[count]) error {
		at <- j.Args.Source
		<-end
		return nil
	})
	working := start(t, db, set)
	defer close(end)
	add(t, db, count{"crm"})
	require.Equal(t, "crm", await(t, at))

	elsewhere := jobs.NewSet()
	jobs.Handle(elsewhere, func(context.Context, jobs.Job[count]) error { return nil })
	other := start(t, db, elsewhere)
	for range 3 {
		require.Zero(t, tend(t, other))
		other.Later(time.Hour)
	}

	// All sessions end, as they do when the database restarts.
	const endAll = `
		select count(pg_terminate_backend(pid)) from pg_stat_activity
		where datname = current_database() and usename = 'snafu_app'`
	_, err := pgtest.Connect(t, pgtest.AdminURL(t, db)).Exec(t.Context(), endAll)
	require.NoError(t, err)
	present(t, other)
	require.Zero(t, tend(t, other), "missed, and not for long")
	present(t, working)
	other.Later(time.Hour)
	require.Zero(t, tend(t, other))
	require.Equal(t, 1, running(t, db))
}

// present tends until the process has a session again.
func present(t *testing.T, r *jobs.Runner) {
	t.Helper()
	require.Eventually(t, func() bool {
		freed, err := r.Tend(t.Context())
		return err == nil && freed == 0
	}, time.Minute, 10*time.Millisecond)
}

func running(t *testing.T, db *pgdb.DB) (n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return db.Pool().QueryRow(t.Context(), `select count(*) from river.river_job where state = 'running'`).Scan(&n) == nil
	}, time.Minute, 10*time.Millisecond)
	return n
}
