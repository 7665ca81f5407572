package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Ledger streams the ledger of a run in ord order, with the export columns as
// they are now.
func (r *Reader) Ledger(ctx context.Context, run rollback.Run, each func(rollback.LedgerRow) error) error {
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
			select l.ord, f.cohort::bigint, f.key, l.outcome::bigint, f.error, f.desired, l.seen, %s, l.batch::bigint, b.at, coalesce(l.note, '')
			  from snafu.ledger l
			  join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
			  join snafu.batches b on b.run = l.run and b.number = l.batch
			  left join %s t on %s
			 where l.run = $1 order by l.ord`, export, t.name, t.byKey("f")), run.FreezeID)
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
	var at time.Time
	err := rows.Scan(&out.Ord, &out.Cohort, &key, &outcome, &before, &after, &seen, &export, &out.Batch, &at, &out.Note)
	out.Key, out.Outcome, out.At = key, rollback.Outcome(outcome), at.UTC()
	out.Before, out.After = rollback.FromPointers(before), rollback.FromPointers(after)
	out.Seen, out.Export = rollback.FromPointers(seen), rollback.FromPointers(export)
	return out, err
}
