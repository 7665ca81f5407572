package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// Whoever was away reads from the ledger what a batch said when it was written.
func TestWhatABatchSaysIsWhatTheLedgerSaysOfIt(t *testing.T) {
	t.Parallel()
	s := items(t)
	for _, r := range []struct{ key, was string }{
		{"1", "first"}, {"2", "first"}, {"3", "first"}, {"4", "other"}, {"5", "other"}, {"6", "other"}, {"7", "other"},
	} {
		s.Spoil(r.key, rollback.Text(r.was), lost)
	}
	other := fixing()
	other.Initial, other.Desired = rollback.One("other"), rollback.One("fine")
	sp := spec(s.Scope(), []rollback.Decision{fixing(), other})
	sp.TouchedAt, sp.Guard = rollback.TouchedAt{}, rollback.GuardLaterWriter
	w := s.writer()
	running, _, _ := s.running(w, sp)
	fence, err := w.Take(t.Context(), running, "first")
	require.NoError(t, err)
	s.Change("5", rollback.Text("mine"))
	s.Again("6", lost)
	s.Note("1", "call back")
	said := s.walk(w, fence, 7)
	require.Equal(t, []rollback.CohortOutcomes{
		{Cohort: 1, Outcomes: rollback.Outcomes{Written: 3}},
		{Cohort: 2, Outcomes: rollback.Outcomes{Written: 2, Conflict: 1, ConflictLater: 1}},
	}, said[0].Cohorts)
	kept, err := w.Batches(t.Context(), fence, 0)
	require.NoError(t, err)
	require.Equal(t, kept, said)
}

// The time of a batch is that of the statement and not of the network, also
// where the network is slow.
func TestABatchTakesFourTripsAndTwoMoreWhereSomebodyTouchedARecord(t *testing.T) {
	t.Parallel()
	s := items(t)
	w, _, fence := s.plan(40, rollback.GuardLaterWriter)
	s.Note("35", "call back")
	trips := &counter{}
	cfg, err := pgxpool.ParseConfig(s.opt.ExecURL)
	require.NoError(t, err)
	cfg.ConnConfig.Tracer, cfg.MaxConns = trips, 1
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	w.pool.Close()
	w.pool = pool
	for i, want := range []int{0, 4, 4, 6} { // the first one also learns the statements
		trips.n = 0
		n := int64(i)
		_, err := w.Apply(t.Context(), fence, rollback.Span{Number: n + 1, Lo: 10*n + 1, Hi: 10*n + 10})
		require.NoError(t, err)
		if i == 3 { // so does the first careful one
			require.GreaterOrEqual(t, trips.n, want)
			require.LessOrEqual(t, trips.n, want+2)
		} else if i > 0 {
			require.Equal(t, want, trips.n)
		}
	}
}

// counter counts what is sent and waited for.
type counter struct{ n int }

func (c *counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n++
	return ctx
}
func (*counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *counter) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.n++
	return ctx
}
func (*counter) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*counter) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (c *counter) TracePrepareStart(ctx context.Context, _ *pgx.Conn, _ pgx.TracePrepareStartData) context.Context {
	c.n++
	return ctx
}
func (*counter) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}
