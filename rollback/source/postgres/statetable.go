package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Groups stand in the order of the run's first trace in their pair, so that a
// later count numbers the cohorts as the first one did.
//
// Of records that no longer match, the first and the last key are read along:
// to collect all of them would cost what they are many.
//
// Values of xid can be hashed and not sorted. With one among what is grouped by,
// the server hashes: it cannot reckon what the groups cost beside the look-up of
// every record, and would sort all records for the sake of a few groups, at a
// fifth of the whole (measured).
const groupsSQL = `,
     gathered as (
       select state, initial, error, current, '0'::xid as hashed, count(*) as records, min(first) as first, min(shown) as lowest, max(shown) as highest
         from (select seen.*, case when %[2]s then %[1]s end as shown from seen) as seen group by 1, 2, 3, 4, 5)
select state, initial, error, current, records, lowest, nullif(highest, lowest)
  from gathered
 order by state & 1, min(first) over (partition by state & 1, initial, error), initial, error, state & 2, current, state & 8, state & 4, state & 16`

// StateTable measures a scope in one pass and one snapshot. It refuses what
// resolve refuses, a run that the history no longer reaches (retention), and is
// Unavailable when the source takes too long.
func (r *Reader) StateTable(ctx context.Context, s rollback.Scope) (rollback.StateTable, error) {
	var out rollback.StateTable
	err := r.snapshot(ctx, "measure "+s.Table, func(tx pgx.Tx) (err error) {
		t, behind, err := r.settle(ctx, tx, s)
		if err != nil {
			return err
		}
		out, err = t.measure(ctx, tx, s)
		out.At = out.At.Add(-behind)
		return err
	})
	return out, err
}

// Groups is the exact form alone: what StateTable says of a run's members,
// without what it reads around them: the values of the whole table, the lists
// and whether the history reaches back.
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

// measure runs in whatever snapshot tx has.
func (t table) measure(ctx context.Context, tx pgx.Tx, s rollback.Scope) (rollback.StateTable, error) {
	out, err := t.groups(ctx, tx, s)
	if err != nil {
		return out, err
	}
	return t.around(ctx, tx, s, out)
}

// around adds to the groups what the rest of the table and its history say.
func (t table) around(ctx context.Context, tx pgx.Tx, s rollback.Scope, out rollback.StateTable) (_ rollback.StateTable, err error) {
	if out.Values, out.Total, err = t.values(ctx, tx); err != nil {
		return out, err
	}
	if out.Lists, err = t.lists(ctx, tx, s.Run); err != nil {
		return out, err
	}
	if out.HistoryFrom, err = t.historyFrom(ctx, tx, s); err != nil {
		return out, err
	}
	return out, t.retained(out)
}

// groups counts the members of a run by what they were, became and are now.
func (t table) groups(ctx context.Context, tx pgx.Tx, s rollback.Scope) (rollback.StateTable, error) {
	out := rollback.StateTable{Scope: s, KeyParts: len(t.key), Keeps: t.decl.History.Retention}
	scope, err := t.scope(s, "")
	if err != nil {
		return out, err
	}
	if out.At, err = instant(ctx, tx); err != nil {
		return out, err
	}
	rows, err := tx.Query(ctx, scope+fmt.Sprintf(groupsSQL, t.keyText(), changedSQL), t.scopeArgs(s)...)
	if err != nil {
		return out, t.unreadable("count groups", err)
	}
	if out.Groups, err = pgx.CollectRows(rows, t.group); err != nil {
		return out, t.unreadable("count groups", err)
	}
	for _, g := range out.Groups {
		out.Members += g.Records
	}
	return out, nil
}

// changedSQL holds for records that do not match what the run left.
const changedSQL = `state & 15 > 0 or current is distinct from error`

// keyText is a key as people write it: its parts with a slash between them.
func (t table) keyText() string {
	parts := make([]string, len(t.key))
	for i := range t.key {
		parts[i] = fmt.Sprintf("k%d::text", i+1)
	}
	return "(" + strings.Join(parts, " || '/' || ") + `) collate "C"`
}

