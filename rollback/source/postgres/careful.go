package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
	"snafu/rollback/source"
)

// restSQL are the records of the span that have no outcome yet. The range
// stands on both sides, or the ledger would be read from its beginning. Nobody
// has counted the ledger of a run at work: joined to it, or anything below to
// another part, the planner takes both for a row or two and compares each with
// each, 0.1 s for 1,000 records. What is asked with "in" is hashed.
const restSQL = `
     rest as materialized (
       select f.ord, f.cohort, f.key, f.error, f.desired, f.mark, f.version from snafu.frozen_rows f
        where f.freeze_id = $1 and f.ord >= $2 and f.ord <= $3
          and f.ord not in (select l.ord from snafu.ledger l where l.run = $1 and l.ord >= $2 and l.ord <= $3))`

// careful settles what quick left: it locks what can be locked without
// waiting, then looks again in a fresh snapshot.
func (t table) careful(ctx context.Context, tx pgx.Tx, run rollback.Run, s rollback.Span, out done) (done, error) {
	rows, err := tx.Query(ctx, t.lockSQL(), run.FreezeID, s.Lo, s.Hi)
	if err != nil {
		return out, err
	}
	locked, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return out, err
	}
	args := []any{run.FreezeID, s.Lo, s.Hi, s.Number, locked, s.Last, s.Failed}
	sql := t.settleSQL(run)
	if run.Guard == rollback.GuardLaterWriter {
		args = append(args, t.fields())
	}
	rows, err = tx.Query(ctx, sql, args...)
	if err != nil {
		return out, err
	}
	var cohort, n, kept, lost int64
	var outcome *int64
	_, err = pgx.ForEachRow(rows, []any{&cohort, &outcome, &n, &kept}, func() error {
		switch {
		case outcome == nil:
			out.deferred += n
		case rollback.Outcome(*outcome) == rollback.Written:
			out.add(cohort, rollback.Written, kept)
			lost += n - kept
		default:
			out.add(cohort, rollback.Outcome(*outcome), n)
		}
		return nil
	})
	if err == nil && lost > 0 {
		return out, &source.Rewritten{Records: lost}
	}
	return out, err
}

func (t table) lockSQL() string {
	return "with" + restSQL + fmt.Sprintf(`
select rest.ord from rest join %s t on %s order by rest.ord for no key update of t skip locked`, t.name, t.byKey("rest"))
}

// settleSQL gives every record of the span its outcome, counted by cohort: null
// means that somebody holds it. The last number counts the written ones that kept
// the value.
func (t table) settleSQL(run rollback.Run) string {
	changed, guarded := t.guard(run)
	return "with" + restSQL + changed + fmt.Sprintf(`,
     seen as materialized (
       select rest.*, rest.ord in (select unnest($5::bigint[])) as locked, t.%[1]s is not null as present, %[2]s as current, %[3]s as guarded, %[13]s as allowed, %[15]s as erased
         from rest left join %[4]s t on %[5]s),
     judged as materialized (
       select seen.*, case
                when not present then 5
                when not locked then case when $6::boolean then 6 end
                when current is not distinct from %[8]s then 2
                when current is distinct from %[9]s then 3
                when guarded is not true then 4
                when erased or allowed is not true then 3
                when $7::text <> '' then 7
                else 1 end as outcome
         from seen),
     w as (
       update %[4]s t set %[6]s from judged j
        where j.outcome = 1 and %[7]s and %[2]s is not distinct from %[10]s
       returning j.ord, %[2]s is not distinct from %[11]s as kept),
     i as (
       insert into snafu.ledger (run, ord, batch, outcome, seen, note)
       select $1::int, ord, $4::int, outcome, case when outcome in (2, 3) then %[12]s end, case when outcome = 7 then $7::text when outcome = 3 and current is not distinct from %[9]s then case when erased then %[16]s else %[14]s end end
         from judged where outcome is not null and (outcome <> 1 or ord in (select ord from w where kept)))
select cohort::bigint, outcome::bigint, count(*), count(*) filter (where ord in (select ord from w where kept)) from judged group by 1, 2 order by 1, 2`,
		t.key[0].name, t.current(), guarded, t.name, t.byKey("rest"), t.assign("j"), t.byKey("j"),
		t.stored("desired"), t.stored("error"), t.stored("j.error"), t.stored("j.desired"), t.list("current"),
		t.allowed(run, "rest"), t.refusedBy(run), t.erasedSince(run, "rest"), literal(erasedSays))
}

// guard is what a record must still fulfil beside holding the error value. The
// keys that somebody wrote since are found once and joined: as a subquery per
// record they never ended where the history has no index on its key.
func (t table) guard(run rollback.Run) (changed, guarded string) {
	switch run.Guard {
	case rollback.GuardAnyChange:
		return "", "t.xmin = rest.version::xid"
	case rollback.GuardTouched:
		return "", fmt.Sprintf("t.%s::text is not distinct from rest.mark", column(run.TouchedAt.Column))
	case rollback.GuardLaterWriter:
		h := t.hist
		same := ""
		for i, k := range h.key {
			same += fmt.Sprintf("(h.%s)::%s = (rest.key[%d])::%s and ", k, t.key[i].typ, i+1, t.key[i].typ)
		}
		return fmt.Sprintf(`,
     changed as materialized (
       select distinct rest.ord from rest join %[1]s h on %[2]sh.%[3]s > (rest.mark)::%[4]s
        where %[5]s and h.%[3]s > (select min((mark)::%[4]s) from rest))`,
			h.name, same, h.order, h.orderType, t.ofFields("$8")), "rest.mark is not null and rest.ord not in (select ord from changed)"
	case rollback.GuardValue:
	}
	return "", "true"
}
