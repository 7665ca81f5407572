package response

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

// look is one look, under the lock of an incident, of a job that looks after
// something. It returns how long until the next one, and 0 once there is nothing
// left to look after.
type look func(tx pgx.Tx, inc incidents.Incident, at time.Time) (again time.Duration, err error)

// lookingAfter does a job that comes again until there is nothing left to look
// after. What came of the last look and the end of the job are one transaction.
// A look that was taken before is left alone.
func (r *Response) lookingAfter(ctx context.Context, id incidents.ID, done func(context.Context, pgx.Tx) error, take look) error {
	var again time.Duration
	err := r.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := relock(ctx, tx, r.db, id)
		if err != nil {
			return err
		}
		if again, err = take(tx, inc, at); err != nil || again > 0 {
			return err
		}
		return done(ctx, tx)
	})
	switch {
	case errors.Is(err, journal.ErrAlready):
		return nil
	case err == nil && again > 0:
		return jobs.Snooze(again)
	}
	return err
}
