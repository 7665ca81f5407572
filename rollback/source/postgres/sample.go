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

// A sample is taken by a hash of seed and key: it is spread over all members,
// and the same seed finds the same records. Cohorts take turns, so that a small
// one is not left out.
const sampleSQL = `,
     wanted as (
       select seen.*, row_number() over (partition by known, initial, error order by md5($5::text || array[%[1]s]::text)) as turn
         from seen
        where ($6::bool is false or known and initial is not distinct from $7::%[6]s and error is not distinct from $8::%[6]s)
          and ($9::text[] is null or array[%[1]s] = $9::text[])
          and ($10::bool is false or (%[5]s))),
     picked as (select * from wanted order by turn, first limit $11)
select array[%[1]s], known, present, initial, error, current, ambiguous, later, coalesce(t.more, '{}')
  from picked left join lateral (select array[%[2]s]::text[] as more from %[3]s t where %[4]s offset 0) as t on true
 order by turn, first`

// Sample reads members of a scope with the history of their set column, in one
// snapshot. Columns declared as personal are masked before they leave. It
// refuses what StateTable refuses, and a key of the wrong number of parts
// (Invalid).
func (r *Reader) Sample(ctx context.Context, s rollback.Scope, look rollback.Look) ([]rollback.Record, error) {
	var out []rollback.Record
	err := r.snapshot(ctx, "sample "+s.Table, func(tx pgx.Tx) error {
		t, err := r.opt.resolve(ctx, tx, s.Table, s.Set)
		if err != nil {
			return err
		}
		if look.Key != nil && len(look.Key) != len(t.key) {
			return refusal.Invalid("A record of %s is known by %s. Write all of it, with a slash between the parts.", s.Table, strings.Join(t.decl.Key, " and "))
		}
		if _, err := r.fresh(ctx, tx); err != nil {
			return err
		}
		out, err = t.sample(ctx, tx, s, look)
		return err
	})
	return out, err
}

func (t table) sample(ctx context.Context, tx pgx.Tx, s rollback.Scope, look rollback.Look) ([]rollback.Record, error) {
	scope, err := t.scope(s, "")
	if err != nil {
		return nil, err
	}
	var equal, more []string
	for i, k := range t.key {
		equal = append(equal, fmt.Sprintf("t.%s = picked.k%d", k.name, i+1))
	}
	for _, name := range t.decl.Export {
		more = append(more, "t."+column(name)+"::text")
	}
	var pair rollback.Pair
	if look.Pair != nil {
		pair = *look.Pair
	}
	args := append(t.scopeArgs(s), fmt.Sprint(look.Seed), look.Pair != nil, t.arg(pair.Initial), t.arg(pair.Error),
		look.Key, look.Changed, look.Limit)
	rows, err := tx.Query(ctx, scope+fmt.Sprintf(sampleSQL, t.keyTexts(), strings.Join(more, ", "), t.name, strings.Join(equal, " and "), changedSQL, t.form()), args...)
	if err != nil {
		return nil, t.unreadable("read examples", err)
	}
	var found [][]string
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Record, error) {
		key, rec, err := t.record(row)
		found = append(found, key)
		return rec, err
	})
	if err != nil {
		return nil, t.unreadable("read examples", err)
	}
	for i := range out {
		if err := t.past(ctx, tx, found[i], s.Run, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, t.wished(ctx, tx, look.Wishes, found, out)
}

// wished adds to records what a file says that each should be.
func (t table) wished(ctx context.Context, tx pgx.Tx, wishes []rollback.Wish, found [][]string, out []rollback.Record) error {
	for _, w := range wishes {
		i := slices.IndexFunc(found, func(key []string) bool { return slices.Equal(key, w.Key) })
		if i < 0 {
			continue
		}
		r := &out[i]
		var own any
		if err := tx.QueryRow(ctx, "select "+t.held("$1::"+t.form()), t.arg(w.Desired)).Scan(&own); err != nil {
			return t.unreadable("read what a file says", err)
		}
		r.Desired = values(own)
		r.Laid = rollback.Laid{Listed: true, Left: r.Desired.Equal(r.Error), Held: r.Desired.Equal(r.Current)}
	}
	return nil
}

func (t table) record(row pgx.CollectableRow) ([]string, rollback.Record, error) {
	r := rollback.Record{Group: rollback.Group{Records: 1}}
	var key []string
	var initial, left, current any
	var more []*string
	if err := row.Scan(&key, &r.Known, &r.Present, &initial, &left, &current, &r.Ambiguous, &r.Later, &more); err != nil {
		return nil, r, err
	}
	if r.Known {
		r.Initial, r.Error = t.before(initial), values(left)
	}
	if r.Present {
		r.Current = values(current)
	}
	shown := slices.Clone(key)
	for i, name := range t.decl.Key {
		if t.personal(name) {
			shown[i] = rollback.Mask(key[i])
		}
	}
	if r.Key = strings.Join(shown, "/"); !slices.ContainsFunc(t.decl.Key, t.personal) {
		r.Keys = []string{rollback.Tail(r.Key)}
	}
	for i, v := range rollback.FromPointers(more) {
		f := rollback.Field{Name: t.decl.Export[i], Value: v, Masked: t.personal(t.decl.Export[i])}
		if f.Masked {
			f.Value.Text = rollback.Mask(v.Text)
		}
		r.Fields = append(r.Fields, f)
	}
	return key, r, nil
}

func (t table) personal(name string) bool { return slices.Contains(t.decl.PII, name) }
