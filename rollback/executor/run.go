package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// run is one process at work on one run.
type run struct {
	e      *Executor
	job    approval.Run
	epoch  int64 // of the ownership in the log database
	view   rollback.PlanView
	r      rollback.Running
	w      source.Writer
	fence  rollback.Fence
	done   rollback.Progress
	shown  bool  // the canary
	failed int64 // records that the source refused in this sitting
	size   sizer
}

// Run walks a claimed plan, or goes on with it. It ends when the plan has
// ended, when a person has to say something first, or when another process has
// taken over. Killed at any instant, it goes on from what the source committed.
func (e *Executor) Run(ctx context.Context, job jobs.Job[approval.Run]) error {
	running, view, err := e.approval.ForRun(ctx, job.Args)
	if errors.Is(err, approval.ErrObsolete) {
		return nil
	}
	if err != nil {
		return err
	}
	own, err := e.own(ctx, job)
	if errors.Is(err, approval.ErrOwned) {
		return nil
	}
	if err != nil {
		return err
	}
	defer own.leave()
	w, err := e.writers(view.Spec.Scope.Source)
	if err != nil {
		return err
	}
	defer w.Close()
	r := &run{e: e, job: job.Args, epoch: own.epoch, view: view, r: running, w: w, size: newSizer(view.Spec.Batch)}
	err = r.work(own.ctx)
	switch {
	case errors.Is(err, errStopped), errors.Is(err, approval.ErrObsolete), errors.Is(err, approval.ErrOwned), errors.Is(err, source.ErrTakenOver):
		return nil
	case own.lost():
		return nil
	}
	return err
}

// errStopped says that the run waits or has ended, and that this is recorded.
var errStopped = errors.New("the run has stopped")

func (r *run) work(ctx context.Context) error {
	if err := r.preflight(ctx); err != nil {
		return err
	}
	if err := r.take(ctx); err != nil {
		return err
	}
	if err := r.walk(ctx); err != nil {
		return err
	}
	if err := r.sweepUp(ctx); err != nil {
		return err
	}
	return r.finish(ctx)
}

// take becomes the one owner in the source and learns from it how far the run
// has come; what the log has missed is told to it first.
func (r *run) take(ctx context.Context) (err error) {
	if r.fence, err = r.w.Take(ctx, r.r, r.e.holder); err != nil {
		return fmt.Errorf("take %s: %w", r.view.Spec.Label(), err)
	}
	if r.done, err = r.w.Last(ctx, r.fence); err != nil {
		return fmt.Errorf("read how far %s has come: %w", r.view.Spec.Label(), err)
	}
	missed, err := r.w.Batches(ctx, r.fence, r.view.Progress.Batches)
	if err != nil {
		return fmt.Errorf("read the batches of %s: %w", r.view.Spec.Label(), err)
	}
	if r.job.Swept() {
		if err := r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.TakenOver(ctx, tx, r.job, r.epoch) }); err != nil {
			return err
		}
	}
	for _, b := range missed {
		if err := r.seen(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) seen(ctx context.Context, b rollback.Batch) error {
	return r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Seen(ctx, tx, r.job, r.epoch, b) })
}

// record makes a transition; one that was made before is as good.
func (r *run) record(ctx context.Context, do func(pgx.Tx) error) error {
	err := r.e.db.InTx(ctx, do)
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

// preflight is the last look before writing: the copy of the values is whole,
// this is the database and the table that were approved, and nobody joined or
// left. It may end the run or make it wait.
func (r *run) preflight(ctx context.Context) error {
	if err := intact(r.r.Freeze().Export); err != nil {
		r.e.log.ErrorContext(ctx, "export", "plan", r.view.Spec.Label(), "err", err)
		return r.refused(ctx, rollback.VerdictFail, rollback.Drift{}, rollback.RefuseExport(r.view.Spec.Ref))
	}
	drift, err := r.w.Preflight(ctx, r.r)
	if err != nil {
		return fmt.Errorf("look before writing %s: %w", r.view.Spec.Label(), err)
	}
	verdict, reason := drift.Judge(r.r.Run(), r.view.Spec.Unit)
	if verdict != rollback.VerdictGo && !r.goesOn(drift, verdict) {
		return r.refused(ctx, verdict, drift, reason)
	}
	return r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Preflighted(ctx, tx, r.job, r.epoch, drift) })
}

// goesOn says that a run which has begun leaves out what changed meanwhile, as
// each statement would anyway. Growth and a changed table need a person.
func (r *run) goesOn(d rollback.Drift, v rollback.Verdict) bool {
	return v == rollback.VerdictRedraft && r.view.Progress.Batches > 0 && d.Growth == 0 && len(d.Schema) == 0
}

func (r *run) refused(ctx context.Context, v rollback.Verdict, d rollback.Drift, reason error) error {
	if v == rollback.VerdictRedraft && r.view.Progress.Batches > 0 {
		return r.pause(ctx, approval.Pause{Code: "drift", Why: words(reason)})
	}
	err := r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Stopped(ctx, tx, r.job, r.epoch, v, d, reason) })
	if err != nil {
		return err
	}
	return errStopped
}

// words is a reason as a person reads it.
func words(err error) string {
	if no, ok := refusal.As(err); ok {
		return no.Say
	}
	return "It broke on my side."
}

// pause makes the run wait for a person.
func (r *run) pause(ctx context.Context, p approval.Pause) error {
	if err := r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Pause(ctx, tx, r.job, r.epoch, p) }); err != nil {
		return err
	}
	return errStopped
}
