package count

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/rollback"
)

// Measurement is the newest that is known of an incident: the scope people
// picked, the last snapshot of it, and what they decided.
type Measurement struct {
	Number    int // which pick of the incident; a new pick starts afresh
	Scope     rollback.Scope
	Table     rollback.StateTable
	Decisions []rollback.Decision
	Before    int64     // members of the measurement before, -1 for the first
	At        time.Time // when it was stored, by the log database
}

// Classified is the cohorts of the measurement with the class of each of their
// members, as people have decided so far.
func (m Measurement) Classified() (rollback.Classified, error) { return m.Table.Classify(m.Decisions) }

// Reads from a pool and inside a transaction alike.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Latest returns what is known, and false before anybody picked a run.
func (c *Count) Latest(ctx context.Context, id incidents.ID) (Measurement, bool, error) {
	return latest(ctx, c.db.Pool(), id)
}

const selectLatest = `
	select s.number, s.scope, m.groups, m.at,
	       (select p.groups->>'Members' from measurements p
	         where p.incident = s.incident and p.scope = s.number and p.id < m.id
	         order by p.id desc limit 1)::bigint as before
	  from scopes s
	  left join lateral (select id, groups, at from measurements m
	         where m.incident = s.incident and m.scope = s.number
	         order by id desc limit 1) m on true
	 where s.incident = $1
	 order by s.number desc
	 limit 1`

type latestRow struct {
	Number int
	Scope  json.RawMessage
	Groups []byte
	At     *time.Time
	Before *int64
}

func latest(ctx context.Context, q querier, id incidents.ID) (Measurement, bool, error) {
	rows, err := q.Query(ctx, selectLatest, int64(id))
	if err != nil {
		return Measurement{}, false, fmt.Errorf("read measurement: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[latestRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Measurement{}, false, nil
	}
	if err != nil {
		return Measurement{}, false, fmt.Errorf("read measurement: %w", err)
	}
	m := Measurement{Number: r.Number, Before: -1}
	if err := json.Unmarshal(r.Scope, &m.Scope); err != nil {
		return Measurement{}, false, fmt.Errorf("read scope: %w", err)
	}
	if r.Groups != nil {
		if err := json.Unmarshal(r.Groups, &m.Table); err != nil {
			return Measurement{}, false, fmt.Errorf("read groups: %w", err)
		}
		m.At = r.At.UTC()
	}
	if r.Before != nil {
		m.Before = *r.Before
	}
	m.Table.Scope = m.Scope
	m.Decisions, err = decisions(ctx, q, id, r.Number)
	return m, true, err
}

const selectDecisions = `
	select distinct on (pair) decision
	  from decisions
	 where incident = $1 and scope = $2
	 order by pair, id desc`

func decisions(ctx context.Context, q querier, id incidents.ID, number int) ([]rollback.Decision, error) {
	rows, err := q.Query(ctx, selectDecisions, int64(id), number)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	ds, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (rollback.Decision, error) {
		var raw []byte
		var d rollback.Decision
		if err := row.Scan(&raw); err != nil {
			return d, err
		}
		return d, json.Unmarshal(raw, &d)
	})
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	return ds, nil
}
