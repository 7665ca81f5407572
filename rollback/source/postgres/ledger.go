package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Ledger streams the records a run is to write in ord order, each with its
// outcome and with the export columns as they are now.
func (r *Reader) Ledger(ctx context.Context, run rollback.Run, each func(rollback.LedgerRow) error) error {
	if err := r.replayed(ctx, run); err != nil {
		return err
	}
	return r.snapshot(ctx, "read the ledger of "+run.Label, func(tx pgx.Tx) error {
		t, err := r.opt.resolve(ctx, tx, run.Scope.Table, run.Scope.Set)
		if err != nil {
			return err
		}
		export := "null::text[]"
		if len(t.decl.Export) > 0 {
			export = ""
			for _, name := range t.decl.Export {
				export += ", t." + column(name) + "::text"
			}
			export = "array[" + export[2:] + "]"
		}
		rows, err := tx.Query(ctx, fmt.Sprintf(`
			select f.ord, f.cohort::bigint, f.key, coalesce(l.outcome, 0)::bigint, f.error, f.desired, l.seen, %s, coalesce(l.batch, 0)::bigint, b.at,
			       coalesce(l.note, '')
			  from snafu.frozen_rows f
			  left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
			  left join snafu.batches b on b.run = l.run and b.number = l.batch
			  left join %s t on %s
			 where f.freeze_id = $1 and f.class = 1 order by f.ord`, export, t.name, t.byKey("f")), run.FreezeID)
		if err != nil {
			return fmt.Errorf("read the ledger: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			row, err := ledgerOf(rows)
			if err != nil {
				return fmt.Errorf("read the ledger: %w", err)
			}
			if err := each(row); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("read the ledger: %w", err)
		}
		return nil
	})
}

func ledgerOf(rows pgx.Rows) (rollback.LedgerRow, error) {
	var out rollback.LedgerRow
	var key []string
	var outcome int64
	var before, after, seen, export []*string
	var at *time.Time
	err := rows.Scan(&out.Ord, &out.Cohort, &key, &outcome, &before, &after, &seen, &export, &out.Batch, &at, &out.Note)
	out.Key, out.Outcome = key, rollback.Outcome(outcome)
	if at != nil {
		out.At = at.UTC()
	}
	out.Before, out.After = rollback.FromPointers(before), rollback.FromPointers(after)
	out.Seen, out.Export = rollback.FromPointers(seen), rollback.FromPointers(export)
	return out, err
}
