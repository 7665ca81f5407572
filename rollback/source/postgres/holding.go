package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// holdingSQL counts, per cohort, the records that must hold a value and those
// that do, or that somebody has changed since.
const holdingSQL = `
	with held as materialized (
	       select f.ord, f.cohort, f.class, f.key, f.mark%[5]s, t.current, t.there is not null and t.current is not distinct from %[4]s as holds
	         from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord%[6]s
	         left join lateral (select true as there, %[1]s as current%[7]s from %[2]s t where %[3]s offset 0) as t on true
	        where f.freeze_id = $1 and (f.class in (2, 3) or l.outcome in (1, 2))),
	     off as materialized (select * from held where not holds),%[8]s
	select cohort::bigint, class = 2, count(*), count(*) filter (where holds or newer.ord is not null)
	  from held left join newer using (ord) group by 1, 2 order by 1, 2`

// holding renders the query with the arguments behind the freeze. A record that
// holds something else counts as held when somebody else says so for it.
func (t table) holding(run rollback.Run) (string, []any) {
	desired, batches, touched := "", "", ""
	newer, args := "\n	     newer as (select ord from off where false)", []any(nil)
	switch at := t.decl.TouchedAt.Column; {
	case t.hist.name != "":
		newer, args = t.newerEntries(), []any{t.fields(), run.Label}
		if t.wide() {
			desired = ", f.desired"
		}
	case at != "":
		desired = ", coalesce(b.at, z.at) as settled, t.touched"
		batches = " left join snafu.batches b on b.run = l.run and b.number = l.batch join snafu.freezes z on z.id = f.freeze_id"
		touched = ", t." + column(at) + "::timestamptz as touched"
		// Without a history the record itself says that it was written after us.
		newer = "\n	     newer as (select ord from off where touched > settled)"
	}
	return fmt.Sprintf(holdingSQL, t.current(), t.name, t.byKey("f"), t.stored("f.desired"), desired, batches, touched, newer), args
}

// newerEntries are the records of which the history has somebody else's entry
// for exactly what they hold, after what was frozen: for each column that holds
// something else than it should.
func (t table) newerEntries() string {
	h := t.hist
	if !t.wide() {
		return fmt.Sprintf(`
	     newer as (
	       select distinct off.ord from off join %[1]s h on %[2]s%[3]s
	        where %[4]s is not distinct from off.current and h.%[5]s::text is distinct from $3
	          and (off.mark is null or h.%[6]s > (off.mark)::%[7]s))`,
			h.name, t.sameKey("off"), t.ofFields("$2"), t.told(h.new), h.run, h.order, h.orderType)
	}
	return fmt.Sprintf(`
	     entry as (
	       select distinct off.ord, %[8]s as place from off join %[1]s h on %[2]s%[3]s
	        where %[4]s is not distinct from off.current[%[8]s] and h.%[5]s::text is distinct from $3
	          and (off.mark is null or h.%[6]s > (off.mark)::%[7]s)),
	     newer as (
	       select ord from off
	        where current is not null and not exists (
	          select from generate_subscripts(current, 1) as place
	           where current[place] is distinct from desired[place]
	             and not exists (select from entry where entry.ord = off.ord and entry.place = place.place)))`,
		h.name, t.sameKey("off"), t.ofFields("$2"), t.told(h.new), h.run, h.order, h.orderType, t.column("$2"))
}

func (t table) cohortLines(ctx context.Context, tx pgx.Tx, run rollback.Run) ([]rollback.Line, error) {
	sql, args := t.holding(run)
	rows, err := tx.Query(ctx, sql, append([]any{run.FreezeID}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("compare the cohorts: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Line, error) {
		var cohort int64
		var right bool
		var l rollback.Line
		if err := row.Scan(&cohort, &right, &l.Expected, &l.Found); err != nil {
			return l, fmt.Errorf("compare the cohorts: %w", err)
		}
		if cohort < 1 || cohort > int64(len(run.Decisions)) {
			return l, fmt.Errorf("compare the cohorts: no cohort %d in the plan", cohort)
		}
		d := run.Decisions[cohort-1]
		l.Check = fmt.Sprintf("%s: records that hold %s", d.Label(), holding(d))
		if right {
			l.Check += ", never written"
		}
		return l, nil
	})
}

func holding(d rollback.Decision) string {
	if d.Each() {
		return "their own value"
	}
	if d.Chosen() && d.Want().Equal(rollback.One(rollback.ItsOwn)) {
		return "what they held before"
	}
	return d.Want().String()
}
