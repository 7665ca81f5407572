package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// Values of a file are compared as the column would hold them. A cohort may get
// as many different ones as it has records, so they are counted, not listed.
const matchSQL = `,
     laid as (
       select seen.k1 is not null as member, wish.key is not null as listed, coalesce(known, false) as known, initial, error, wish.own, wish.line
         from seen full join wish on wish.key = array[%s])
select member, listed, known, initial, error, count(distinct own) + case when bool_or(listed and own is null) then 1 else 0 end, min(own),
       count(*), (array_agg(line order by line) filter (where listed))[1:20]
  from laid group by 1, 2, 3, 4, 5 order by min(line) nulls last, initial, error`

// Match lays a file of wishes over the members of a scope, in one snapshot. It
// refuses what StateTable refuses.
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
	wish, args, err := t.wishes(wishes, t.scopeArgs(s))
	if err != nil {
		return out, err
	}
	if out.Misfits, err = t.misfits(ctx, tx, wishes); err != nil || len(out.Misfits) > 0 {
		return out, err
	}
	scope, err := t.scope(s, "")
	if err != nil {
		return out, err
	}
	rows, err := tx.Query(ctx, scope+wish+fmt.Sprintf(matchSQL, t.keyTexts()), args...)
	if err != nil {
		return out, t.unreadable("match a file", err)
	}
	return out, t.collectMatched(rows, &out)
}

func (t table) collectMatched(rows pgx.Rows, out *rollback.Matched) error {
	var w rollback.Wished
	var member bool
	var initial, left, desired any
	_, err := pgx.ForEachRow(rows, []any{&member, &w.Listed, &w.Known, &initial, &left, &w.Values, &desired, &w.Records, &w.Lines}, func() error {
		if !member {
			out.Strange += w.Records
			out.Strangers = append(out.Strangers, w.Lines...)
			return nil
		}
		g := w
		g.Lines = slices.Clone(w.Lines)
		if g.Pair = (rollback.Pair{}); g.Known {
			g.Pair = rollback.Pair{Initial: t.before(initial), Error: values(left)}
		}
		g.Desired = values(desired)
		out.Groups = append(out.Groups, g)
		return nil
	})
	slices.Sort(out.Strangers)
	if err != nil {
		return t.unreadable("match a file", err)
	}
	return nil
}

// wishes gives a query the lines of a file as its rows wish (line, key, own),
// behind the arguments that it has already. A key is compared as text: one that
// the column's type could not hold is then no member, and not an error of the
// server's that would show it.
func (t table) wishes(wishes []rollback.Wish, args []any) (string, []any, error) {
	first := len(args)
	lines, desired, keys := make([]int64, len(wishes)), make([]*string, len(wishes)), make([][]string, len(t.key))
	for i, w := range wishes {
		if len(w.Key) != len(t.key) {
			return "", nil, refusal.Invalid("A record of %s is known by %s. The file needs a column for each.", t.decl.Name, strings.Join(t.decl.Key, " and "))
		}
		if len(w.Desired) != len(t.set) {
			return "", nil, refusal.Invalid("This count is about %s, and the file says %d of each record. Decide its groups in the state table, or pick one field: /snafu pick.", t.names(), len(w.Desired))
		}
		lines[i], desired[i] = w.Line, t.packed(w.Desired)
		for k := range t.key {
			keys[k] = append(keys[k], w.Key[k])
		}
	}
	args = append(args, lines, desired)
	arrays, names, key := "", "", ""
	for i := range t.key {
		args = append(args, keys[i])
		arrays += fmt.Sprintf(", $%d::text[]", len(args))
		names += fmt.Sprintf(", key%d", i+1)
		key += fmt.Sprintf(", key%d", i+1)
	}
	return fmt.Sprintf(`,
     wish as materialized (
       select line, array[%s] as key, %s as own from unnest($%d::bigint[], $%d::text[]%s) as w (line, desired%s))`,
		key[2:], t.held(t.given("desired")), first+1, first+2, arrays, names), args, nil
}

// keyTexts are the parts of a member's key as text.
func (t table) keyTexts() string {
	keys := make([]string, len(t.key))
	for i := range t.key {
		keys[i] = fmt.Sprintf("k%d::text", i+1)
	}
	return strings.Join(keys, ", ")
}

// What is named of a file that does not fit, and how much of it is tried at
// once: what holds a value that does not fit is halved until that is found.
const (
	mostMisfits = 20
	tryAtOnce   = 4096
)

// misfits are the lines that first name a value which the column can't hold,
// the first few of them.
func (t table) misfits(ctx context.Context, tx pgx.Tx, wishes []rollback.Wish) ([]int64, error) {
	var texts []string
	var lines, wrong []int64
	known := map[string]bool{}
	for _, w := range wishes {
		if text := t.packed(w.Desired); text != nil && !known[*text] {
			known[*text] = true
			texts, lines = append(texts, *text), append(lines, w.Line)
		}
	}
	for at := 0; at < len(texts) && len(wrong) < mostMisfits; at += tryAtOnce {
		end := min(at+tryAtOnce, len(texts))
		found, err := t.unfit(ctx, tx, texts[at:end], lines[at:end], mostMisfits-len(wrong))
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
	}
	return wrong, nil
}

// unfit tries values in a savepoint, because one that does not fit would end
// the transaction. An explicit cast cuts without a word, so what it gives is
// compared.
func (t table) unfit(ctx context.Context, tx pgx.Tx, texts []string, lines []int64, most int) ([]int64, error) {
	if most <= 0 {
		return nil, nil
	}
	sub, err := tx.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("try values: %w", err)
	}
	defer rollbackTx(ctx, sub)
	var cut []int64
	err = sub.QueryRow(ctx, fmt.Sprintf(`
		select coalesce((array_agg(w.line order by w.line) filter (where %s))[1:%d], '{}'), count(%s)
		  from unnest($1::text[], $2::bigint[]) as w (desired, line)`, t.cut(t.given("w.desired")), most, t.held(t.given("w.desired"))), texts, lines).Scan(&cut, nil)
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return cut, nil
	case !errors.As(err, &pg) || !strings.HasPrefix(pg.Code, "22") && !strings.HasPrefix(pg.Code, "23"):
		return nil, fmt.Errorf("try values: %w", err)
	case len(texts) == 1:
		return lines, nil
	}
	if err := sub.Rollback(ctx); err != nil {
		return nil, fmt.Errorf("try values: %w", err)
	}
	half := len(texts) / 2
	wrong, err := t.unfit(ctx, tx, texts[:half], lines[:half], most)
	if err != nil {
		return nil, err
	}
	more, err := t.unfit(ctx, tx, texts[half:], lines[half:], most-len(wrong))
	return append(wrong, more...), err
}
