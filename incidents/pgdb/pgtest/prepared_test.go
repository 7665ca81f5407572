package pgtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
)

func TestWhatIsPreparedIsMadeOnceAndEachTestChangesItsOwnCopy(t *testing.T) {
	made := 0
	shelf := pgtest.Prepare(func(ctx context.Context, conn *pgx.Conn) error {
		made++
		if made == 1 {
			return errors.New("the first attempt fails")
		}
		_, err := conn.Exec(ctx, `create table shelf as select 'book' as holds`)
		return err
	})
	failed := &attempt{TB: t}
	func() {
		defer func() { _ = recover() }()
		shelf.New(failed)
	}()
	require.True(t, failed.failed)

	one, two := pgtest.Connect(t, shelf.New(t)), pgtest.Connect(t, shelf.New(t))
	_, err := one.Exec(t.Context(), `delete from shelf`)
	require.NoError(t, err)
	var n int
	require.NoError(t, two.QueryRow(t.Context(), `select count(*) from shelf`).Scan(&n))
	require.Equal(t, 1, n)
	require.Equal(t, 2, made)
}

// attempt is a test that may fail.
type attempt struct {
	testing.TB
	failed bool
}

func (a *attempt) Errorf(string, ...any) { a.failed = true }
func (a *attempt) FailNow()              { panic("ended") }
