package response

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// ThreadReady records where the thread of a light incident is.
func (r *Response) ThreadReady(ctx context.Context, act journal.Act, id incidents.ID, channel string) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		return inc, []incidents.Fact{incidents.ThreadReady{Channel: channel}}, nil
	})
}

// Promote gives a light incident a channel of its own, and calls for help as
// opening a whole one does. It refuses with Conflict one that has its channel,
// or is over.
func (r *Response) Promote(ctx context.Context, act journal.Act, id incidents.ID) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Promote()
		if err != nil {
			return inc, nil, err
		}
		facts := []incidents.Fact{fact}
		if inc.Phase().Live() && inc.Severity.Calls() {
			called, err := r.callAtOpen(ctx, tx, inc, at)
			if err != nil {
				return inc, nil, err
			}
			facts = append(facts, called...)
		}
		return inc, facts, nil
	})
}
