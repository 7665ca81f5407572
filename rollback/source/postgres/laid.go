package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// A group is told apart by how the wishes of its records compare, not by the
// wishes: there may be as many of those as there are records.
const laidSQL = `,
     laid as (
       select seen.*, known and wish.key is not null as listed, known and wish.key is not null and wish.own is not distinct from seen.error as lefts,
              known and present and wish.key is not null and wish.own is not distinct from seen.current as held,
              case when %[3]s then %[2]s end as shown
         from seen left join wish on wish.key = array[%[1]s]),
     gathered as (
       select state, initial, error, current, listed, lefts, held, count(*) as records, min(first) as first, min(shown) as lowest, max(shown) as highest
         from laid group by 1, 2, 3, 4, 5, 6, 7)
select state, initial, error, current, records, lowest, nullif(highest, lowest), listed, lefts, held
  from gathered
 order by state & 1, min(first) over (partition by state & 1, initial, error), initial, error, state & 2, current, state & 8, state & 4, state & 16, listed, lefts, held`

// Laid measures a scope as StateTable does, with the wishes of a file laid over
// its members. It refuses what StateTable refuses.
func (r *Reader) Laid(ctx context.Context, s rollback.Scope, wishes []rollback.Wish) (rollback.StateTable, error) {
	var out rollback.StateTable
	err := r.snapshot(ctx, "measure "+s.Table, func(tx pgx.Tx) error {
		t, behind, err := r.settle(ctx, tx, s)
		if err != nil {
			return err
		}
		wish, args, err := t.wishes(wishes, t.scopeArgs(s))
		if err != nil {
			return err
		}
		out, err = t.measureLaid(ctx, tx, s, wish, args)
		out.At = out.At.Add(-behind)
		return err
	})
	return out, err
}

// staged are the wishes that a freeze has brought into the source.
func (t table) staged(id int64, args []any) (string, []any) {
	return fmt.Sprintf(`,
     wish as materialized (
       select key, %s as own from snafu.staged_rows where freeze_id = $%d)`, t.held(t.stored("desired")), len(args)+1), append(args, id)
}

// measureLaid runs in whatever snapshot tx has.
func (t table) measureLaid(ctx context.Context, tx pgx.Tx, s rollback.Scope, wish string, args []any) (rollback.StateTable, error) {
	out := rollback.StateTable{Scope: s, KeyParts: len(t.key), Keeps: t.decl.History.Retention}
	scope, err := t.scope(s, "")
	if err != nil {
		return out, err
	}
	if out.At, err = instant(ctx, tx); err != nil {
		return out, err
	}
	rows, err := tx.Query(ctx, scope+wish+fmt.Sprintf(laidSQL, t.keyTexts(), t.keyText(), changedSQL), args...)
	if err != nil {
		return out, t.unreadable("count groups", err)
	}
	out.Groups, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Group, error) {
		var laid rollback.Laid
		g, err := t.group(laidRow{row, &laid})
		g.Laid = laid
		return g, err
	})
	if err != nil {
		return out, t.unreadable("count groups", err)
	}
	for _, g := range out.Groups {
		out.Members += g.Records
	}
	return t.around(ctx, tx, s, out)
}

// laidRow is a group with three more columns.
type laidRow struct {
	pgx.CollectableRow
	laid *rollback.Laid
}

func (r laidRow) Scan(dest ...any) error {
	return r.CollectableRow.Scan(append(dest, &r.laid.Listed, &r.laid.Left, &r.laid.Held)...)
}
