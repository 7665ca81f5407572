package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// The members of a run that people chose by what the state table says about
// them, whatever they hold, each with the number of its cohort: the first that it
// belongs to.
const chosenSQL = `,
     chosen as (
       select * from (select %s, case %s end as number,
                             known and not ambiguous and present and current is distinct from error as since from seen) as c where number is not null)`

// Each with what its record holds in the column that the plan writes.
const lookedSQL = `,
     looked as (
       select chosen.*, t.there is not null as present, t.held, t.version
         from chosen left join lateral (select true as there, %[1]s as held, t.xmin::text as version from %[2]s t where %[3]s offset 0) as t on true)`

// What holds the value already is right and not written. The answer is how many
// are written that do not hold any more what the run left.
const freezeChosenSQL = `,
     wanted as (select number, %[3]s as desired from unnest($6::int[], $7::text[]) as d (number, desired)),
     judged as (
       select looked.*, wanted.desired, case
                when not present then 6
                when held is not distinct from wanted.desired then 2
                else 1 end as class
         from looked join wanted using (number)),
     turned as (select judged.*, row_number() over (partition by class, number order by %[1]s) as turn from judged),
     canary as (
       select %[1]s, row_number() over (order by turn, number) as place
         from turned where class = 1 and turn <= $8::bigint order by turn, number limit $8::bigint),
     fixed as (
       insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, error, desired, version)
       select $5::int, row_number() over (order by class, place, %[1]s), number, class, array[%[2]s],
              case when present then %[4]s end, %[5]s, version
         from turned left join canary using (%[1]s))
select count(*) filter (where class = 1 and since) from turned`

// Those that are contained without being written: nothing says what they should
// hold, and what they hold is in the export.
const freezeListedSQL = `,
     judged as (select looked.*, case when not present then 6 when number = any ($6::int[]) then 8 else 9 end as class from looked)
insert into snafu.frozen_rows (freeze_id, ord, cohort, class, key, version)
select $5::int, row_number() over (order by class, number, %[1]s), number, class, array[%[2]s], version from judged`

// population is the table as the state table saw it, in which the members of a
// plan were chosen: the same, with other set columns.
func (o Options) population(ctx context.Context, tx pgx.Tx, s rollback.Scope) (table, error) {
	return o.resolve(ctx, tx, s.Table, s.Set)
}

// chosen renders the query of the chosen members, with its arguments, on the
// table as the state table saw it.
func (t table) chosen(s rollback.Scope, decisions []rollback.Decision) (string, []any, error) {
	if err := t.sameEvidence(decisions); err != nil {
		return "", nil, err
	}
	scope, err := t.scope(s, "")
	if err != nil {
		return "", nil, err
	}
	var cases []string
	for i, d := range decisions {
		if d.Unclear {
			cases = append(cases, fmt.Sprintf("when not seen.known or seen.ambiguous then %d", i+1))
		}
	}
	for i, d := range decisions {
		switch {
		case d.Unclear:
		case d.Untold():
			cases = append(cases, fmt.Sprintf("when seen.known and seen.error is not distinct from %s then %d", literals(d.Error), i+1))
		default:
			cases = append(cases, fmt.Sprintf("when seen.known and seen.initial is not distinct from %s and seen.error is not distinct from %s then %d",
				literals(d.Initial), literals(d.Error), i+1))
		}
	}
	return scope + fmt.Sprintf(chosenSQL, t.ks(), strings.Join(cases, " ")), t.scopeArgs(s), nil
}

// looked renders what the records of the chosen members hold.
func (t table) looked() string {
	var equal []string
	for i, k := range t.key {
		equal = append(equal, fmt.Sprintf("t.%s = chosen.k%d", k.name, i+1))
	}
	return fmt.Sprintf(lookedSQL, t.current(), t.name, strings.Join(equal, " and "))
}