func (t table) group(row pgx.CollectableRow) (rollback.Group, error) {
	var g rollback.Group
	var state int32
	var initial, left, current any
	var lowest, highest *string
	err := row.Scan(&state, &initial, &left, &current, &g.Records, &lowest, &highest)
	g.Known, g.Present = state&stateUnknown == 0, state&stateGone == 0
	g.Ambiguous, g.Later, g.Back = state&stateAmbiguous > 0, state&stateLater > 0, state&stateBack > 0
	if !slices.ContainsFunc(t.decl.Key, t.personal) {
		for _, key := range []*string{lowest, highest} {
			if key != nil {
				g.Keys = append(g.Keys, rollback.Tail(*key))
			}
		}
	}
	if g.Known {
		g.Initial, g.Error = t.before(initial), values(left)
	}
	if g.Present {
		g.Current = values(current)
	}
	return g, err
}

// retained refuses when the run is older than what the history keeps and
// nothing of it is left.
func (t table) retained(s rollback.StateTable) error {
	keeps := t.decl.History.Retention
	known := slices.ContainsFunc(s.Groups, func(g rollback.Group) bool { return g.Known })
	if age := s.At.Sub(s.Scope.From); keeps > 0 && age > keeps && s.Members > 0 && !known {
		return rollback.RefuseRetention(t.decl.Relation, keeps, age)
	}
	return nil
}

// instant is the moment of the snapshot, in UTC microseconds.
func instant(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	var at time.Time
	if err := tx.QueryRow(ctx, `select transaction_timestamp()`).Scan(&at); err != nil {
		return at, fmt.Errorf("read the instant: %w", err)
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

// mostValues bounds what is listed of a column that turns out to hold a
// different value in every record. The total counts all of them.
const mostValues = 100

func (t table) values(ctx context.Context, tx pgx.Tx) ([]rollback.ValueCount, int64, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select v, n, sum(n) over ()::bigint
		  from (select %s as v, count(*) as n from %s t group by 1) as g
		 order by n desc, v limit %d`, t.current(), t.name, mostValues))
	if err != nil {
		return nil, 0, fmt.Errorf("count values: %w", err)
	}
	var total int64
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.ValueCount, error) {
		var v any
		var c rollback.ValueCount
		err := row.Scan(&v, &c.Records, &total)
		c.Value = values(v)
		return c, err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("count values: %w", err)
	}
	return found, total, nil
}

func (t table) lists(ctx context.Context, tx pgx.Tx, run string) ([]rollback.ListCount, error) {
	var out []rollback.ListCount
	for _, name := range slices.Sorted(maps.Keys(t.decl.Lists)) {
		l := t.decl.Lists[name]
		c := rollback.ListCount{Name: name}
		sql := fmt.Sprintf(`select count(*) from %s where %s::text = $1`, quoted(l.Relation), column(l.Name))
		if err := tx.QueryRow(ctx, sql, run).Scan(&c.Records); err != nil {
			return nil, fmt.Errorf("count list %s: %w", name, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// historyFrom is when the history began, if that was after the run. The first
// entry from before the run that is met ends the search: to find the oldest one
// is to read the whole history where no index holds the time.
func (t table) historyFrom(ctx context.Context, tx pgx.Tx, s rollback.Scope) (time.Time, error) {
	if s.From.IsZero() || t.untold() {
		return time.Time{}, nil
	}
	var at *time.Time
	zone := t.decl.History.Zone
	sql := fmt.Sprintf(`select %s from %[2]s h where not exists (select from %[2]s before where before.%[3]s <= %[4]s)`,
		instantOf("min(h."+t.hist.at+")", zone), t.hist.name, t.hist.at, local("$1", zone))
	if err := tx.QueryRow(ctx, sql, s.From.Add(rollback.Skew)).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("read the oldest entry: %w", err)
	}
	if at == nil {
		return time.Time{}, nil
	}
	return at.UTC(), nil
}
