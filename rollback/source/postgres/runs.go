package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// mostRuns bounds the candidates a person is shown.
const mostRuns = 50

// Runs lists the runs that left a trace since an instant, newest first. Members
// count where there is a membership table, else the keys of a run's entries.
func (r *Reader) Runs(ctx context.Context, name string, since time.Time) ([]rollback.RunSeen, error) {
	var out []rollback.RunSeen
	err := r.snapshot(ctx, "list runs of "+name, func(tx pgx.Tx) (err error) {
		decl, err := r.opt.table(name)
		if err != nil {
			return err
		}
		out, err = runs(ctx, tx, decl, since)
		return err
	})
	return out, err
}

func runs(ctx context.Context, tx pgx.Tx, decl rollback.Table, since time.Time) ([]rollback.RunSeen, error) {
	found := map[string]rollback.RunSeen{}
	if h := decl.History; h.Relation != "" {
		if err := collect(ctx, tx, found, trail{h.Relation, h.Run, h.At, h.Zone, h.Key}, since); err != nil {
			return nil, err
		}
	}
	if m := decl.Membership; m.Relation != "" && m.At != "" && m.Name == "" && m.Runs.Relation == "" {
		members := map[string]rollback.RunSeen{}
		if err := collect(ctx, tx, members, trail{m.Relation, m.Run, m.At, m.Zone, m.Key}, since); err != nil {
			return nil, err
		}
		for run, seen := range members {
			if entries, both := found[run]; both {
				seen.From, seen.To = earlier(seen.From, entries.From), later(seen.To, entries.To)
			}
			found[run] = seen
		}
	}
	out := make([]rollback.RunSeen, 0, len(found))
	for _, seen := range found {
		out = append(out, seen)
	}
	slices.SortFunc(out, func(a, b rollback.RunSeen) int {
		if c := b.To.Compare(a.To); c != 0 {
			return c
		}
		return strings.Compare(a.Run, b.Run)
	})
	return out[:min(len(out), mostRuns)], nil
}

// trail is a table in which runs leave traces.
type trail struct {
	relation, run, at, zone string
	key                     []string
}

func collect(ctx context.Context, tx pgx.Tx, into map[string]rollback.RunSeen, t trail, since time.Time) error {
	at := column(t.at)
	rows, err := tx.Query(ctx, fmt.Sprintf(`
		select %[1]s::text, %[2]s, %[3]s, count(distinct (%[4]s))
		  from %[5]s where %[6]s >= %[7]s and %[1]s is not null group by 1 order by 3 desc limit %[8]d`,
		column(t.run), instantOf("min("+at+")", t.zone), instantOf("max("+at+")", t.zone), columns(t.key), quoted(t.relation), at,
		local("$1", t.zone), mostRuns), since)
	if err != nil {
		return fmt.Errorf("list runs: %w", err)
	}
	seen, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rollback.RunSeen])
	if err != nil {
		return fmt.Errorf("list runs: %w", err)
	}
	for _, s := range seen {
		s.From, s.To = s.From.UTC(), s.To.UTC()
		into[s.Run] = s
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
