package pgdb_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

func TestALeaseHasOneHolderAtATime(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ana, ben := pgdb.NewLease(db, "metronome", "ana"), pgdb.NewLease(db, "metronome", "ben")

	require.ErrorIs(t, ana.IsLeader(t.Context()), pgdb.ErrNotHolder)
	require.NoError(t, ana.TryRenew(t.Context()))
	require.True(t, ana.Trusted())
	require.NoError(t, ana.IsLeader(t.Context()))
	require.ErrorIs(t, ben.TryRenew(t.Context()), pgdb.ErrNotHolder)
	require.False(t, ben.Trusted())

	require.NoError(t, ana.TryRenew(t.Context()))
	require.Equal(t, int64(1), ana.Epoch(), "a renewal is the same hold")
}

func TestALeaseGivenUpIsTakenAtOnceWithTheNextEpoch(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ana, ben := pgdb.NewLease(db, "metronome", "ana"), pgdb.NewLease(db, "metronome", "ben")
	require.NoError(t, ana.TryRenew(t.Context()))
	require.NoError(t, ana.Release(t.Context()))
	require.False(t, ana.Trusted())
	require.NoError(t, ben.TryRenew(t.Context()))
	require.Equal(t, int64(2), ben.Epoch())
	require.ErrorIs(t, ana.TryRenew(t.Context()), pgdb.ErrNotHolder)
}

func TestALateHolderIsRefusedItsRenewalAndItsWrites(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ana := pgdb.NewLease(db, "metronome", "ana").Shorten(0, time.Hour) // trusts itself too long
	ben := pgdb.NewLease(db, "metronome", "ben")
	require.NoError(t, ana.TryRenew(t.Context()))
	require.NoError(t, ben.TryRenew(t.Context()))

	require.True(t, ana.Trusted())
	fenced := func(l *pgdb.Lease) error {
		return db.InTx(t.Context(), func(tx pgx.Tx) error { return l.Fence(t.Context(), tx) })
	}
	require.ErrorIs(t, fenced(ana), pgdb.ErrNotHolder)
	require.NoError(t, fenced(ben))
	require.ErrorIs(t, ana.TryRenew(t.Context()), pgdb.ErrNotHolder)
	require.False(t, ana.Trusted())
}

func TestWithoutTheDatabaseALeaderStopsTrustingItself(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	other, err := pgdb.Open(t.Context(), pgdb.Options{URL: pgtest.As(t, db, pgdb.App)})
	require.NoError(t, err)
	ana := pgdb.NewLease(other, "metronome", "ana")
	require.NoError(t, ana.TryRenew(t.Context()))
	other.Close()
	require.Error(t, ana.TryRenew(t.Context()))
	require.False(t, ana.Trusted())
	require.Equal(t, int64(1), ana.Epoch(), "it may still be ours")
}

func TestOverManyTakeoversNoEpochIsGivenTwice(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const contenders, rounds = 8, 40
	var mu sync.Mutex
	epochs := map[int64]string{}
	var all sync.WaitGroup
	for c := range contenders {
		all.Go(func() {
			for r := range rounds {
				who := fmt.Sprintf("%d/%d", c, r)
				l := pgdb.NewLease(db, "metronome", who).Shorten(0, time.Hour)
				err := l.TryRenew(t.Context())
				if errors.Is(err, pgdb.ErrNotHolder) {
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", who, err)
					return
				}
				mu.Lock()
				if before, twice := epochs[l.Epoch()]; twice {
					t.Errorf("epoch %d was given to %s and to %s", l.Epoch(), before, who)
				}
				epochs[l.Epoch()] = who
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Greater(t, len(epochs), rounds)
}
