package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// leftToPeople holds for the frozen rows f, with their ledger rows l, that a plan
// left alone because people had changed them.
const leftToPeople = `(f.class in (4, 5) or l.outcome in (3, 4))`

// contested counts by cohort and by what they hold now the records that a run
// left to people and that are not what was wanted.
func (t table) contested(ctx context.Context, tx pgx.Tx, id int64) ([]rollback.Contested, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select f.cohort::bigint, t.current, count(*)
		  from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
		  cross join lateral (select %[1]s as current from %[2]s t where %[3]s offset 0) as t
		 where f.freeze_id = $1 and f.cohort > 0 and %[4]s and t.current is distinct from %[5]s
		 group by 1, 2 order by 3 desc, 1, 2 limit %[6]d`,
		t.current(), t.name, t.byKey("f"), leftToPeople, t.stored("f.desired"), rollback.MostCohorts), id)
	if err != nil {
		return nil, fmt.Errorf("count what was left to people: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Contested, error) {
		var c rollback.Contested
		var v any
		err := row.Scan(&c.Cohort, &v, &c.Records)
		c.Value = values(v)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("count what was left to people: %w", err)
	}
	return out, nil
}

// left counts the records that a run left to people, of some of its cohorts.
func (t table) left(ctx context.Context, tx pgx.Tx, u rollback.Undone) (all, of int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*), count(*) filter (where f.cohort = any ($2::bigint[]))
		  from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
		 where f.freeze_id = $1 and `+leftToPeople, u.FreezeID, u.Cohorts).Scan(&all, &of)
	if err != nil {
		return 0, 0, fmt.Errorf("count what %s left to people: %w", u.Ref, err)
	}
	return all, of, nil
}

// settleConflictsSQL fixes the records that a run left to people: those that hold
// what the plan names as their error are to be written. The %[n]s stand for:
//
//	1 the newest entries   2 table   3 key of the table equals parent.key   4 set columns   5 more columns of the record
//	6 mark   7 join of the newest entries   8 want, as it is compared   9 newer, of an argument   10 current as a list   11 left to people
const settleConflictsSQL = `
with parent as materialized (
       select f.ord as o, f.cohort, f.key, f.initial, f.error as was, f.desired as want
         from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord
        where f.freeze_id = $1::int and f.cohort = any ($3::bigint[]) and %[11]s),
     decided as (select number, cohort as of, %[9]s as newer from unnest($2::int[], $3::bigint[], $6::text[]) as d (number, cohort, newer))%[1]s,
     seen as (
       select parent.*, t.there is not null as present, t.current, t.version, %[6]s as now_mark
         from parent%[7]s
         left join lateral (select true as there, %[4]s as current, t.xmin::text as version%[5]s from %[2]s t where %[3]s offset 0) as t on true),
     judged as (
       select seen.*, coalesce(d.number, (select min(x.number) from decided x where x.of = seen.cohort)) as number,
              case when not present then 6
                   when current is not distinct from %[8]s then 3
                   when d.number is null then 4
                   else 1 end as class
         from seen left join decided d on d.of = seen.cohort and d.newer is not distinct from seen.current and seen.present),
     turned as (select judged.*, row_number() over (partition by class, number order by o) as turn from judged),
     canary as (
       select o, row_number() over (order by turn, number) as place
         from turned where class = 1 and turn <= $5::bigint order by turn, number limit $5::bigint)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, initial, error, desired, mark, version)
select $4::int, row_number() over (order by class, place, o), number, class, key, initial,
       case when class = 1 then %[10]s else was end, want, now_mark, version
  from turned left join canary using (o)`

// fixConflicts writes the frozen rows of a plan that settles what a run left to
// people. Whoever writes a record after this has changed it again.
func (t table) fixConflicts(ctx context.Context, tx pgx.Tx, s rollback.Spec, id int64) error {
	u := *s.Undoes
	if err := t.intact(ctx, tx, s); err != nil {
		return err
	}
	number := make([]int32, len(u.Cohorts))
	newer := make([]*string, len(u.Cohorts))
	for i := range u.Cohorts {
		number[i] = int32(i + 1) //nolint:gosec // a plan has at most 100 cohorts
		newer[i] = t.packed(u.Newer[i])
	}
	newest, more, mark, joined := "", "", "null::text", ""
	args := []any{u.FreezeID, number, u.Cohorts, id, s.Batch.Canary, newer}
	switch s.Guard {
	case rollback.GuardLaterWriter:
		newest = fmt.Sprintf(`,
     newest as materialized (
       select parent.o, max(h.%[3]s)::text as last from parent join %[1]s h on %[2]s%[4]s group by 1)`, t.hist.name, t.sameKey("parent"), t.hist.order, t.ofFields("$7"))
		mark, joined = "newest.last", " left join newest using (o)"
		args = append(args, t.fields())
	case rollback.GuardTouched:
		more, mark = ", t."+column(s.TouchedAt.Column)+"::text as touched", "t.touched"
	case rollback.GuardAnyChange, rollback.GuardValue:
	}
	sql := fmt.Sprintf(settleConflictsSQL, newest, t.name, t.byKey("parent"), t.current(), more, mark, joined, t.stored("want"),
		t.given("newer"), t.list("current"), leftToPeople)
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return t.unreadable("fix the records", err)
	}
	return nil
}
