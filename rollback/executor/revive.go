package executor

import (
	"context"
	"errors"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/rollback/approval"
)

// pauseAway makes the run wait until its source answers again, or a person says
// what to do.
func (r *run) pauseAway(ctx context.Context) error {
	return r.pause(ctx, approval.Pause{Code: approval.PauseAway, Why: r.view.Spec.Scope.Source + " does not answer"})
}

// Revive looks at whether the source of a paused run answers again, every so
// often, and then lets the run go on: once by itself. After that, and when the
// approvals no longer stand, it waits for a person.
func (e *Executor) Revive(ctx context.Context, job jobs.Job[approval.Revive]) error {
	source, err := e.approval.Reviving(ctx, job.Args)
	if err == nil {
		if !e.answers(ctx, source) {
			return jobs.Snooze(e.pace.Again)
		}
		err = e.approval.Revived(ctx, job.Args)
	}
	if no, refused := refusal.As(err); refused {
		if no.Kind == refusal.KindUnavailable {
			return jobs.Snooze(e.pace.Again)
		}
		e.log.InfoContext(ctx, "a run whose source is back waits for a person", "plan", job.Args.Plan, "err", no)
		return nil
	}
	if errors.Is(err, approval.ErrObsolete) {
		return nil
	}
	return err
}

// answers says that the executing login is let in.
func (e *Executor) answers(ctx context.Context, source string) bool {
	w, err := e.writers(source)
	if err != nil {
		return false
	}
	defer w.Close()
	return w.Ping(ctx) == nil
}
