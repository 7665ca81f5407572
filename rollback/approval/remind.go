package approval

import (
	"context"
	"fmt"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
)

// A plan that waits for approvals is called to mind after a while, then again
// and again, and for the last time before its counts are too old.
const (
	firstReminder = 15 * time.Minute
	nextReminder  = 30 * time.Minute
	lastReminder  = 30 * time.Minute // before the expiry
)

// Remind calls a plan to mind that waits for approvals.
type Remind struct {
	Plan     rollback.ID `json:"plan"`
	Revision int64       `json:"revision"`
	At       time.Time   `json:"at"`

	Person incidents.Person `json:"person,omitempty"` // who asked to be reminded then; nobody else is
}

// Kind names the job.
func (Remind) Kind() string { return "remind" }

func (s *step) remindAt(ctx context.Context, at time.Time) error {
	if s.rev.FreezeExpires == nil || at.After(s.rev.FreezeExpires.Add(-lastReminder)) {
		return nil
	}
	return jobs.AddAt(ctx, s.tx, Remind{Plan: s.id, Revision: s.rev.Number, At: at}, at)
}

// Remind does the job of that name: it tells each person who may still approve and
// has not asked to be left alone, while the plan waits.
func (a *Approval) Remind(ctx context.Context, job jobs.Job[Remind]) error {
	args := job.Args
	act := journal.Act{By: incidents.System("approval"), Key: fmt.Sprintf("remind:%d:%d:%d", args.Plan, args.Revision, args.At.UnixMicro())}
	if args.Person != "" {
		act.Key += ":" + string(args.Person)
	}
	return a.wake(ctx, act, args.Plan, args.At, func(s *step) error {
		if s.rev.Number != args.Revision || s.stateName() != rollback.NameProposed || s.due() {
			return ErrObsolete
		}
		v, err := s.view()
		if err != nil {
			return err
		}
		who, err := s.toRemind(ctx, args, v.Can)
		if err != nil {
			return err
		}
		if len(who) > 0 {
			if err := s.say(ctx, Waiting{Rev: s.fact(), Missing: v.Missing, Expires: v.Expires, People: names(who)}); err != nil {
				return err
			}
		}
		if args.Person != "" {
			return nil
		}
		return s.remindAt(ctx, s.nextReminder())
	})
}

// nextReminder is in a while, or at the last moment that helps.
func (s *step) nextReminder() time.Time {
	next, last := s.at.Add(nextReminder), s.rev.FreezeExpires.Add(-lastReminder)
	if s.at.Before(last) && next.After(last) {
		return last
	}
	return next
}
