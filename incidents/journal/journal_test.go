package journal_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// seen is a fact of the tests.
type seen struct {
	What  string
	Count int64
	Since time.Time
}

func (seen) Kind() string { return "seen/1" }

var ana = incidents.Person("T0DATA001/U0ANA0001").Actor()

// say appends a fact as a use case does: act, instant, entry, one transaction.
func say(t testing.TB, db *pgdb.DB, id incidents.ID, key, what string) {
	t.Helper()
	require.NoError(t, sayErr(t.Context(), db, id, key, what))
}

func sayErr(ctx context.Context, db *pgdb.DB, id incidents.ID, key, what string) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		act := journal.Act{By: ana, Key: key}
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		at, err := db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, id, act, at, seen{What: what, Count: 12345678901234567, Since: at})
	})
}

func entries(t testing.TB, db *pgdb.DB, id incidents.ID) []journal.Entry {
	t.Helper()
	all, err := journal.Entries(t.Context(), db, id, 0)
	require.NoError(t, err)
	return all
}

func TestAFactIsReadBackAsItWasSaid(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 42, "one", "a <b>bold</b> \"claim\" with ü and \u202e")
	say(t, db, 42, "two", "second")

	all := entries(t, db, 42)
	require.Len(t, all, 2)
	require.Equal(t, "SNAFU-42 #1", all[0].Ref())
	require.Equal(t, ana, all[0].Actor)
	require.Equal(t, "one", all[0].ActKey)
	require.Equal(t, "seen/1", all[0].Kind)
	var fact seen
	require.NoError(t, all[0].Into(&fact))
	require.Equal(t, "a <b>bold</b> \"claim\" with ü and \u202e", fact.What)
	require.True(t, fact.Since.Equal(all[0].At))

	later, err := journal.Entries(t.Context(), db, 42, 1)
	require.NoError(t, err)
	require.Len(t, later, 1)
	require.Equal(t, int64(2), later[0].Seq)
}

func TestAnActTakesEffectOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 1, "cmd:1", "first")
	require.ErrorIs(t, sayErr(t.Context(), db, 1, "cmd:1", "again"), journal.ErrAlready)
	require.Len(t, entries(t, db, 1), 1)
}

func TestOfTwentyEqualActsAtOnceOneTakesEffect(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	errs := make([]error, 20)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = sayErr(t.Context(), db, 1, "cmd:1", "once") })
	}
	all.Wait()

	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, journal.ErrAlready)
	}
	require.Equal(t, 1, won)
	require.Len(t, entries(t, db, 1), 1)
}

func TestAnActThatFailsLeavesItsKeyFree(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		require.NoError(t, journal.Take(t.Context(), tx, journal.Act{By: ana, Key: "cmd:1"}))
		return fmt.Errorf("refused")
	})
	require.Error(t, err)
	say(t, db, 1, "cmd:1", "second try")
}

func TestTheHouseChainIsKeptAndNotTold(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var all sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		all.Go(func() { errs[i] = sayErr(t.Context(), db, journal.House, fmt.Sprint("start:", i), "started") })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, entries(t, db, journal.House), 40)
	var n int
	require.NoError(t, db.Pool().QueryRow(t.Context(), `select (select count(*) from deliveries) + (select count(*) from river.river_job)`).Scan(&n))
	require.Zero(t, n)
	requireSound(t, db)
}

// The lock of the incident is what writers take first; here they do without, and
// the condition on the head alone keeps the chain whole.
func TestAdversarial87AThousandEntriesByTwoWritersHaveNoGap(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 7, "begin", "begin")
	var all sync.WaitGroup
	for w := range 2 {
		all.Go(func() {
			for i := range 500 {
				if err := lockedSay(t.Context(), db, 7, fmt.Sprintf("w%d:%d", w, i)); err != nil {
					t.Errorf("writer %d entry %d: %v", w, i, err)
					return
				}
			}
		})
	}
	all.Wait()
	got := entries(t, db, 7)
	require.Len(t, got, 1001)
	for i, e := range got {
		require.Equal(t, int64(i+1), e.Seq)
	}
	requireSound(t, db)
}

// lockedSay locks the row that stands for the incident first, as use cases do.
func lockedSay(ctx context.Context, db *pgdb.DB, id incidents.ID, key string) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from journal_heads where chain = $1 for update`, id); err != nil {
			return err
		}
		at, err := db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, id, journal.Act{By: ana, Key: key}, at, seen{What: key})
	})
}

func TestWritersWithoutALockRunAgainAndLeaveNoGap(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	say(t, db, 7, "begin", "begin")
	var all sync.WaitGroup
	won := make([]int, 4)
	for w := range won {
		all.Go(func() {
			for i := range 25 {
				err := sayErr(t.Context(), db, 7, fmt.Sprintf("w%d:%d", w, i), "x")
				if err == nil {
					won[w]++
				}
			}
		})
	}
	all.Wait()
	require.Len(t, entries(t, db, 7), 1+won[0]+won[1]+won[2]+won[3])
	report, err := journal.Verify(t.Context(), pgtest.Connect(t, pgtest.As(t, db, pgdb.Reader)), journal.VerifyOptions{})
	require.NoError(t, err)
	// Without the incident's lock an instant may run backwards; nothing else may.
	if f := report.Chains[0].Fault; f != nil {
		require.Equal(t, journal.FaultTime, f.Kind)
	}
}
