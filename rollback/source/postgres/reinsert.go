package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
	"snafu/rollback/source"
)

// gone is the table as its history tells of deleted records: who was deleted by a
// run is said by an entry of that run, and by nothing else.
func (t table) gone() table {
	t.hist.names = []string{t.decl.History.Deleted}
	t.decl.Membership = rollback.Membership{}
	return t
}

// goneSQL fixes the records that a run has deleted, beside what was staged for
// each. A record whose values changed between the Last Saved State and the run is
// not inserted as it was before: the copy does not say what it was. The %[n]s
// stand for:
//
//	1 type of the fields' argument   2 deleted records   3 staged values as the columns hold them   4 key columns of the history h
//	5 history   6 order   7 run   8 at   9 k1, k2   10 entries of deletions   11 entries of the columns   12 their texts as a list
//	13 erased   14 columns as text   15 table   16 key of the table equals the member's   17 desired as list   18 Last Saved State   19 beginning
const goneSQL = `
with given as (select $1::text, $2::timestamptz, $3::timestamptz, $4::%[1]s, $7::timestamptz, $8::timestamptz, $9::text[]),
     member as materialized (select * from (%[2]s) as m),
     staged as materialized (select key, %[3]s as own from snafu.staged_rows where freeze_id = $5::int),
     past as materialized (
       select %[4]s, max(h.%[6]s) filter (where %[10]s) as last,
              max(h.%[6]s) filter (where %[10]s and h.%[7]s::text is distinct from $1) > max(h.%[6]s) filter (where %[10]s and h.%[7]s::text = $1) as later,
              bool_or(%[11]s and h.%[8]s > %[18]s and h.%[8]s < %[19]s and h.%[7]s::text is distinct from $1) as outdated
         from %[5]s h where %[10]s or %[11]s group by %[9]s),
     seen as (
       select %[9]s, array[%[12]s] as key, s.key is not null as listed, s.own, t.there is not null as present, t.current, %[13]s as erased,
              coalesce(past.later, false) as later, coalesce(past.outdated, false) as outdated, past.last::text as mark
         from member left join past using (%[9]s) left join staged s on s.key = array[%[12]s]
         left join lateral (select true as there, %[14]s as current from %[15]s t where %[16]s offset 0) as t on true),
     judged as (
       select seen.*, case
                when not listed then 8
                when present and current is not distinct from own then 3
                when present then 4
                when outdated then 7
                when erased then 4
                when later then 5
                else 1 end as class
         from seen),
     canary as (select %[9]s, row_number() over (order by %[9]s) as place from judged where class = 1 order by %[9]s limit $6::bigint)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, initial, desired, mark)
select $5::int, row_number() over (order by class, place, %[9]s), case when class <= 5 then 1 else 0 end, class, key,
       case when listed and class <> 7 then %[17]s end, case when listed and class <> 7 then %[17]s end, mark
  from judged left join canary using (%[9]s)`

// fixGone writes the frozen rows of a plan that inserts deleted records again.
func (t table) fixGone(ctx context.Context, tx pgx.Tx, s rollback.Spec, id int64) error {
	if err := t.decl.Reinsertable(); err != nil {
		return err
	}
	g := t.gone()
	h, zone := t.hist, t.decl.History.Zone
	members, err := g.touched(s.Scope)
	if err != nil {
		return err
	}
	keys := make([]string, len(t.key))
	for i, k := range t.key {
		keys[i] = fmt.Sprintf("(h.%s)::%s as k%d", h.key[i], k.typ, i+1)
	}
	columns := fmt.Sprintf("h.%s::text = any ($9::text[])", h.field)
	sql := fmt.Sprintf(goneSQL, t.form(), members, t.held(t.stored("desired")), strings.Join(keys, ", "), h.name, h.order, h.run, h.at, t.ks(),
		g.ofFields("$4"), columns, t.keyTexts(), t.erased(), t.current(), t.name, t.keyIs("member"), t.list("own"), local("$7", zone), local("$8", zone))
	args := append(g.scopeArgs(s.Scope), id, s.Batch.Canary, s.Evidence.LastSaved, s.Scope.From, h.names)
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		return t.unreadable("fix the records", err)
	}
	return nil
}

