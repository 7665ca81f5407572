package postgres

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
	"snafu/rollback/source"
)

// Every member with what it should be: the value of its cohort, or its own where
// a file says it. A record of such a cohort that the file does not name has none.
const (
	desiredSQL = `
         select seen.*, d.number, d.desired, d.number is not null as said
           from seen left join decided d
             on seen.known and d.was = coalesce('=' || %[1]s, '-') and d.left_by = coalesce('=' || %[2]s, '-')`
	ownDesiredSQL = `
         select seen.*, d.number, case when d.file is null then d.desired else s.own end as desired, d.number is not null and (d.file is null or s.key is not null) as said
           from seen left join decided d
             on seen.known and d.was = coalesce('=' || %[1]s, '-') and d.left_by = coalesce('=' || %[2]s, '-')
           left join (select key, evidence, %[4]s as own from snafu.staged_rows where freeze_id = $5::int) as s
             on s.key = array[%[3]s] and s.evidence = d.file`
)

// The first class that holds, as rollback.StateTable.Classify has it. Writes
// come first, and among them the canary, taken from the cohorts in turn; all
// else follows by class and key.
const freezeSQL = `,
     decided as (
       select number, %[5]s as initial, %[6]s as error, %[7]s as desired, file, coalesce('=' || %[8]s, '-') as was, coalesce('=' || %[9]s, '-') as left_by
         from unnest($6::int[], $7::text[], $8::text[], $9::text[], $11::text[]) as d (number, initial, error, desired, file)),
     judged as (
       select d.*, case
                when not known then 8
                when not present then 6
                when ambiguous then 7
                when not said then 9
                when d.desired is not distinct from d.error and current is not distinct from d.error then 2
                when d.desired is distinct from d.error and current is not distinct from d.desired then 3
                when current is distinct from d.error then 4
                when later then 5
                else 1 end as class
         from (%[4]s) as d),
     turned as (select judged.*, row_number() over (partition by class, number order by %[1]s) as turn from judged),
     canary as (
       select %[1]s, row_number() over (order by turn, number) as place
         from turned where class = 1 and turn <= $10::bigint order by turn, number limit $10::bigint)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, initial, error, desired, mark, version)
select $5::int, row_number() over (order by class, place, %[1]s), coalesce(number, 0), class, array[%[2]s],
       case when %[13]s then %[10]s end, case when known then %[11]s end,
       case when said then %[12]s end, %[3]s, version
  from turned left join canary using (%[1]s)`

const insertFreeze = `
	insert into snafu.freezes (install, ref, attempt, target, fingerprint, at)
	select $1::bytea, $2::text, greatest($3::int, coalesce(max(attempt), 0) + 1), $4::text, $5::bytea, $6::timestamptz from snafu.freezes where install = $1 and ref = $2
	returning id`

const countFrozen = `
	select cohort::bigint, class::bigint, count(*) from snafu.frozen_rows where freeze_id = $1 group by 1, 2 order by 1, 2`

// Freeze fixes the records of a draft in one snapshot and streams their
// before-images to export as JSON lines. It refuses what resolve refuses,
// more records than the source allows (too-many) and a desired value that the
// column cannot hold as it was given (Invalid). An attempt that was left behind
// is never touched: this one takes the next free number.
func (w *Writer) Freeze(ctx context.Context, d rollback.Draft, staged source.Staged, attempt int64, export io.Writer) (rollback.Freeze, error) {
	out, err := w.freeze(ctx, d.Spec(), staged, attempt, export)
	return out, fault("freeze "+d.Spec().Scope.Table, err)
}

