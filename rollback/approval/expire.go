package approval

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// Expire ends a revision whose deadline has passed by the clock of the
// database. A deadline that moved has a job of its own; one that our clock
// thinks has come and the database's does not is asked again.
func (a *Approval) Expire(ctx context.Context, job jobs.Job[Expire]) error {
	args := job.Args
	act := journal.Act{
		By:  incidents.System("approval"),
		Key: fmt.Sprintf("expire:%d:%d:%d", args.Plan, args.Revision, args.At.UnixMicro()),
	}
	var early time.Duration
	err := a.decide(ctx, act, args.Plan, nil, func(s *step) error {
		early = -1
		if s.rev.Number != args.Revision {
			return ErrObsolete
		}
		if !s.due() {
			if s.stateName().Open() {
				early = args.At.Sub(s.at)
			}
			return ErrObsolete
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		e, ok := state.(interface{ Expire() rollback.Ended })
		if !ok {
			return ErrObsolete
		}
		if err := s.end(ctx, e.Expire()); err != nil {
			return err
		}
		return s.say(ctx, Expired{Rev: s.fact(), Was: string(state.Name())})
	})
	switch {
	case errors.Is(err, ErrObsolete) && early >= 0 && early < sameDeadline:
		return jobs.Snooze(early + time.Second)
	case errors.Is(err, ErrObsolete), errors.Is(err, journal.ErrAlready):
		return nil
	}
	return err
}

// sameDeadline is how far two clocks may disagree before a deadline is not
// asked for again: the claim checks it in any case.
const sameDeadline = 15 * time.Minute

// due says whether the revision's present deadline has passed.
func (s *step) due() bool {
	switch s.stateName() {
	case rollback.NameFrozen, rollback.NameProposed:
		return s.rev.FreezeExpires != nil && s.at.After(*s.rev.FreezeExpires)
	case rollback.NameApproved:
		return s.rev.StartBefore != nil && !s.at.Before(*s.rev.StartBefore)
	}
	return false
}
