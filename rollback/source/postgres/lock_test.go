package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Whoever alters the table holds it whole. Not even the first batch, whose
// statements the server has not seen yet, waits longer for it than for a record.
func TestABatchWaitsForAnAlteredTableNoLongerThanForARecord(t *testing.T) {
	t.Parallel()
	s := items(t)
	first, lost, good := rollback.Text("first"), rollback.Text("lost"), rollback.Text("good")
	s.Spoil("1", first, lost)
	d := rollback.Decision{Pair: rollback.Pair{Initial: rollback.Values{first}, Error: rollback.Values{lost}}, Desired: rollback.Values{good}}
	plan := spec(s.Scope(), []rollback.Decision{d})
	plan.TouchedAt = rollback.TouchedAt{}
	running, _, _ := s.running(s.writer(), plan)
	wr := s.writer()
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)

	tx, err := pgtest.Connect(t, s.url).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `alter table "my shop".item add column more int`)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	span := rollback.Span{Number: 1, Lo: 1, Hi: 1}
	_, err = wr.Apply(ctx, fence, span)
	require.NoError(t, ctx.Err(), "it waited for whoever held the table")
	fault, ok := source.AsFault(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "55P03", fault.State)
	require.NoError(t, tx.Rollback(t.Context()))
	b, err := wr.Apply(t.Context(), fence, span)
	require.NoError(t, err)
	require.Equal(t, rollback.Outcomes{Written: 1}, b.Counts)
}