func (w *Writer) freeze(ctx context.Context, s rollback.Spec, staged source.Staged, attempt int64, export io.Writer) (rollback.Freeze, error) {
	tx, err := begin(ctx, w.pool, pgx.RepeatableRead, pgx.ReadWrite, w.opt.Limits.FreezeTimeout, time.Second)
	if err != nil {
		return rollback.Freeze{}, err
	}
	defer rollbackTx(ctx, tx)
	t, f, err := w.describe(ctx, tx, s)
	if err != nil {
		return rollback.Freeze{}, err
	}
	err = tx.QueryRow(ctx, insertFreeze, s.Install, s.Label()+"r"+fmt.Sprint(s.Revision), attempt, targetLine(f.Target), f.Fingerprint, f.At).Scan(&f.ID)
	if err != nil {
		return rollback.Freeze{}, fmt.Errorf("begin the freeze: %w", err)
	}
	if err := t.stage(ctx, tx, f.ID, staged, s.Evidence != nil); err != nil {
		return rollback.Freeze{}, err
	}
	if err := w.fix(ctx, tx, t, s, &f); err != nil {
		return rollback.Freeze{}, err
	}
	if err := t.countFrozen(ctx, tx, &f); err != nil {
		return rollback.Freeze{}, err
	}
	if s.Evidence != nil {
		if err := t.found(ctx, tx, s, &f); err != nil {
			return rollback.Freeze{}, err
		}
	}
	if limit := w.opt.Limits.MaxRows; f.Rows > limit {
		return rollback.Freeze{}, rollback.RefuseTooMany(s.Ref, f.Rows, limit)
	}
	if err := s.Meant(f); err != nil {
		return rollback.Freeze{}, err
	}
	if f.Export.Rows, err = t.export(ctx, tx, f.ID, staged != nil, export); err != nil {
		return rollback.Freeze{}, err
	}
	if err := tx.Commit(ctx); err != nil {
		return rollback.Freeze{}, fmt.Errorf("commit the freeze: %w", err)
	}
	return f, nil
}

// describe reads who and what the freeze is made on.
func (w *Writer) describe(ctx context.Context, tx pgx.Tx, s rollback.Spec) (table, rollback.Freeze, error) {
	var f rollback.Freeze
	t, err := w.opt.resolve(ctx, tx, s.Scope.Table, s.Scope.Set)
	if err != nil {
		return t, f, err
	}
	if err := w.requires(ctx, tx, t, s); err != nil {
		return t, f, err
	}
	t.decl.TouchedAt, t.adds = s.TouchedAt, s.Inserts()
	f.Relation, f.Export.Columns = t.rel, t.decl.Export
	if f.At, err = instant(ctx, tx); err != nil {
		return t, f, err
	}
	if f.Target, err = target(ctx, tx); err != nil {
		return t, f, err
	}
	if f.Fingerprint, err = t.fingerprint(ctx, tx); err != nil {
		return t, f, err
	}
	f.Inventory, err = t.inventory(ctx, tx)
	return t, f, err
}

func targetLine(t rollback.Target) string {
	return fmt.Sprintf("%s %s:%d/%s %s/%d %d", t.System, t.Host, t.Port, t.Database, t.SystemID, t.Timeline, t.OID)
}

// fix writes the frozen rows, by what says which records belong to the plan.
func (w *Writer) fix(ctx context.Context, tx pgx.Tx, t table, s rollback.Spec, f *rollback.Freeze) error {
	switch {
	case s.Undoes != nil && s.Undoes.Conflicts:
		return t.fixConflicts(ctx, tx, s, f.ID)
	case s.Undoes != nil && s.Undoes.Inserted:
		return w.fixTakenBack(ctx, tx, t, s, f.ID)
	case s.Undoes != nil:
		return t.fixUndo(ctx, tx, s, f.ID)
	case len(s.Of) > 0:
		return w.fixChosen(ctx, tx, t, s, f)
	case s.Inserts():
		return t.fixGone(ctx, tx, s, f.ID)
	case s.Evidence != nil:
		return t.fixEvidence(ctx, tx, s, f.ID)
	}
	return t.fix(ctx, tx, s, f.ID)
}

