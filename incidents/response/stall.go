package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Incidents that were opened a while ago and of which this was not said yet. Of
// one that was opened long ago people know.
const findStalled = `
	select id
	from incidents
	where phase = 'triage' and opened_at <= $1 and opened_at > $2
		and not exists (select from acts where key = 'stalls:' || incidents.id)
	order by id`

const stalledUntil = 24 * time.Hour

// Stalled says once of each incident that questions of triage stay open without
// which nothing can be stopped or counted, and returns of how many. It is computed
// from rows: after a rest each is said once.
func (r *Response) Stalled(ctx context.Context) (int, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	rows, err := r.db.Pool().Query(ctx, findStalled, at.Add(-incidents.StallAfter), at.Add(-stalledUntil))
	if err != nil {
		return 0, fmt.Errorf("read what stalls: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return 0, fmt.Errorf("read what stalls: %w", err)
	}
	said, faults := 0, []error(nil)
	for _, id := range ids {
		act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("stalls:%d", int64(id))}
		err := r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
			fact, stalls := inc.Stalls(at)
			if !stalls {
				return inc, nil, errMoving
			}
			return inc, []incidents.Fact{fact}, nil
		})
		switch {
		case err == nil:
			said++
		case !errors.Is(err, errMoving) && !errors.Is(err, journal.ErrAlready):
			faults = append(faults, fmt.Errorf("say what stalls in %s: %w", id, err))
		}
	}
	return said, errors.Join(faults...)
}

// errMoving leaves an incident that does not stall as it is.
var errMoving = errors.New("it does not stall")
