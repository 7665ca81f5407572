package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// undoneSQL are the records that a run has written, as they are now. What the
// run wrote is the error of the undo, and what stood there before its desired
// value. The %[n]s stand for:
//
//	1 who wrote since, and with it the columns last and later   2 table   3 key of the table equals parent.key
//	4 set column as text   5 more columns of the record   6 later   7 mark   8 join of who wrote since
const undoneSQL = `
with parent as materialized (
       select f.ord as o, f.cohort, f.key, f.initial, f.error as was, f.desired as wrote, f.mark, b.at as written_at
         from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
         join snafu.batches b on b.run = l.run and b.number = l.batch
        where l.run = $1::int and l.outcome = 1),
     decided as (select number, cohort as of from unnest($2::int[], $3::int[]) as d (number, cohort))%[1]s,
     seen as (
       select parent.*, d.number, t.there is not null as present, t.current, t.version, %[6]s as later, %[7]s as now_mark
         from parent join decided d on d.of = parent.cohort%[8]s
         left join lateral (select true as there, %[4]s as current, t.xmin::text as version%[5]s from %[2]s t where %[3]s offset 0) as t on true),
     judged as (
       select seen.*, case
                when not present then 6
                when current is not distinct from %[9]s then 3
                when current is distinct from %[10]s then 4
                when later then 5
                else 1 end as class
         from seen),
     turned as (select judged.*, row_number() over (partition by class, number order by o) as turn from judged),
     canary as (
       select o, row_number() over (order by turn, number) as place
         from turned where class = 1 and turn <= $5::bigint order by turn, number limit $5::bigint)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, initial, error, desired, mark, version)
select $4::int, row_number() over (order by class, place, o), number, class, key, initial, wrote, was, now_mark, version
  from turned left join canary using (o)`

// Who wrote after the run did is told by the history. An entry is the run's own
// when it names the run, or when it is the first since and says exactly what the
// run did: not every history knows who wrote.
const writtenSinceSQL = `,
     since as materialized (
       select e.o, e.ho, e.named or e.nth = 1 and e.old is not distinct from e.was and e.new is not distinct from e.wrote as ours
         from (select parent.o, parent.was[%[9]s] as was, parent.wrote[%[9]s] as wrote, h.%[3]s as ho, coalesce(h.%[4]s::text = $6, false) as named, %[5]s as old, %[6]s as new,
                      row_number() over (partition by parent.o%[10]s order by h.%[3]s) as nth
                 from parent join %[1]s h on %[2]sh.%[3]s > (parent.mark)::%[7]s
                where %[8]s and h.%[3]s > (select min((mark)::%[7]s) from parent)) as e),
     writer as (
       select o, max(ho)::text as last, coalesce(max(ho) filter (where not ours) > max(ho) filter (where ours), bool_or(not ours)) as later
         from since group by o)`

// fixUndo writes the frozen rows of a plan that puts back what a run has
// written. It refuses (rows-digest) when the records or the ledger of that run
// are not as it left them.
func (t table) fixUndo(ctx context.Context, tx pgx.Tx, s rollback.Spec, id int64) error {
	u := *s.Undoes
	if err := t.intact(ctx, tx, s); err != nil {
		return err
	}
	since, more, later, mark, joined := "", "", "false", "null::text", ""
	number, of := make([]int32, len(u.Cohorts)), make([]int64, len(u.Cohorts))
	for i, cohort := range u.Cohorts {
		number[i], of[i] = int32(i+1), cohort //nolint:gosec // a plan has at most 100 cohorts
	}
	args := []any{u.FreezeID, number, of, id, s.Batch.Canary}
	switch touched := column(s.TouchedAt.Column); s.Guard {
	case rollback.GuardLaterWriter:
		h := t.hist
		since = fmt.Sprintf(writtenSinceSQL, h.name, t.sameKey("parent"), h.order, h.run, t.told(h.old), t.told(h.new), h.orderType, t.ofFields("$7"),
			t.column("$7"), t.eachColumn())
		later, mark, joined = "coalesce(writer.later, false)", "coalesce(writer.last, parent.mark)", " left join writer using (o)"
		args = append(args, u.Label, t.fields())
	case rollback.GuardTouched:
		more, mark = ", t."+touched+"::text as touched", "t.touched"
		if later = "t.touched::timestamptz > parent.written_at"; s.TouchedAt.Keep {
			later = "t.touched is distinct from parent.mark"
		}
	case rollback.GuardAnyChange, rollback.GuardValue:
	}
	sql := fmt.Sprintf(undoneSQL, since, t.name, t.byKey("parent"), t.current(), more, later, mark, joined, t.stored("was"), t.stored("wrote"))
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return t.unreadable("fix the records", err)
	}
	return nil
}

