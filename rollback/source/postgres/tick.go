package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// The plain form asks no window function and knows no members: it groups the
// run's own entries, half as dear as the exact form. The %[n]s stand for:
//
//	1 old as the set column would hold it   2 new likewise   3 set column   4 first key column of the table
//	5 history   6 table   7 key of the table equals that of the history   8 run   9 field   10 at
//	11 12 the window as the history's instants are written   13 14 oldest and newest instant
const plainSQL = `
	select %[1]s, t.%[3]s::text collate "C", t.%[4]s is not null, count(*),
	       count(*) filter (where t.%[3]s::text collate "C" is distinct from %[2]s), %[13]s, %[14]s
	  from %[5]s h left join %[6]s t on %[7]s
	 where h.%[8]s::text = $1 and h.%[9]s::text = $4 and h.%[10]s >= %[11]s and h.%[10]s < %[12]s
	 group by 1, 2, 3 order by 1, 2, 3`

// Entries groups what a run wrote into the history by what was there before and
// what is there now, in one pass and one snapshot: the cheapest look at a run,
// good enough to see that it goes on. It returns the instant of the snapshot,
// and refuses what StateTable refuses.
func (r *Reader) Entries(ctx context.Context, s rollback.Scope) (out []rollback.EntryGroup, at time.Time, err error) {
	err = r.snapshot(ctx, "look at "+s.Table, func(tx pgx.Tx) error {
		t, behind, err := r.settle(ctx, tx, s)
		if err != nil {
			return err
		}
		if at, err = instant(ctx, tx); err != nil {
			return err
		}
		at = at.Add(-behind)
		out, err = t.entries(ctx, tx, s)
		return err
	})
	return out, at, err
}

// Groups measures a scope as StateTable does, without what surrounds its
// groups: the values of the whole table, the lists and the oldest entry.
func (r *Reader) Groups(ctx context.Context, s rollback.Scope) (rollback.StateTable, error) {
	out := rollback.StateTable{Scope: s}
	err := r.snapshot(ctx, "measure "+s.Table, func(tx pgx.Tx) error {
		t, behind, err := r.settle(ctx, tx, s)
		if err != nil {
			return err
		}
		out, err = t.groups(ctx, tx, s)
		out.At = out.At.Add(-behind)
		return err
	})
	return out, err
}

// settle finds the declared table and how far behind a standby is.
func (r *Reader) settle(ctx context.Context, tx pgx.Tx, s rollback.Scope) (table, time.Duration, error) {
	t, err := r.opt.resolve(ctx, tx, s.Table, s.Set)
	if err != nil {
		return t, 0, err
	}
	behind, err := r.fresh(ctx, tx)
	return t, behind, err
}

func (t table) entries(ctx context.Context, tx pgx.Tx, s rollback.Scope) ([]rollback.EntryGroup, error) {
	h := t.hist
	if h.name == "" {
		return nil, refusal.Invalid("%s declares no history, so nothing says what a run wrote. Add its history table to the source.", t.decl.Relation)
	}
	var equal []string
	for i, k := range t.key {
		equal = append(equal, fmt.Sprintf("t.%s = (h.%s)::%s", k.name, h.key[i], k.typ))
	}
	zone := t.decl.History.Zone
	rows, err := tx.Query(ctx, fmt.Sprintf(plainSQL, t.told(h.old), t.told(h.new), t.set[0].name, t.key[0].name, h.name, t.name,
		strings.Join(equal, " and "), h.run, h.field, h.at, local("$2", zone), local("$3", zone),
		instantOf("min(h."+h.at+")", zone), instantOf("max(h."+h.at+")", zone)), t.scopeArgs(s)...)
	if err != nil {
		return nil, t.unreadable("group entries", err)
	}
	out, err := pgx.CollectRows(rows, entryGroup)
	if err != nil {
		return nil, t.unreadable("group entries", err)
	}
	return out, nil
}

func entryGroup(row pgx.CollectableRow) (rollback.EntryGroup, error) {
	var g rollback.EntryGroup
	var old, current *string
	err := row.Scan(&old, &current, &g.Present, &g.Entries, &g.Changed, &g.First, &g.Last)
	g.Old, g.First, g.Last = one(old), g.First.UTC(), g.Last.UTC()
	if g.Present {
		g.Current = one(current)
	}
	return g, err
}