// movedGone counts the records that the run has deleted and that were not
// frozen, and the frozen ones that are there by now.
func (t table) movedGone(ctx context.Context, tx pgx.Tx, run rollback.Run, d *rollback.Drift) error {
	g := t.gone()
	members, err := g.touched(run.Scope)
	if err != nil {
		return err
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`
		with given as (select $1::text, $2::timestamptz, $3::timestamptz, $4::%s),
		     member as materialized (select * from (%s) as m)
		select count(*) filter (where not exists (select from snafu.frozen_rows f where f.freeze_id = $5 and f.key = array[%s])),
		       (select count(*) from snafu.frozen_rows f join %s t on %s
		         where f.freeze_id = $5 and f.class = 1 and not exists (select from snafu.ledger l where l.run = $5 and l.ord = f.ord)) from member`,
		t.form(), members, t.keyTexts(), t.name, t.byKey("f")), append(g.scopeArgs(run.Scope), run.FreezeID)...).Scan(&d.Growth, &d.Shrink)
	if err != nil {
		return t.unreadable("count what moved", err)
	}
	return nil
}

// insertSQL inserts the records of the span that are not there, and gives each
// its outcome. One that somebody inserts at the same moment gets none: the next
// look finds it. Where a key of another kind stands in the way the statement
// fails, as any write would. The last numbers count those that hold what they
// should, and those that were inserted at all: on the last look all must be, or
// something keeps them out. A record that was given another key than the plan
// says makes all of the span count, so that nothing of it stays.
func (t table) insertSQL(run rollback.Run) string {
	changed, guarded := t.guard(run)
	var into, values, back, target []string
	for i, k := range t.key {
		into, target = append(into, k.name), append(target, k.name)
		values = append(values, fmt.Sprintf("(j.key[%d])::%s", i+1, k.typ))
		back = append(back, fmt.Sprintf("t.%s as k%d", k.name, i+1))
	}
	for i, c := range t.set {
		into, values = append(into, c.name), append(values, fmt.Sprintf("(j.desired[%d])::%s", i+1, c.typ))
	}
	if at := t.stamped(); at != "" {
		into, values = append(into, at), append(values, "now()")
	}
	same := make([]string, len(t.key))
	for i, k := range t.key {
		same[i] = fmt.Sprintf("w.k%d = (judged.key[%d])::%s", i+1, i+1, k.typ)
	}
	return "with" + restSQL + changed + fmt.Sprintf(`,
     seen as materialized (
       select rest.*, t.%[1]s is not null as present, %[2]s as current, %[3]s as guarded, %[4]s as allowed, %[5]s as erased
         from rest left join %[6]s t on %[7]s),
     judged as materialized (
       select seen.*, case
                when present and current is not distinct from %[8]s then 2
                when present or erased then 3
                when guarded is not true then 4
                when allowed is not true then 3
                when $6::text <> '' then 7
                else 1 end as outcome
         from seen),
     w as (
       insert into %[6]s as t (%[9]s) overriding system value select %[10]s from judged j where j.outcome = 1 order by j.ord
       on conflict (%[11]s) do nothing returning %[12]s, %[2]s as current),
     settled as materialized (
       select judged.ord, judged.cohort, judged.outcome, judged.present, judged.erased, %[13]s as seen, w.k1 is not null as inserted,
              w.k1 is not null and w.current is not distinct from %[8]s as kept
         from judged left join w on judged.outcome = 1 and %[14]s),
     i as (
       insert into snafu.ledger (run, ord, batch, outcome, seen, note)
       select $1::int, ord, $4::int, outcome, case when present then seen end,
              case when outcome = 7 then $6::text when outcome = 3 and not present then case when erased then $5::text else %[15]s end end
         from settled where outcome <> 1 or kept)
select cohort::bigint, outcome::bigint, count(*), count(*) filter (where kept),
       count(*) filter (where inserted or $7::boolean or (select count(*) from w) > (select count(*) from settled where inserted)) from settled group by 1, 2 order by 1, 2`,
		t.key[0].name, t.current(), guarded, t.allowed(run, "rest"), t.erasedKey("rest"), t.name, t.byKey("rest"), t.stored("desired"),
		strings.Join(into, ", "), strings.Join(values, ", "), strings.Join(target, ", "), strings.Join(back, ", "),
		t.list("judged.current"), strings.Join(same, " and "), t.refusedBy(run))
}

