package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// What was ticked stays shown, also if its follow-up was dropped since; what
// became an item after the end is none of this incident's.
const findChecklist = `
	select f.incident, f.number, f.safeguard, t.by, t.at
	from incidents n
	join incidents i on i.id < n.id and i.system = any($2) and not i.drill and not i.private
	join follow_ups f on f.incident = i.id and f.checklist and f.safeguard <> '' and f.made_at <= coalesce(n.closed_at, 'infinity')
	left join checklist_ticks t on t.incident = n.id and t.from_incident = f.incident and t.number = f.number
	where n.id = $1 and (f.state <> 'dropped' or t.by is not null)
	order by f.incident, f.number`

// Checklist is what earlier snafus on the systems of an incident have left to look
// at, with what was ticked. Snafus for practice and private ones leave nothing.
func (r *Response) Checklist(ctx context.Context, inc incidents.Incident) (incidents.Checklist, error) {
	return r.checklist(ctx, r.db.Pool(), inc)
}

func (r *Response) checklist(ctx context.Context, q asker, inc incidents.Incident) (incidents.Checklist, error) {
	if inc.System == "" {
		return nil, nil
	}
	systems := []string{inc.System}
	for _, s := range r.Named(inc.System) {
		systems = append(systems, s.Name)
	}
	rows, err := q.Query(ctx, findChecklist, int64(inc.ID), systems)
	if err != nil {
		return nil, fmt.Errorf("read the checklist: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c incidents.ChecklistItem, err error) {
		var by *string
		var at *time.Time
		err = row.Scan(&c.From, &c.Number, &c.Text, &by, &at)
		if by != nil {
			c.By, c.At = incidents.Actor(*by), instant(at)
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the checklist: %w", err)
	}
	return list, nil
}

const insertTick = `
	insert into checklist_ticks (incident, from_incident, number, by, at)
	values ($1, $2, $3, $4, $5)`

const deleteTick = `
	delete from checklist_ticks
	where incident = $1 and from_incident = $2 and number = $3`

// Tick says that somebody looked at an item of the checklist, or with on false
// that nobody did after all. It refuses as Incident.Tick.
func (r *Response) Tick(ctx context.Context, act journal.Act, id incidents.ID, ref string, on bool) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		list, err := r.checklist(ctx, tx, inc)
		if err != nil {
			return inc, nil, err
		}
		item, fact, err := inc.Tick(list, ref, on, act.By, at)
		if err != nil {
			return inc, nil, err
		}
		if on {
			_, err = tx.Exec(ctx, insertTick, int64(id), int64(item.From), item.Number, string(item.By), item.At)
		} else {
			_, err = tx.Exec(ctx, deleteTick, int64(id), int64(item.From), item.Number)
		}
		if err != nil {
			return inc, nil, fmt.Errorf("save a tick: %w", err)
		}
		return inc, []incidents.Fact{fact}, nil
	})
}
