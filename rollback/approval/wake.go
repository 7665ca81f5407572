package approval

import (
	"context"
	"errors"
	"time"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// wake does what a job was scheduled for at an instant, by the clock of the
// database: one that comes too early is asked again, one that has nothing to do
// any more is done.
func (a *Approval) wake(ctx context.Context, act journal.Act, id rollback.ID, due time.Time, do func(*step) error) error {
	var early time.Duration
	err := a.decide(ctx, act, id, nil, func(s *step) error {
		if early = due.Sub(s.at); early > 0 {
			return ErrObsolete
		}
		return do(s)
	})
	switch {
	case errors.Is(err, ErrObsolete) && early > 0 && early < sameDeadline:
		return jobs.Snooze(early + time.Second)
	case errors.Is(err, ErrObsolete), errors.Is(err, journal.ErrAlready):
		return nil
	}
	return err
}
