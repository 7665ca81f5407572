package postgres

import (
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// The hundredth batch of a run reads no more than the second: nothing is looked
// for from the beginning. What depends on how full pages are is alike for both:
// each page has room for the new versions of its records, and the ledger holds an
// earlier run already. The first batch also reads catalogues.
func TestALaterBatchReadsNoMoreThanAnEarlierOne(t *testing.T) {
	t.Parallel()
	const size, batches = 50, 100
	s := items(t)
	s.exec(`insert into "my shop".item (id, "Status") select i, 'first' from generate_series(1, $1::int) i`, size*batches)
	s.exec(`insert into "my shop".member (job, item) select 'bad', i from generate_series(1, $1::int) i`, size*batches)
	s.exec(`set test.job = 'bad'`)
	s.exec(`update "my shop".item set "Status" = 'lost'`)
	s.exec(`reset test.job`)
	s.exec(`create index on "my shop".log (item)`)
	s.exec(`insert into snafu.ledger (run, ord, batch, outcome) select 0, i, 1, 1 from generate_series(1, 2000) i`)
	s.exec(`vacuum analyze`)
	s.exec(`alter table "my shop".item set (fillfactor = 40)`)
	s.exec(`vacuum (full, analyze) "my shop".item`)
	plan := spec(s.Scope(), []rollback.Decision{{Pair: pair("first", "lost"), Desired: rollback.One("good")}})
	plan.TouchedAt = rollback.TouchedAt{}
	wr := s.writer()
	running, _, _ := s.running(wr, plan)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	read := map[int64]map[string]int64{}
	for number := int64(1); number <= batches; number++ {
		span := rollback.Span{Number: number, Lo: (number-1)*size + 1, Hi: number * size}
		if number == 2 || number == batches {
			read[number] = s.buffers(wr, fence, span)
		}
		_, err := wr.Apply(t.Context(), fence, span)
		require.NoError(t, err)
	}
	for statement, early := range read[2] {
		require.NotZero(t, early, statement)
		require.LessOrEqual(t, float64(read[batches][statement]), 1.2*float64(early)+2, "%s: %v", statement, read)
	}
}

// buffers are the pages that each statement of a batch reads; the batch is not
// kept.
func (w *world) buffers(wr *Writer, f rollback.Fence, s rollback.Span) map[string]int64 {
	t := w.t
	t.Helper()
	run := f.Run()
	table, err := wr.table(t.Context(), run)
	require.NoError(t, err)
	tx, err := begin(t.Context(), wr.pool, pgx.ReadCommitted, pgx.ReadWrite, statementTimeout, run.Batch.LockTimeout)
	require.NoError(t, err)
	defer rollbackTx(t.Context(), tx)
	_, err = tx.Exec(t.Context(), pinWriter, run.Label, string(run.Ref), "off")
	require.NoError(t, err)
	out := map[string]int64{}
	for _, q := range []struct {
		name, sql string
		args      []any
	}{
		{"lock", table.lockSQL(), []any{run.FreezeID, s.Lo, s.Hi}},
		{"quick", table.quickSQL(run), []any{run.FreezeID, s.Lo, s.Hi, s.Number}},
		{"batch", insertBatch, []any{run.FreezeID, s.Number, s.Lo, s.Hi, rollback.Outcomes{}}},
	} {
		var text string
		require.NoError(t, tx.QueryRow(t.Context(), "explain (analyze, buffers, format json) "+q.sql, q.args...).Scan(&text), q.name)
		var plans []struct {
			Plan struct {
				Hit  int64 `json:"Shared Hit Blocks"`
				Read int64 `json:"Shared Read Blocks"`
			}
		}
		require.NoError(t, json.Unmarshal([]byte(text), &plans))
		out[q.name] = plans[0].Plan.Hit + plans[0].Plan.Read
	}
	return out
}
