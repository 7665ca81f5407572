package count

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Measure counts the incident's scope again. It refuses with Invalid before a
// run is picked, and with Unavailable when the source does not answer.
func (c *Count) Measure(ctx context.Context, act journal.Act, id incidents.ID) error {
	known, picked, err := c.Latest(ctx, id)
	if err != nil {
		return err
	}
	if !picked {
		return refusal.Invalid("Nothing to count yet. Say which run did it: /snafu triage 2.")
	}
	table, err := c.measured(ctx, id, known)
	if err != nil {
		return err
	}
	return c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		m, _, err := latest(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.Number != known.Number {
			return refusal.Conflict("Another run was picked while this one was counted. /snafu count measures that one.")
		}
		if !m.laid(table) {
			return refusal.Conflict("Somebody took or left a file of desired values while this was counted. /snafu count measures it again.")
		}
		if !table.At.After(m.Table.At) { // somebody who asked for the same has stored it, or a newer one
			return nil
		}
		m.Before, m.Table = m.Table.Members, table
		return c.store(ctx, tx, act, inc, at, m)
	})
}

func (c *Count) measure(ctx context.Context, scope rollback.Scope) (rollback.StateTable, error) {
	return c.together(ctx, scope, func() (table rollback.StateTable, err error) {
		err = c.counting(ctx, scope.Source, func(r source.Reader) (err error) {
			table, err = r.StateTable(ctx, scope)
			return err
		})
		return table, err
	})
}

const insertMeasurement = `
	insert into measurements (incident, scope, groups, read_at, at)
	values ($1, $2, $3, $4, $5)`

// store keeps a measurement, journals its counts, lets the incident judge
// whether the error still occurs, and voids what rests on fewer members.
func (c *Count) store(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time, m Measurement) error {
	raw, err := json.Marshal(m.Table)
	if err != nil {
		return fmt.Errorf("encode groups: %w", err)
	}
	if _, err := tx.Exec(ctx, insertMeasurement, int64(inc.ID), m.Number, raw, m.Table.At, at); err != nil {
		return fmt.Errorf("insert measurement: %w", err)
	}
	fact, err := m.fact()
	if err != nil {
		return err
	}
	if err := journal.Append(ctx, tx, inc.ID, act, at, fact); err != nil {
		return err
	}
	if err := response.Counted(ctx, tx, act, inc, at, incidents.Recount{
		Source: m.Scope.Source, Table: m.Scope.Table, Run: m.Scope.Run, Touched: m.Table.Members, At: m.Table.At,
	}); err != nil || c.grown == nil || fact.Grew() <= 0 {
		return err
	}
	return c.grown(ctx, tx, act, inc, fact.Grew(), at)
}

func (m Measurement) fact() (Measured, error) {
	classified, err := m.Classified()
	if err != nil {
		return Measured{}, err
	}
	sum := classified.Classes()
	return Measured{
		Source: m.Scope.Source, Table: m.Scope.Table, Run: m.Scope.Run, ReadAt: m.Table.At,
		Members: m.Table.Members, Before: m.Before,
		Write: sum.Write, Right: sum.Right, Already: sum.Already, Conflicts: sum.Conflicts(), Missing: sum.Missing,
		Contain: sum.Ambiguous + sum.Unrecoverable, Undecided: sum.Undecided,
	}, nil
}