// sameKey joins the history h with rows that carry the key as text.
func (t table) sameKey(alias string) string {
	same := ""
	for i, k := range t.hist.key {
		same += fmt.Sprintf("(h.%s)::%s = (%s.key[%d])::%s and ", k, t.key[i].typ, alias, i+1, t.key[i].typ)
	}
	return same
}

// intact holds the frozen rows and the ledger of the run to be undone to what
// was approved and to what its batches say.
func (t table) intact(ctx context.Context, tx pgx.Tx, s rollback.Spec) error {
	u := *s.Undoes
	var there bool
	err := tx.QueryRow(ctx, `select exists (select from snafu.freezes where id = $1 and install = $2 and ref = $3)`,
		u.FreezeID, s.Install, u.Label+"r"+fmt.Sprint(u.Revision)).Scan(&there)
	if err != nil {
		return fmt.Errorf("look for the run to undo: %w", err)
	}
	if !there {
		return rollback.RefuseLedger(u.Ref)
	}
	digest, err := t.rowsDigest(ctx, tx, u.FreezeID)
	if err != nil {
		return err
	}
	lines, err := t.batchLine(ctx, tx, u.FreezeID)
	if err != nil {
		return err
	}
	written, err := t.wrote(ctx, tx, u)
	if u.Conflicts {
		written, _, err = t.left(ctx, tx, u)
	}
	if err != nil {
		return err
	}
	if digest != u.RowsDigest || written != u.Written {
		return rollback.RefuseLedger(u.Ref)
	}
	for _, l := range lines {
		if !l.Holds() {
			return rollback.RefuseLedger(u.Ref)
		}
	}
	return nil
}

// wrote counts the records that a run has written.
func (t table) wrote(ctx context.Context, tx pgx.Tx, u rollback.Undone) (n int64, err error) {
	if err := tx.QueryRow(ctx, `select count(*) from snafu.ledger where run = $1 and outcome = 1`, u.FreezeID).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what %s has written: %w", u.Ref, err)
	}
	return n, nil
}

// movedUndo counts the frozen writes that do not hold any more. The records that
// a run has written are those for ever: none can join them.
func (t table) movedUndo(ctx context.Context, tx pgx.Tx, run rollback.Run, d *rollback.Drift) error {
	changed, guard := "", ""
	args := []any{run.FreezeID}
	switch run.Guard {
	case rollback.GuardLaterWriter:
		h := t.hist
		changed = fmt.Sprintf(`,
     changed as materialized (
       select distinct rest.ord from rest join %[1]s h on %[2]sh.%[3]s > (rest.mark)::%[4]s
        where %[5]s and h.%[3]s > (select min((mark)::%[4]s) from rest))`, h.name, t.sameKey("rest"), h.order, h.orderType, t.ofFields("$2"))
		guard = " or rest.ord in (select ord from changed)"
		args = append(args, t.fields())
	case rollback.GuardTouched:
		guard = " or t.touched is distinct from rest.mark"
	case rollback.GuardAnyChange, rollback.GuardValue:
	}
	more := ""
	if run.Guard == rollback.GuardTouched {
		more = ", t." + column(run.TouchedAt.Column) + "::text as touched"
	}
	err := tx.QueryRow(ctx, fmt.Sprintf(`
with rest as materialized (
       select f.ord, f.key, f.error, f.mark from snafu.frozen_rows f
        where f.freeze_id = $1 and f.class = 1 and not exists (select from snafu.ledger l where l.run = $1 and l.ord = f.ord))%[1]s
select count(*) filter (where t.there is null or t.current is distinct from %[7]s%[2]s)
  from rest left join lateral (select true as there, %[3]s as current%[4]s from %[5]s t where %[6]s offset 0) as t on true`,
		changed, guard, t.current(), more, t.name, t.byKey("rest"), t.stored("rest.error")), args...).Scan(&d.Shrink)
	if err != nil {
		return t.unreadable("count what moved", err)
	}
	return nil
}
