package pgdb_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const addLease = `insert into leases (name, holder, epoch, expires_at) values ($1, $2, 1, now())`

func holderOf(t testing.TB, db *pgdb.DB, name string) (holder string) {
	t.Helper()
	err := db.Pool().QueryRow(t.Context(), `select holder from leases where name = $1`, name).Scan(&holder)
	if !errors.Is(err, pgx.ErrNoRows) {
		require.NoError(t, err)
	}
	return holder
}

func TestAFailureRollsBackAndIsReturnedAsItIs(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	no := errors.New("refused")
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), addLease, "x", "ana")
		require.NoError(t, err)
		return no
	})
	require.ErrorIs(t, err, no)
	require.NotErrorIs(t, err, pgdb.ErrOutcomeUnknown)
	require.Empty(t, holderOf(t, db, "x"))
}

func TestAPanicGivesTheConnectionBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	require.Panics(t, func() {
		_ = db.InTx(t.Context(), func(tx pgx.Tx) error { panic("broken") })
	})
	require.Eventually(t, func() bool { return db.Pool().Stat().AcquiredConns() == 0 }, time.Minute, time.Millisecond)
}

func TestADeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, name := range []string{"a", "b"} {
		_, err := db.Pool().Exec(t.Context(), addLease, name, "ana")
		require.NoError(t, err)
	}
	const bump = `update leases set epoch = epoch + 1 where name = $1`
	var firsts sync.WaitGroup // both hold their first row before they want the other's
	firsts.Add(2)
	crossed := func(one, two string) error {
		once := sync.OnceFunc(func() { firsts.Done(); firsts.Wait() })
		return db.InTx(t.Context(), func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), bump, one); err != nil {
				return err
			}
			once()
			_, err := tx.Exec(t.Context(), bump, two)
			return err
		})
	}
	errs := make([]error, 2)
	var all sync.WaitGroup
	all.Go(func() { errs[0] = crossed("a", "b") })
	all.Go(func() { errs[1] = crossed("b", "a") })
	all.Wait()
	require.NoError(t, errors.Join(errs...))
	var epochs int
	require.NoError(t, db.Pool().QueryRow(t.Context(), `select sum(epoch) from leases`).Scan(&epochs))
	require.Equal(t, 6, epochs)
}

func TestATransactionIsRunAgainThreeTimesAndNoMore(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	runs := 0
	err := db.InTx(t.Context(), func(pgx.Tx) error {
		runs++
		return fmt.Errorf("append journal: %w", pgdb.ErrAgain)
	})
	require.ErrorIs(t, err, pgdb.ErrAgain)
	require.Equal(t, 4, runs)
}

func TestAConstraintThatBreaksAtTheCommitIsAFailure(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	admin := pgtest.Connect(t, pgtest.OwnerURL(t, db))
	_, err := admin.Exec(t.Context(), `alter table snafu.leases add constraint leases_late unique (holder) deferrable initially deferred`)
	require.NoError(t, err)
	err = db.InTx(t.Context(), func(tx pgx.Tx) error {
		for _, name := range []string{"a", "b"} {
			if _, err := tx.Exec(t.Context(), addLease, name, "ana"); err != nil {
				return err
			}
		}
		return nil
	})
	require.True(t, pgdb.Broke(err, "leases_late"), err)
	require.False(t, pgdb.Broke(err, "leases_pkey"))
	require.NotErrorIs(t, err, pgdb.ErrOutcomeUnknown)
	require.Empty(t, holderOf(t, db, "a"))
}

func TestACommitOfAFailedTransactionIsAFailure(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		_, _ = tx.Exec(t.Context(), `select 1/0`)
		return nil
	})
	require.ErrorIs(t, err, pgx.ErrTxCommitRollback)
	require.NotErrorIs(t, err, pgdb.ErrOutcomeUnknown)
}

func TestABackendKilledBeforeTheCommitLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	admin := pgtest.Connect(t, pgtest.AdminURL(t, db))
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), addLease, "x", "ana"); err != nil {
			return err
		}
		pid := tx.Conn().PgConn().PID()
		_, err := admin.Exec(t.Context(), `select pg_terminate_backend($1)`, pid)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			var alive bool
			require.NoError(t, admin.QueryRow(t.Context(), `select exists (select from pg_stat_activity where pid = $1)`, pid).Scan(&alive))
			return !alive
		}, time.Minute, time.Millisecond)
		return nil
	})
	require.ErrorIs(t, err, pgdb.ErrOutcomeUnknown)
	require.True(t, pgdb.Lost(err) || pgdb.State(err) == "57P01", err)
	require.NotEmpty(t, pgdb.Words(err))
}

// The commit reaches the server; its answer never reaches us.
func TestAnAnswerLostOnTheWayIsUnknownAndMayHaveCommitted(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	link := newLink(t, pgtest.As(t, db, pgdb.App))
	far, err := pgdb.Open(t.Context(), pgdb.Options{URL: link.url, MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(func() { link.cut(); far.Close() })

	err = far.InTx(t.Context(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), addLease, "x", "ana")
		link.swallowAnswers()
		return err
	})
	require.ErrorIs(t, err, pgdb.ErrOutcomeUnknown)
	require.Eventually(t, func() bool { return holderOf(t, db, "x") == "ana" }, time.Minute, 5*time.Millisecond)
}

func TestACancelledRequestIsAFailureAndNothingIsSaved(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, addLease, "x", "ana")
		cancel()
		return err
	})
	require.Error(t, err)
	require.NotErrorIs(t, err, pgdb.ErrOutcomeUnknown)
	require.Empty(t, holderOf(t, db, "x"))
}

func TestTheInstantIsReadAfterTheLock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	_, err := db.Pool().Exec(t.Context(), addLease, "x", "ana")
	require.NoError(t, err)
	const lock = `select from leases where name = 'x' for update`

	held, freed := make(chan struct{}), make(chan time.Time, 1)
	var all sync.WaitGroup
	all.Go(func() {
		_ = db.InTx(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), lock)
			close(held)
			var slept any
			_ = tx.QueryRow(t.Context(), `select pg_sleep(0.2)`).Scan(&slept)
			at, _ := db.Now(t.Context(), tx)
			freed <- at
			return err
		})
	})
	<-held
	require.NoError(t, db.InTx(t.Context(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), lock); err != nil {
			return err
		}
		at, err := db.Now(t.Context(), tx)
		require.NoError(t, err)
		require.True(t, at.After(<-freed))
		require.Equal(t, time.UTC, at.Location())
		return nil
	}))
	all.Wait()

	db.Clock = func() time.Time { return time.Date(2026, 1, 5, 9, 55, 0, 123456789, time.FixedZone("", 3600)) }
	at, err := db.Now(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 1, 5, 8, 55, 0, 123456000, time.UTC), at)
}

// link is a connection to the database that can lose what comes back.
type link struct {
	url     string
	cut     func()
	mu      sync.Mutex
	swallow bool
	conns   []net.Conn
}

func (l *link) swallowAnswers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.swallow = true
}

func newLink(t testing.TB, databaseURL string) *link {
	t.Helper()
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	network, address := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		network, address = "unix", dir+"/.s.PGSQL."+u.Query().Get("port")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	q := u.Query()
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = listener.Addr().String(), q.Encode()
	l := &link{url: u.String()}

	var all sync.WaitGroup
	all.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial(network, address)
			if err != nil {
				_ = near.Close()
				return
			}
			l.mu.Lock()
			l.conns = append(l.conns, near, far)
			l.mu.Unlock()
			all.Go(func() { l.carry(far, near, func() bool { return false }) })
			all.Go(func() { l.carry(near, far, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.swallow }) })
		}
	})
	l.cut = sync.OnceFunc(func() {
		_ = listener.Close()
		l.mu.Lock()
		for _, c := range l.conns {
			_ = c.Close()
		}
		l.mu.Unlock()
		all.Wait()
	})
	t.Cleanup(l.cut)
	return l
}

func (l *link) carry(to, from net.Conn, lose func() bool) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && lose() {
			_ = to.Close() // the answer is here, and the link is cut
			return
		}
		if n > 0 {
			_, _ = to.Write(b[:n])
		}
		if err != nil {
			return
		}
	}
}
