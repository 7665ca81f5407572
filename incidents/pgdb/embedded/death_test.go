//go:build linux

package embedded_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestTheServerEndsWithItsParentHoweverThatDies(t *testing.T) {
	t.Parallel()
	for _, w := range users(t) {
		t.Run(w.name, func(t *testing.T) {
			r := newRoom(t, w)
			for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
				c := r.run(t, order{Hold: true})
				require.Empty(t, c.Refused)
				require.Equal(t, r.dir, filepath.Dir(c.Dir))
				require.NotEmpty(t, at(c.Dir))

				began := time.Now()
				c.end(sig)
				soon(t, func() bool { return len(at(c.Dir)) == 0 }, "processes are left")
				t.Log(sig, "leaves no process after", time.Since(began).Round(time.Millisecond))
				require.NoDirExists(t, filepath.Join(c.Dir, "data", "base"), "the guard removes the data")
			}
			require.Empty(t, r.run(t, order{}).Refused)
			require.Empty(t, r.folders(t), "the next start leaves no folder")
		})
	}
}

func TestAParentMayBeKilledAtAnyMomentOfTheStart(t *testing.T) {
	t.Parallel()
	for _, w := range users(t) {
		t.Run(w.name, func(t *testing.T) {
			r := newRoom(t, w)
			const moments = 5
			for n := range moments {
				c, _ := r.begin(t, order{Hold: true})
				<-time.After(time.Duration(n) * 500 * time.Millisecond / moments)
				c.end(syscall.SIGKILL)
				soon(t, func() bool { return len(at(r.dir)) == 0 }, "processes are left")
			}
			require.Empty(t, r.run(t, order{}).Refused)
			require.Empty(t, r.folders(t))
		})
	}
}

func TestTheNextStartEndsAServerThatLostParentAndGuard(t *testing.T) {
	t.Parallel()
	for _, w := range users(t) {
		t.Run(w.name, func(t *testing.T) {
			r := newRoom(t, w)
			c := r.run(t, order{Hold: true})
			require.Empty(t, c.Refused)
			require.NoError(t, syscall.Kill(guardOf(t, c.PID), syscall.SIGKILL))
			c.end(syscall.SIGKILL)
			require.Contains(t, at(c.Dir), c.PID, "the server lives on")

			require.Empty(t, r.run(t, order{}).Refused)
			soon(t, func() bool { return len(at(c.Dir)) == 0 }, "processes are left")
			require.Empty(t, r.folders(t))
		})
	}
}

func TestALivingServerIsNotSwept(t *testing.T) {
	t.Parallel()
	r := newRoom(t, users(t)[0])
	c := r.run(t, order{Hold: true})
	require.Empty(t, r.run(t, order{}).Refused)
	conn, err := pgx.Connect(t.Context(), c.DSN)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func TestAPersistentServerIsTakenOverFromADeadOwner(t *testing.T) {
	t.Parallel()
	for _, w := range users(t) {
		t.Run(w.name, func(t *testing.T) {
			r := newRoom(t, w)
			keep := order{Dir: filepath.Join(r.dir, "kept"), Hold: true}
			c := r.run(t, keep)
			require.Empty(t, c.Refused)
			require.Equal(t, "on", ask(t, c.DSN, "show fsync"))
			require.Equal(t, "1", ask(t, c.DSN, "create table said (word text); insert into said values ('kept'); select count(*)::text from said"))

			require.NoError(t, syscall.Kill(guardOf(t, c.PID), syscall.SIGKILL))
			c.end(syscall.SIGKILL)

			next := r.run(t, keep)
			require.Empty(t, next.Refused)
			require.NotEqual(t, c.PID, next.PID)
			require.NotContains(t, at(c.Dir), c.PID)
			require.Equal(t, "kept", ask(t, next.DSN, "select word from said"))
		})
	}
}

// ask runs statements and returns the one text that the last of them yields.
func ask(t *testing.T, dsn, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	last := results[len(results)-1]
	require.Len(t, last.Rows, 1)
	return string(last.Rows[0][0])
}