// erasedSays is what a list of records says of one whose values must never come
// back.
const erasedSays = "erased for good"

// insert settles a span of a plan that inserts records.
func (t table) insert(ctx context.Context, tx pgx.Tx, run rollback.Run, s rollback.Span) (done, error) {
	var out done
	args := []any{run.FreezeID, s.Lo, s.Hi, s.Number, erasedSays, s.Failed, s.Last}
	if run.Guard == rollback.GuardLaterWriter {
		args = append(args, t.gone().fields())
	}
	rows, err := tx.Query(ctx, t.insertSQL(run), args...)
	if err != nil {
		return out, err
	}
	var cohort, outcome, n, kept, inserted, lost int64
	_, err = pgx.ForEachRow(rows, []any{&cohort, &outcome, &n, &kept, &inserted}, func() error {
		if rollback.Outcome(outcome) != rollback.Written {
			out.add(cohort, rollback.Outcome(outcome), n)
			return nil
		}
		out.add(cohort, rollback.Written, kept)
		lost += inserted - kept
		out.deferred += n - inserted
		return nil
	})
	if err == nil && lost > 0 {
		return out, &source.Rewritten{Records: lost}
	}
	return out, err
}

// stamped is the column of the last change, where an insert has to set it.
func (t table) stamped() string {
	at := t.decl.TouchedAt
	if at.Column == "" || at.Keep {
		return ""
	}
	for _, c := range t.set {
		if c.plain == at.Column {
			return ""
		}
	}
	return column(at.Column)
}

// erasedKey holds for a row of alias with the key of a record that must never
// come back.
func (t table) erasedKey(alias string) string {
	e := t.decl.Erasures
	if e.Relation == "" {
		return "false"
	}
	equal := make([]string, len(t.key))
	for i, k := range t.key {
		equal[i] = fmt.Sprintf("(e.%s)::%s = (%s.key[%d])::%s", column(e.Key[i]), k.typ, alias, i+1, k.typ)
	}
	return fmt.Sprintf("exists (select from %s e where %s)", quoted(e.Relation), strings.Join(equal, " and "))
}

// takenBackSQL are the records that a run has inserted, as they are now: those
// that nobody has written since are marked as removed, the others are somebody's,
// whichever column it was. A record and its line in the ledger come from one
// transaction, so that they are of one version until somebody writes the record.
const takenBackSQL = `
with parent as materialized (
       select f.ord as o, f.key, f.desired as wrote, l.xmin::text as born from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
        where l.run = $1::int and l.outcome = 1),
     seen as (
       select parent.*, t.there is not null as present, t.held, t.mark, t.version
         from parent left join lateral (select true as there, %[1]s as held, %[2]s as mark, t.xmin::text as version from %[3]s t where %[4]s offset 0) as t on true),
     judged as (
       select seen.*, case
                when not present then 6
                when mark is not distinct from $3::text then 3
                when held is distinct from %[5]s or version is distinct from born then 4
                else 1 end as class
         from seen)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, error, desired, version)
select $2::int, row_number() over (order by class, o), 1, class, key, case when present then array[mark] end, array[$3::text], version from judged`

// fixTakenBack writes the frozen rows of a plan that marks what a run has
// inserted as removed.
func (w *Writer) fixTakenBack(ctx context.Context, tx pgx.Tx, t table, s rollback.Spec, id int64) error {
	of, err := w.opt.population(ctx, tx, s.Population())
	if err != nil {
		return err
	}
	if err := of.intact(ctx, tx, s); err != nil {
		return err
	}
	want, err := t.own(ctx, tx, s.Decisions[0])
	if err != nil {
		return err
	}
	sql := fmt.Sprintf(takenBackSQL, of.current(), t.current(), t.name, t.byKey("parent"), of.stored("wrote"))
	if _, err := tx.Exec(ctx, sql, s.Undoes.FreezeID, id, t.packed(want)); err != nil {
		return t.unreadable("fix the records", err)
	}
	return nil
}
