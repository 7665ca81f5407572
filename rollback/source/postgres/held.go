package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Held counts the records which the run has written and that hold the value
// they should, read afresh on the counting login.
func (r *Reader) Held(ctx context.Context, run rollback.Run) (int64, error) {
	var n int64
	if err := r.replayed(ctx, run); err != nil {
		return 0, err
	}
	err := r.snapshot(ctx, "read back "+run.Label, func(tx pgx.Tx) error {
		t, err := r.opt.resolve(ctx, tx, run.Scope.Table, run.Scope.Set)
		if err != nil {
			return err
		}
		sql := fmt.Sprintf(`
			select count(*) from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
			  cross join lateral (select %[3]s as current from %[1]s t where %[2]s offset 0) as t
			 where l.run = $1 and l.outcome = 1 and t.current is not distinct from %[4]s`, t.name, t.byKey("f"), t.current(), t.stored("f.desired"))
		return tx.QueryRow(ctx, sql, run.FreezeID).Scan(&n)
	})
	return n, err
}
