//go:build linux

package embedded_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/embedded"
)

func TestAThrowAwayServerAnswersAndLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]embedded.Options{
		"on disk":   {},
		"in memory": {Tmpfs: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said []string
			o.Say = func(s string) { said = append(said, s) }
			srv, err := embedded.Start(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, "off UTC", ask(t, srv.DSN("postgres"), "select current_setting('fsync') || ' ' || current_setting('timezone')"))
			require.Len(t, said, 1)
			require.Regexp(t, `^Postgres \d+(\.\d+|\w+) \(installed\) is up in \d+\.\d s\. It is a throw-away: it ends with this program\.$`, said[0])
			t.Log(said[0])

			// A client that hangs about does not hold up the end.
			conn, err := pgx.Connect(t.Context(), srv.DSN("postgres"))
			require.NoError(t, err)
			began := time.Now()
			require.NoError(t, srv.Stop(t.Context()))
			t.Log("stopped in", time.Since(began))
			require.NoError(t, srv.Stop(t.Context()), "a second stop says the same")
			_ = conn.Close(t.Context())

			<-srv.Gone()
			require.NoDirExists(t, srv.Dir)
			require.Empty(t, at(srv.Dir))
		})
	}
}

func TestABenchmarkGetsADurableServerAndItsOwnSettings(t *testing.T) {
	t.Parallel()
	srv := start(t, embedded.Options{Durable: true, MaxConnections: 17, Settings: map[string]string{"shared_buffers": "16MB"}})
	require.Equal(t, "on on 17 16MB 8GB", ask(t, srv.DSN("postgres"), `select concat_ws(' ', current_setting('fsync'), current_setting('autovacuum'),
		current_setting('max_connections'), current_setting('shared_buffers'), current_setting('max_wal_size'))`))
}

func TestADatabaseNameIsNotReadAsPartOfTheConnectionString(t *testing.T) {
	t.Parallel()
	srv := start(t, embedded.Options{Tmpfs: true})
	conn, err := pgx.Connect(t.Context(), srv.DSN("postgres"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `create database "a b?c=d/e"`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	require.Equal(t, "a b?c=d/e", ask(t, srv.DSN("a b?c=d/e"), "select current_database()"))
}

func TestTheLogHoldsNoStatementAndNoRecord(t *testing.T) {
	t.Parallel()
	srv := start(t, embedded.Options{Tmpfs: true})
	conn, err := pgx.Connect(t.Context(), srv.DSN("postgres"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "create table people (mail text primary key); insert into people values ('ana@example.org'), ('ana@example.org')")
	require.Error(t, err)
	require.NoError(t, conn.Close(t.Context()))
	log, err := os.ReadFile(filepath.Join(srv.Dir, "run", "log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "people_pkey")
	require.NotContains(t, string(log), "ana@example.org")
}

func TestStopSaysHowAServerEnded(t *testing.T) {
	t.Parallel()
	t.Run("a frozen one is killed", func(t *testing.T) {
		t.Parallel()
		srv, err := embedded.Start(t.Context(), embedded.Options{Tmpfs: true})
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(srv.PID, syscall.SIGSTOP))
		inHaste, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorContains(t, srv.Stop(inHaste), "SIGKILL")
		require.ErrorContains(t, srv.Stop(t.Context()), "SIGKILL")
		require.Empty(t, at(srv.Dir))
		require.NoDirExists(t, srv.Dir)
	})
	t.Run("one that crashed is reported", func(t *testing.T) {
		t.Parallel()
		srv, err := embedded.Start(t.Context(), embedded.Options{Tmpfs: true})
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(srv.PID, syscall.SIGKILL))
		<-srv.Gone()
		require.ErrorContains(t, srv.Stop(t.Context()), "had ended before")
		require.NoDirExists(t, srv.Dir)
	})
	t.Run("one without its guard is stopped all the same", func(t *testing.T) {
		t.Parallel()
		srv, err := embedded.Start(t.Context(), embedded.Options{Tmpfs: true})
		require.NoError(t, err)
		guard := guardOf(t, srv.PID)
		require.NoError(t, syscall.Kill(guard, syscall.SIGKILL))
		soon(t, func() bool { return syscall.Kill(guard, 0) != nil }, "the guard is dead")
		require.ErrorContains(t, srv.Stop(t.Context()), "guard")
		require.Empty(t, at(srv.Dir))
		require.NoDirExists(t, srv.Dir)
	})
}

func TestAStartThatIsGivenUpLeavesNothing(t *testing.T) {
	t.Parallel()
	r := newRoom(t, who{uid: os.Geteuid()})
	dir := filepath.Join(r.dir, "kept")
	for _, limit := range []time.Duration{time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		srv, err := embedded.Start(ctx, embedded.Options{Dir: dir})
		cancel()
		if err == nil {
			require.NoError(t, srv.Stop(t.Context()))
			continue
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		soon(t, func() bool { return len(at(dir)) == 0 }, "processes are left")
	}
	srv, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	require.NoError(t, err, "a start cut short does not spoil the folder")
	require.NoError(t, srv.Stop(t.Context()))
}

func start(t *testing.T, o embedded.Options) *embedded.Server {
	t.Helper()
	srv, err := embedded.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Stop(context.Background())) })
	return srv
}