// literals are values of set columns as the scope's query holds them.
func literals(vs rollback.Values) string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		if texts[i] = "null::text"; !v.Null {
			texts[i] = literal(v.Text)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "array[" + strings.Join(texts, ", ") + "]"
}

// fixChosen writes the frozen rows of a plan about chosen members, and counts those
// that somebody has put right since.
func (w *Writer) fixChosen(ctx context.Context, tx pgx.Tx, t table, s rollback.Spec, f *rollback.Freeze) error {
	of, err := w.opt.population(ctx, tx, s.Population())
	if err != nil {
		return err
	}
	sql, args, err := of.chosen(s.Population(), s.Decisions)
	if err != nil {
		return err
	}
	if s.Instead != nil {
		if err := t.fixListed(ctx, tx, sql, append(args, f.ID), s.Decisions); err != nil {
			return of.unreadable("list the records", err)
		}
		return nil
	}
	number := make([]int32, len(s.Decisions))
	desired := make([]*string, len(s.Decisions))
	for i, d := range s.Decisions {
		number[i] = int32(i + 1) //nolint:gosec // a plan has at most 100 cohorts
		want, err := t.own(ctx, tx, d)
		if err != nil {
			return err
		}
		desired[i] = t.packed(want)
	}
	args = append(args, f.ID, number, desired, s.Batch.Canary)
	query := sql + t.looked() + fmt.Sprintf(freezeChosenSQL, t.ks(), t.keyTexts(), t.given("desired"), t.list("held"), t.list("desired"))
	if err := tx.QueryRow(ctx, query, args...).Scan(&f.Since); err != nil {
		return of.unreadable("fix the records", err)
	}
	return nil
}

// fixListed writes the frozen rows of a plan that contains members without writing
// them.
func (t table) fixListed(ctx context.Context, tx pgx.Tx, sql string, args []any, decisions []rollback.Decision) error {
	unclear := []int32{}
	for i, d := range decisions {
		if d.Unclear {
			unclear = append(unclear, int32(i+1)) //nolint:gosec // a plan has at most 100 cohorts
		}
	}
	_, err := tx.Exec(ctx, sql+t.looked()+fmt.Sprintf(freezeListedSQL, t.ks(), t.keyTexts()), append(args, unclear)...)
	return err
}

// Growth are chosen members that were not frozen; shrink are writes without
// outcome whose record is gone or holds something else.
const movedChosenSQL = `,
     frozen as (
       select f.ord, f.class, f.key, f.error, l.ord is not null as settled
         from snafu.frozen_rows f left join snafu.ledger l on l.run = f.freeze_id and l.ord = f.ord where f.freeze_id = $5)
select count(*) filter (where frozen.ord is null),
       count(*) filter (where frozen.class = 1 and not settled and (looked.present is not true or looked.held is distinct from %[2]s))
  from looked full join frozen on frozen.key = array[%[1]s]`

func (w *Writer) movedChosen(ctx context.Context, tx pgx.Tx, t table, run rollback.Run, d *rollback.Drift) error {
	of, err := w.opt.population(ctx, tx, run.Population())
	if err != nil {
		return err
	}
	sql, args, err := of.chosen(run.Population(), run.Decisions)
	if err != nil {
		return err
	}
	if err := tx.QueryRow(ctx, sql+t.looked()+fmt.Sprintf(movedChosenSQL, t.keyTexts(), t.stored("frozen.error")), append(args, run.FreezeID)...).Scan(&d.Growth, &d.Shrink); err != nil {
		return of.unreadable("count what moved", err)
	}
	return nil
}

// countChosen counts the chosen members anew.
func (t table) countChosen(ctx context.Context, tx pgx.Tx, run rollback.Run) (n int64, err error) {
	sql, args, err := t.chosen(run.Population(), run.Decisions)
	if err != nil {
		return 0, err
	}
	if err := tx.QueryRow(ctx, sql+" select count(*) from chosen", args...).Scan(&n); err != nil {
		return 0, t.unreadable("count the members", err)
	}
	return n, nil
}
