package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
)

const markMilestone = `
	insert into milestones (incident, name, first_at, last_at)
	values ($1, $2, $3, $3)
	on conflict (incident, name) do update
	set last_at = greatest(milestones.last_at, excluded.last_at), times = milestones.times + 1`

// mark keeps when a fact that is a milestone came true, in the transaction of
// the fact.
func mark(ctx context.Context, tx pgx.Tx, id incidents.ID, at time.Time, fact incidents.Fact) error {
	m, marks := fact.(incidents.Marker)
	if !marks || id == House || m.Milestone() == "" {
		return nil
	}
	if _, err := tx.Exec(ctx, markMilestone, id, string(m.Milestone()), at.UTC().Truncate(time.Microsecond)); err != nil {
		return fmt.Errorf("mark a milestone: %w", err)
	}
	return nil
}

const readMilestones = `
	select incident, name, first_at, last_at, times
	from milestones
	where incident = any($1)`

// Milestones returns what these incidents have reached, and when.
func Milestones(ctx context.Context, db *pgdb.DB, ids ...incidents.ID) (map[incidents.ID]map[incidents.Milestone]incidents.Reached, error) {
	list := make([]int64, len(ids))
	for n, id := range ids {
		list[n] = int64(id)
	}
	rows, err := db.Pool().Query(ctx, readMilestones, list)
	if err != nil {
		return nil, fmt.Errorf("read milestones: %w", err)
	}
	all := map[incidents.ID]map[incidents.Milestone]incidents.Reached{}
	var number int64
	var name string
	var r incidents.Reached
	_, err = pgx.ForEachRow(rows, []any{&number, &name, &r.First, &r.Last, &r.Times}, func() error {
		id := incidents.ID(number)
		if all[id] == nil {
			all[id] = map[incidents.Milestone]incidents.Reached{}
		}
		all[id][incidents.Milestone(name)] = incidents.Reached{First: r.First.UTC(), Last: r.Last.UTC(), Times: r.Times}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read milestones: %w", err)
	}
	return all, nil
}
