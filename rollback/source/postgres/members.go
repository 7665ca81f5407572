package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Every argument of the scope is used once, whatever the membership is, because
// the server must know the type of each.
const membersSQL = `
with given as (select $1::text, $2::timestamptz, $3::timestamptz, $4::%[2]s)
select count(*) from given cross join (%[1]s) as member`

// Members counts the records that a run has touched: the same number as the
// members of StateTable, without a look at what they are now. It is what a watch
// asks at nine of ten beats: it joins nothing, so it costs a tenth of the exact
// form where the run is found by an index, and a quarter where it is not
// (measured).
func (r *Reader) Members(ctx context.Context, s rollback.Scope) (n int64, at time.Time, err error) {
	err = r.snapshot(ctx, "count members of "+s.Table, func(tx pgx.Tx) error {
		t, behind, err := r.settle(ctx, tx, s)
		if err != nil {
			return err
		}
		if at, err = instant(ctx, tx); err != nil {
			return err
		}
		at = at.Add(-behind)
		members, err := t.touched(s)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, fmt.Sprintf(membersSQL, members, t.form()), t.scopeArgs(s)...).Scan(&n); err != nil {
			return t.unreadable("count members", err)
		}
		return nil
	})
	return n, at, err
}

// touched is the query of the scope's members, without the run's own entries if
// there is a membership to ask.
func (t table) touched(s rollback.Scope) (members string, err error) {
	switch {
	case t.decl.Membership.Relation != "":
		members, err = t.member()
	case t.untold():
		return t.ofList(s.List)
	default:
		members = t.ownMembers()
	}
	if err != nil || s.List == "" {
		return members, err
	}
	return t.listed(members, s.List)
}

// ownMembers is the query of the records that the run's entries are of.
func (t table) ownMembers() string {
	h := t.hist
	var keys []string
	for i, k := range t.key {
		keys = append(keys, fmt.Sprintf("(h.%s)::%s as k%d", h.key[i], k.typ, i+1))
	}
	zone := t.decl.History.Zone
	entries := fmt.Sprintf("select %s from %s h where h.%s::text = $1 and %s and h.%s >= %s and h.%s < %s",
		strings.Join(keys, ", "), h.name, h.run, t.ofFields("$4"), h.at, local("$2", zone), h.at, local("$3", zone))
	return "select distinct " + t.ks() + " from " + t.byKeys("("+entries+")", "entry")
}