// fix writes the frozen rows. Nothing is loaded into the program.
func (t table) fix(ctx context.Context, tx pgx.Tx, s rollback.Spec, id int64) error {
	if err := t.sameEvidence(s.Decisions); err != nil {
		return err
	}
	more, mark := ", t.xmin::text as version", "null"
	switch s.Guard {
	case rollback.GuardLaterWriter:
		mark = "mark::text"
	case rollback.GuardTouched:
		more += ", t." + column(s.TouchedAt.Column) + "::text as touched"
		mark = "touched"
	case rollback.GuardAnyChange, rollback.GuardValue:
	}
	scope, err := t.scope(s.Scope, more)
	if err != nil {
		return err
	}
	number := make([]int32, len(s.Decisions))
	var initial, left, desired, files []*string
	judged := fmt.Sprintf(desiredSQL, t.plain("seen.initial"), t.plain("seen.error"))
	for i, d := range s.Decisions {
		want, err := t.own(ctx, tx, d)
		if err != nil {
			return err
		}
		var file *string
		if d.Each() {
			file, judged = &d.File, fmt.Sprintf(ownDesiredSQL, t.plain("seen.initial"), t.plain("seen.error"), t.keyTexts(), t.held(t.stored("desired")))
		}
		files = append(files, file)
		number[i] = int32(i + 1) //nolint:gosec // a plan has at most 100 cohorts
		initial, left, desired = append(initial, t.packed(d.Initial)), append(left, t.packed(d.Error)), append(desired, t.packed(want))
	}
	args := append(t.scopeArgs(s.Scope), id, number, initial, left, desired, s.Batch.Canary, files)
	if t.untold() {
		judged = t.untoldDesired(more != "" && mark == "touched", len(s.Files()) > 0)
	}
	if _, err := tx.Exec(ctx, scope+t.frozen(mark, judged), args...); err != nil {
		return t.unreadable("fix the records", err)
	}
	return nil
}

// frozen renders the query that fixes what seen found.
func (t table) frozen(mark, judged string) string {
	known := "known"
	if t.untold() {
		known = "said" // whoever says what a record should be says what it was
	}
	return fmt.Sprintf(freezeSQL, t.ks(), t.keyTexts(), mark, judged, t.given("initial"), t.given("error"), t.given("desired"),
		t.plain(t.given("initial")), t.plain(t.given("error")), t.list("initial"), t.list("error"), t.list("desired"), known)
}

func (t table) countFrozen(ctx context.Context, tx pgx.Tx, f *rollback.Freeze) error {
	rows, err := tx.Query(ctx, countFrozen, f.ID)
	if err != nil {
		return fmt.Errorf("count the frozen records: %w", err)
	}
	f.Counts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.CohortCount, error) {
		var c rollback.CohortCount
		var class int64
		err := row.Scan(&c.Cohort, &class, &c.Records)
		c.Class = rollback.Class(class)
		return c, err
	})
	if err != nil {
		return fmt.Errorf("count the frozen records: %w", err)
	}
	for _, c := range f.Counts {
		f.Rows += c.Records
		if c.Class == rollback.ClassWrite {
			f.Writes += c.Records
		}
	}
	if f.Conflicts, err = t.conflicts(ctx, tx, f.ID); err != nil {
		return err
	}
	f.RowsDigest, err = t.rowsDigest(ctx, tx, f.ID)
	return err
}

func (t table) conflicts(ctx context.Context, tx pgx.Tx, id int64) ([]rollback.ValueCount, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select t.current, count(*)
		  from snafu.frozen_rows f cross join lateral (select %s as current from %s t where %s offset 0) as t
		 where f.freeze_id = $1 and f.class in (4, 5) group by 1 order by 2 desc, 1 limit %d`,
		t.current(), t.name, t.byKey("f"), mostValues), id)
	if err != nil {
		return nil, fmt.Errorf("count conflicts: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.ValueCount, error) {
		var v any
		var c rollback.ValueCount
		err := row.Scan(&v, &c.Records)
		c.Value = values(v)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("count conflicts: %w", err)
	}
	return out, nil
}
