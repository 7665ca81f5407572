package count

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

const selectSeries = `
	select groups, at
	  from measurements
	 where incident = $1 and scope = $2
	 order by id desc
	 limit $3`

// Series returns the newest measurements of the run that an incident is about,
// at most so many, oldest first. Each is judged by the decisions of now: what
// people decided later was wrong before they said so. It is empty before
// anybody picked a run.
func (c *Count) Series(ctx context.Context, id incidents.ID, most int) ([]Measurement, error) {
	known, picked, err := c.Latest(ctx, id)
	if err != nil || !picked {
		return nil, err
	}
	rows, err := c.db.Pool().Query(ctx, selectSeries, int64(id), known.Number, most)
	if err != nil {
		return nil, fmt.Errorf("read measurements: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Measurement, error) {
		m := Measurement{Number: known.Number, Scope: known.Scope, Decisions: known.Decisions, Before: -1}
		var raw []byte
		var at time.Time
		if err := row.Scan(&raw, &at); err != nil {
			return m, err
		}
		m.At = at.UTC()
		if err := json.Unmarshal(raw, &m.Table); err != nil {
			return m, err
		}
		m.Table.Scope = known.Scope
		return m, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read measurements: %w", err)
	}
	slices.Reverse(all)
	for i := 1; i < len(all); i++ {
		all[i].Before = all[i-1].Table.Members
	}
	return all, nil
}
