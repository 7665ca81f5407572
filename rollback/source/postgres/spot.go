package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Spot reads records of a freeze with what evidence said of them.
func (r *Reader) Spot(ctx context.Context, s rollback.Scope, freeze int64, ords []int64) (out []rollback.Told, err error) {
	decl, err := r.opt.table(s.Table)
	if err != nil {
		return nil, err
	}
	t := table{decl: decl}
	err = r.snapshot(ctx, "read what evidence says", func(tx pgx.Tx) error {
		if _, err := r.fresh(ctx, tx); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			select f.key, f.error, f.desired, s.initial, coalesce(s.evidence, ''), coalesce(s.part, '')
			  from snafu.frozen_rows f left join snafu.staged_rows s on s.freeze_id = f.freeze_id and s.key = f.key
			 where f.freeze_id = $1 and f.ord = any ($2::bigint[]) and f.class = 1 order by f.ord`, freeze, ords)
		if err != nil {
			return fmt.Errorf("read what evidence says: %w", err)
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Told, error) {
			var one rollback.Told
			var key []string
			var left, desired, other []*string
			err := row.Scan(&key, &left, &desired, &other, &one.Says, &one.Group)
			for i, name := range decl.Key {
				if t.personal(name) {
					key[i] = rollback.Mask(key[i])
				}
			}
			if one.Key = strings.Join(key, "/"); slices.ContainsFunc(append(s.Set[:len(s.Set):len(s.Set)], decl.Key...), t.personal) {
				one.Says = rollback.Discreet(one.Says)
			}
			if other != nil {
				one.Other = t.masked(s.Set, other)
			}
			one.Error, one.Desired = t.masked(s.Set, left), t.masked(s.Set, desired)
			return one, err
		})
		if err != nil {
			return fmt.Errorf("read what evidence says: %w", err)
		}
		return nil
	})
	return out, err
}

// masked are the values of the set columns as a person may read them.
func (t table) masked(set []string, held []*string) rollback.Values {
	vs := rollback.FromPointers(held)
	for i, name := range set {
		if i < len(vs) && t.personal(name) && !vs[i].Null {
			vs[i].Text = rollback.Mask(vs[i].Text)
		}
	}
	return vs
}
