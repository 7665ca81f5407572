package postgres

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Preflight compares the source with what was approved, in one snapshot. It
// writes nothing. It stops at the first difference that makes the next ones
// meaningless: another database has no frozen rows to compare.
func (w *Writer) Preflight(ctx context.Context, r rollback.Running) (rollback.Drift, error) {
	var d rollback.Drift
	tx, err := begin(ctx, w.pool, pgx.RepeatableRead, pgx.ReadOnly, w.opt.Limits.FreezeTimeout, time.Second)
	if err != nil {
		return d, fault("compare with the freeze", err)
	}
	defer rollbackTx(ctx, tx)
	d, err = w.preflight(ctx, tx, r.Run())
	return d, fault("compare with the freeze", err)
}

func (w *Writer) preflight(ctx context.Context, tx pgx.Tx, run rollback.Run) (rollback.Drift, error) {
	d := rollback.Drift{}
	var recovery, present bool
	err := tx.QueryRow(ctx, `select pg_is_in_recovery(), exists (select from snafu.freezes where id = $1)`, run.FreezeID).Scan(&recovery, &present)
	if err != nil {
		return d, fmt.Errorf("look for the freeze: %w", err)
	}
	now, err := target(ctx, tx)
	if err != nil {
		return d, err
	}
	switch d.Target = run.Frozen.Target.Differs(now); {
	case d.Target != "":
		return d, nil
	case recovery:
		d.Target = "it is a standby"
		return d, nil
	case !present:
		d.Target = "the freeze is not in it"
		return d, nil
	}
	t, err := w.opt.resolve(ctx, tx, run.Scope.Table, run.Scope.Set)
	if err != nil {
		return d, err
	}
	t.decl.TouchedAt, t.adds = run.TouchedAt, run.Inserts()
	digest, err := t.rowsDigest(ctx, tx, run.FreezeID)
	if err != nil {
		return d, err
	}
	d.RowsKept = digest == run.Frozen.RowsDigest
	print, err := t.fingerprint(ctx, tx)
	if err != nil {
		return d, err
	}
	if !bytes.Equal(print, run.Frozen.Fingerprint) {
		inv, err := t.inventory(ctx, tx)
		if err != nil {
			return d, err
		}
		d.Schema = changes(run.Frozen, t.rel, inv)
	}
	if !run.Asks(t.decl.Require) {
		d.Schema = append(d.Schema, "it requires something else of a record than when that was frozen")
	}
	if !d.RowsKept || len(d.Schema) > 0 {
		return d, nil
	}
	if len(run.Of) > 0 && run.Undoes == nil {
		return d, w.movedChosen(ctx, tx, t, run, &d)
	}
	return d, t.moved(ctx, tx, run, &d)
}

// movedSQL compares the members with the frozen records. Growth are members
// that were not frozen. Shrink are writes without outcome whose record is gone,
// holds something else, or was written by another since.
const movedSQL = `,
     frozen as (
       select f.ord, f.class, f.key, f.error, f.mark, l.ord is not null as settled
         from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord where f.freeze_id = $5)
select count(*) filter (where frozen.ord is null),
       count(*) filter (where frozen.class = 1 and not settled
                          and (seen.present is not true or seen.current is distinct from %[3]s%[2]s))
  from seen full join frozen on frozen.key = array[%[1]s]`

func (t table) moved(ctx context.Context, tx pgx.Tx, run rollback.Run, d *rollback.Drift) error {
	if run.Undoes != nil {
		return t.movedUndo(ctx, tx, run, d)
	}
	if run.Inserts() {
		return t.movedGone(ctx, tx, run, d)
	}
	if run.Evidence != nil {
		return t.movedEvidence(ctx, tx, run, d)
	}
	more, guard := "", ""
	switch run.Guard {
	case rollback.GuardLaterWriter:
		guard = " or seen.mark::text is distinct from frozen.mark"
	case rollback.GuardTouched:
		more = ", t." + column(run.TouchedAt.Column) + "::text as touched"
		guard = " or seen.touched is distinct from frozen.mark"
	case rollback.GuardAnyChange, rollback.GuardValue:
	}
	scope, err := t.scope(run.Scope, more)
	if err != nil {
		return err
	}
	args := append(t.scopeArgs(run.Scope), run.FreezeID)
	if err := tx.QueryRow(ctx, scope+fmt.Sprintf(movedSQL, t.keyTexts(), guard, t.stored("frozen.error")), args...).Scan(&d.Growth, &d.Shrink); err != nil {
		return t.unreadable("count what moved", err)
	}
	return nil
}
