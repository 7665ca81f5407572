package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// A file is joined with the members by the text of their keys: a key that the
// column's type could not hold is then no member, and not an error of the
// server's that would show it.
const matchSQL = `,
     wish as (select * from unnest($5::bigint[], $6::text[]%[1]s) as w (line, desired%[2]s)),
     laid as (
       select seen.k1 is not null as member, wish.line is not null as listed, known, initial, error, wish.desired, wish.line
         from seen full join wish on %[3]s)
select member, listed, coalesce(known, false), initial, error, desired, count(*), (array_agg(line order by line) filter (where listed))[1:20]
  from laid group by 1, 2, 3, 4, 5, 6 order by min(line) nulls last, initial, error`

// mostWishes bounds the different values of a file: each makes a cohort.
const mostWishes = 100

// Match lays a file of wishes over the members of a scope, in one snapshot. It
// refuses what StateTable refuses, and more different values than a plan can
// have cohorts (Invalid).
func (r *Reader) Match(ctx context.Context, s rollback.Scope, wishes []rollback.Wish) (rollback.Matched, error) {
	var out rollback.Matched
	err := r.snapshot(ctx, "match "+s.Table, func(tx pgx.Tx) error {
		t, err := r.opt.resolve(ctx, tx, s.Table, s.Set)
		if err != nil {
			return err
		}
		if _, err := r.fresh(ctx, tx); err != nil {
			return err
		}
		out, err = t.match(ctx, tx, s, wishes)
		return err
	})
	return out, err
}

func (t table) match(ctx context.Context, tx pgx.Tx, s rollback.Scope, wishes []rollback.Wish) (rollback.Matched, error) {
	var out rollback.Matched
	owned, err := t.ownAll(ctx, tx, wishes, &out)
	if err != nil || len(out.Misfits) > 0 {
		return out, err
	}
	lines, desired, keys := make([]int64, len(wishes)), make([]*string, len(wishes)), make([][]string, len(t.key))
	for i, w := range wishes {
		lines[i], desired[i] = w.Line, owned[w.Desired]
		for k := range t.key {
			keys[k] = append(keys[k], w.Key[k])
		}
	}
	args := append(t.scopeArgs(s), lines, desired)
	var arrays, names, equal string
	for i := range t.key {
		args = append(args, keys[i])
		arrays += fmt.Sprintf(", $%d::text[]", len(args))
		names += fmt.Sprintf(", key%d", i+1)
		equal += fmt.Sprintf(" and seen.k%[1]d::text collate \"C\" = wish.key%[1]d", i+1)
	}
	scope, err := t.scope(s, "")
	if err != nil {
		return out, err
	}
	rows, err := tx.Query(ctx, scope+fmt.Sprintf(matchSQL, arrays, names, strings.TrimPrefix(equal, " and ")), args...)
	if err != nil {
		return out, t.unreadable("match a file", err)
	}
	return out, t.collectMatched(rows, &out)
}

func (t table) collectMatched(rows pgx.Rows, out *rollback.Matched) error {
	var w rollback.Wished
	var member bool
	var initial, left, desired *string
	_, err := pgx.ForEachRow(rows, []any{&member, &w.Listed, &w.Known, &initial, &left, &desired, &w.Records, &w.Lines}, func() error {
		if !member {
			out.Strange += w.Records
			out.Strangers = append(out.Strangers, w.Lines...)
			return nil
		}
		g := w
		g.Lines = slices.Clone(w.Lines)
		if g.Pair = (rollback.Pair{}); g.Known {
			g.Pair = rollback.Pair{Initial: one(initial), Error: one(left)}
		}
		g.Desired = one(desired)[0]
		out.Groups = append(out.Groups, g)
		return nil
	})
	slices.Sort(out.Strangers)
	if err != nil {
		return t.unreadable("match a file", err)
	}
	return nil
}

// ownAll gives each wished value the form in which the source would hand it
// back. The line that first names a value which the column can't hold is a
// misfit.
func (t table) ownAll(ctx context.Context, tx pgx.Tx, wishes []rollback.Wish, out *rollback.Matched) (map[rollback.Value]*string, error) {
	owned := map[rollback.Value]*string{}
	for _, w := range wishes {
		if _, known := owned[w.Desired]; known {
			continue
		}
		if len(w.Key) != len(t.key) {
			return nil, refusal.Invalid("A record of %s is known by %s. The file needs a column for each.", t.decl.Name, strings.Join(t.decl.Key, " and "))
		}
		if len(owned) == mostWishes {
			return nil, refusal.Invalid("The file wishes for more than %d different values of %s. A plan can't have as many cohorts: split it.", mostWishes, t.set[0].plain)
		}
		own, err := t.own(ctx, tx, rollback.Decision{Pair: rollback.Pair{Error: rollback.Values{rollback.Null()}}, Desired: rollback.Values{w.Desired}})
		if _, refused := refusal.As(err); refused {
			out.Misfits = append(out.Misfits, w.Line)
		} else if err != nil {
			return nil, err
		}
		owned[w.Desired] = own
	}
	return owned, nil
}
