package bench

import (
	"context"
	"errors"
	"fmt"

	"snafu/rollback"
)

// Every record of the plan beside its line in the ledger. A record and its line
// are written in one transaction, so that both carry its number: one that was
// written twice, or by nobody the ledger knows of, does not.
const ledgerSQL = `
	select count(*) filter (where l.ord is not null), count(*) filter (where l.outcome = 1),
	       count(*) filter (where l.outcome = 1 and t.lead_status is distinct from f.desired[1]),
	       count(*) filter (where l.outcome = 1 and t.xmin <> l.xmin),
	       (select count(*) from snafu.ledger o where o.run = $1) - count(l.ord),
	       (select coalesce(sum((counts->>'written')::bigint), 0)::bigint from snafu.batches where run = $1)
	  from snafu.frozen_rows f
	  left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
	  left join snafu_bench.lead_work t on t.id = (f.key[1])::bigint
	 where f.freeze_id = $1 and f.class = 1`

// The table beside what it was: written records hold what they held before the
// run, which the data say and not the plan; nothing else is different.
const elseSQL = `
	with fixed as (select (key[1])::bigint as id from snafu.fixed where run = $1)
	select count(*) filter (where t.id is null or b.id is null),
	       count(*) filter (where (t.email, t.crm_id, t.phone, t.note, t.updated_at) is distinct from (b.email, b.crm_id, b.phone, b.note, b.updated_at)),
	       count(*) filter (where fixed.id is null and t.lead_status is distinct from b.lead_status),
	       count(*) filter (where fixed.id is not null and t.lead_status is distinct from w.lead_status)
	  from snafu_bench.lead_base b full join snafu_bench.lead_work t using (id) left join fixed using (id) left join snafu_bench.wanted w using (id)`

// asApproved holds a run that has ended to the plan, record by record, without
// asking the product.
func (d *desk) asApproved(ctx context.Context, v rollback.PlanView, want rollback.Outcomes) error {
	if v.State != rollback.NameDone {
		return wrongAnswer{fmt.Errorf("the run ended as %s: %s%s", v.State, v.Why, v.Waits)}
	}
	if v.Progress.Counts != want {
		return wrongAnswer{fmt.Errorf("the run says %+v, and it should be %+v", v.Progress.Counts, want)}
	}
	found := figures{}
	var settled, written, other, twice, stray, batched int64
	if err := d.askWhole(ctx, ledgerSQL, v.Frozen.ID, &settled, &written, &other, &twice, &stray, &batched); err != nil {
		return fmt.Errorf("compare the ledger: %w", err)
	}
	found["records with an outcome"], found["records written, by the ledger"], found["records written, by the batches"] = settled, written, batched
	found["written records that hold something else"], found["records written by another transaction than their line"] = other, twice
	found["lines of no record"] = stray
	var lost, columns, untold, wrong int64
	if err := d.askWhole(ctx, elseSQL, v.Frozen.ID, &lost, &columns, &untold, &wrong); err != nil {
		return fmt.Errorf("compare the table: %w", err)
	}
	found["records gone or new"], found["records with another column changed"] = lost, columns
	found["records changed that the ledger does not name"], found["records put back to a false value"] = untold, wrong
	err := differs(figures{
		"records with an outcome": v.Writes(), "records written, by the ledger": want.Written, "records written, by the batches": want.Written,
		"written records that hold something else": 0, "records written by another transaction than their line": 0, "lines of no record": 0,
		"records gone or new": 0, "records with another column changed": 0, "records changed that the ledger does not name": 0,
		"records put back to a false value": 0,
	}, found)
	if err != nil {
		return wrongAnswer{err}
	}
	return nil
}

// askWhole asks about all records of a plan. Nobody has counted its tables, or
// somebody did while another plan stood there: the planner would believe that
// this one has a record or two, and compare each with each.
func (d *desk) askWhole(ctx context.Context, sql string, plan int64, into ...any) error {
	conn := d.b.db.conn
	if _, err := conn.Exec(ctx, `set enable_nestloop = off`); err != nil {
		return err
	}
	err := conn.QueryRow(ctx, sql, plan).Scan(into...)
	_, again := conn.Exec(ctx, `reset enable_nestloop`)
	return errors.Join(err, again)
}
