package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
	"snafu/rollback/source"
)

// The statement of a dead owner ends by its own timeout; taking waits longer.
const (
	statementTimeout = 15 * time.Second
	takeTimeout      = 25 * time.Second
)

const takeSQL = `
	insert into snafu.runs (run, epoch, holder) values ($1, 1, $2)
	on conflict (run) do update set epoch = runs.epoch + 1, holder = excluded.holder
	returning epoch`

// Take makes holder the one owner of the run: it raises the epoch, and waits
// for the statement of a former owner that is still running.
func (w *Writer) Take(ctx context.Context, r rollback.Running, holder string) (rollback.Fence, error) {
	var epoch int64
	err := w.inTx(ctx, takeTimeout, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, takeSQL, r.Freeze().ID, holder).Scan(&epoch)
	})
	if err != nil {
		return rollback.Fence{}, fault("take the run", err)
	}
	w.mark(ctx, r.Freeze().ID)
	return r.Fence(epoch), nil
}

const batchesSQL = `
	select number::bigint, lo, hi, counts, digest, at from snafu.batches where run = $1 and number > $2 order by number`

const outcomesSQL = `
	select outcome::bigint, count(*) from snafu.ledger where run = $1 group by 1`

const lastSQL = `
	select coalesce(max(number), 0)::bigint, coalesce(max(hi), 0) from snafu.batches where run = $1`

// Last says how far the run has come, from the source's own batches.
func (w *Writer) Last(ctx context.Context, f rollback.Fence) (rollback.Progress, error) {
	var p rollback.Progress
	err := w.inTx(ctx, statementTimeout, func(tx pgx.Tx) (err error) {
		id := f.Run().FreezeID
		if err := tx.QueryRow(ctx, lastSQL, id).Scan(&p.Batches, &p.Hi); err != nil {
			return err
		}
		p.Counts, err = outcomes(ctx, tx, id)
		return err
	})
	return p, fault("read the run's batches", err)
}

func outcomes(ctx context.Context, tx pgx.Tx, id int64) (rollback.Outcomes, error) {
	var sum rollback.Outcomes
	rows, err := tx.Query(ctx, outcomesSQL, id)
	if err != nil {
		return sum, fmt.Errorf("count outcomes: %w", err)
	}
	var outcome, n int64
	_, err = pgx.ForEachRow(rows, []any{&outcome, &n}, func() error {
		sum = sum.With(rollback.Outcome(outcome), n)
		return nil
	})
	if err != nil {
		return sum, fmt.Errorf("count outcomes: %w", err)
	}
	return sum, nil
}

// Batches are the committed batches after a number, oldest first.
func (w *Writer) Batches(ctx context.Context, f rollback.Fence, after int64) ([]rollback.Batch, error) {
	var out []rollback.Batch
	err := w.inTx(ctx, statementTimeout, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, batchesSQL, f.Run().FreezeID, after)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Batch, error) {
			var b rollback.Batch
			var counts []byte
			if err := row.Scan(&b.Number, &b.Lo, &b.Hi, &counts, &b.Digest, &b.At); err != nil {
				return b, err
			}
			b.At = b.At.UTC()
			return b, json.Unmarshal(counts, &b.Counts)
		})
		if err != nil {
			return err
		}
		return cohortsOf(ctx, tx, f.Run().FreezeID, after, out)
	})
	return out, fault("read the run's batches", err)
}

// Each ledger row and each frozen row is looked up by its key, also while nobody
// has counted the tables.
const cohortsSQL = `
	select b.number::bigint, f.cohort::bigint, l.outcome::bigint, count(*)
	  from snafu.batches b
	 cross join lateral (select ord, outcome from snafu.ledger where run = $1 and ord >= b.lo and ord <= b.hi and batch = b.number offset 0) as l
	 cross join lateral (select cohort from snafu.frozen_rows where freeze_id = $1 and ord = l.ord offset 0) as f
	 where b.run = $1 and b.number > $2 group by 1, 2, 3 order by 1, 2, 3`

// cohortsOf tells batches, which are all those after a number, by cohort.
func cohortsOf(ctx context.Context, tx pgx.Tx, id, after int64, batches []rollback.Batch) error {
	rows, err := tx.Query(ctx, cohortsSQL, id, after)
	if err != nil {
		return fmt.Errorf("count outcomes by cohort: %w", err)
	}
	var batch, cohort, outcome, n int64
	_, err = pgx.ForEachRow(rows, []any{&batch, &cohort, &outcome, &n}, func() error {
		for i := range batches {
			if b := &batches[i]; b.Number == batch {
				b.Cohorts = rollback.AddCohorts(b.Cohorts, []rollback.CohortOutcomes{
					{Cohort: cohort, Outcomes: rollback.Outcomes{}.With(rollback.Outcome(outcome), n)},
				})
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count outcomes by cohort: %w", err)
	}
	return nil
}

// A span is at most so wide, however few of its records are pending: settling it
// reads all of them, twice.
const widest = 20_000

const pendingSQL = `
	with rest as (
	  select f.ord from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
	   where f.freeze_id = $1 and f.ord > $2 and f.ord <= $3 and l.ord is null order by f.ord limit $4)
	select coalesce(min(ord), 0), coalesce(max(ord) filter (where ord < (select min(ord) from rest) + $5::bigint), 0) from rest`

// Pending is the next span after an ord that holds at most limit records
// without outcome. Its Hi is 0 when there is none. It joins whole sets, since
// right after a run nobody has counted the ledger: a nested loop took the square
// of the records, 0.3 s for 2,000 of them.
func (w *Writer) Pending(ctx context.Context, f rollback.Fence, after, limit int64) (rollback.Span, error) {
	var s rollback.Span
	tx, err := begin(ctx, w.pool, pgx.RepeatableRead, pgx.ReadOnly, statementTimeout, statementTimeout)
	if err != nil {
		return s, fault("find the records without outcome", err)
	}
	defer rollbackTx(ctx, tx)
	err = tx.QueryRow(ctx, pendingSQL, f.Run().FreezeID, after, f.Run().Writes(), limit, widest).Scan(&s.Lo, &s.Hi)
	return s, fault("find the records without outcome", err)
}

// fenceSQL is a statement of its own, so that the next one sees what the last
// owner of the row committed.
const fenceSQL = `select epoch from snafu.runs where run = $1 and epoch = $2 for update`

func fenced(row pgx.Row) error {
	var epoch int64
	err := row.Scan(&epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		return source.ErrTakenOver
	}
	return err
}

func (w *Writer) inTx(ctx context.Context, timeout time.Duration, f func(pgx.Tx) error) error {
	tx, err := begin(ctx, w.pool, pgx.ReadCommitted, pgx.ReadWrite, timeout, timeout)
	if err != nil {
		return err
	}
	defer rollbackTx(ctx, tx)
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}
