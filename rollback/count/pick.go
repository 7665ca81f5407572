package count

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/source"
)

// ScopeOf is the scope of a run as a source has seen it: from its first trace
// on, with an open end: a run that still goes on keeps adding members, and a
// closed window would hide that.
func ScopeOf(name, table string, set []string, run rollback.RunSeen) rollback.Scope {
	return rollback.Scope{Source: name, Table: table, Set: set, Run: run.Run, From: run.From.UTC().Truncate(time.Microsecond)}
}

// Runs lists the runs that touched a table lately, newest first.
func (c *Count) Runs(ctx context.Context, name, table string, at time.Time) ([]rollback.RunSeen, error) {
	var runs []rollback.RunSeen
	err := c.with(ctx, name, func(r source.Reader) (err error) {
		runs, err = r.Runs(ctx, table, at.Add(-c.window))
		return err
	})
	return runs, err
}

// Pick says which run an incident is about and measures it. It refuses with
// Conflict when the incident is over or the same run is picked already, and
// with NotFound when the run has no members.
func (c *Count) Pick(ctx context.Context, act journal.Act, id incidents.ID, scope rollback.Scope) error {
	table, err := c.measure(ctx, scope)
	if err != nil {
		return err
	}
	if table.Members == 0 {
		return refusal.NotFound("%s left no trace in %s of %s. Pick another run, or another table.", scope.Run, scope.Table, scope.Source)
	}
	return c.ongoing(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, old Measurement, picked bool, at time.Time) error {
		if picked && Same(old.Scope, scope) {
			return refusal.Conflict("%s is about %s already. /snafu count measures it again.", id, scope.Run)
		}
		if err := insertPick(ctx, tx, id, old.Number+1, scope, act, at); err != nil {
			return err
		}
		fact := Picked{Source: scope.Source, Table: scope.Table, Set: scope.Set, Run: scope.Run, From: scope.From, To: scope.To}
		if err := journal.Append(ctx, tx, id, act, at, fact); err != nil {
			return err
		}
		m := Measurement{Number: old.Number + 1, Scope: scope, Table: table, Before: -1}
		if err := c.store(ctx, tx, act, inc, at, m); err != nil {
			return err
		}
		if inc, err = response.Locked(ctx, tx, id); err != nil { // with what was counted just now
			return err
		}
		return c.watchPicked(ctx, tx, act, inc, m, at)
	})
}

// Same says that two scopes are about the same records and columns.
func Same(a, b rollback.Scope) bool {
	return a.Source == b.Source && a.Table == b.Table && slices.Equal(a.Set, b.Set) && a.Run == b.Run && a.From.Equal(b.From) &&
		a.To.Equal(b.To) && a.List == b.List
}

// ongoing changes what is counted, under the lock of the incident and knowing its
// newest pick. It refuses once the incident is over.
func (c *Count) ongoing(ctx context.Context, act journal.Act, id incidents.ID,
	change func(tx pgx.Tx, inc incidents.Incident, m Measurement, picked bool, at time.Time) error,
) error {
	return c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		if err := counts(inc); err != nil {
			return err
		}
		m, picked, err := latest(ctx, tx, id)
		if err != nil {
			return err
		}
		return change(tx, inc, m, picked, at)
	})
}

// counts refuses once the incident is over.
func counts(inc incidents.Incident) error {
	if inc.Phase().Ended() {
		return refusal.Conflict("%s is %s. /snafu reopen WHY starts it again; something else is a new one: /snafu open TITLE.", inc.ID, inc.Phase())
	}
	return nil
}

const insertScope = `
	insert into scopes (incident, number, scope, by, at)
	values ($1, $2, $3, $4, $5)`

func insertPick(ctx context.Context, tx pgx.Tx, id incidents.ID, number int, scope rollback.Scope, act journal.Act, at time.Time) error {
	raw, err := json.Marshal(scope)
	if err != nil {
		return fmt.Errorf("encode scope: %w", err)
	}
	if _, err := tx.Exec(ctx, insertScope, int64(id), number, raw, string(act.By), at); err != nil {
		return fmt.Errorf("insert scope: %w", err)
	}
	return nil
}
