package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

const writtenSQL = `select coalesce(sum((counts ->> 'written')::bigint), 0)::bigint from snafu.batches where run = $1`

// bounded refuses a batch with which its run would have written more than people
// said they mean: the sum of all its batches, this one included, in the batch's
// own transaction.
func bounded(ctx context.Context, tx pgx.Tx, run rollback.Run) error {
	most, said := run.Most()
	if !said {
		return nil
	}
	var written int64
	if err := tx.QueryRow(ctx, writtenSQL, run.FreezeID).Scan(&written); err != nil {
		return fmt.Errorf("add up the batches: %w", err)
	}
	if written > most {
		return rollback.RefuseBeyond(run.Ref, most, written)
	}
	return nil
}
