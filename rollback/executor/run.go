package executor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	shown  bool              // the canary
	before rollback.Outcomes // when this sitting began
	failed int64             // records that the source refused in this sitting
	size   sizer

	throttle Throttle
	pulse    pulse
	calmAt   time.Time // when the source was last asked and wanted nothing
	strained time.Time // since when it wants to be left alone; zero while it does not
	strains  string    // the reason that was told
	holds    int64     // how often one was told
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
	r := &run{
		e: e, job: job.Args, epoch: own.epoch, view: view, r: running, size: newSizer(view.Spec.Batch),
		throttle: e.throttle[view.Spec.Scope.Source], pulse: pulse{most: view.Spec.Batch.TargetMax},
	}
	err = r.open(own.ctx)
	if err == nil {
		defer r.w.Close()
		err = r.work(own.ctx)
	}
	switch {
	case errors.Is(err, errStopped), errors.Is(err, approval.ErrObsolete), errors.Is(err, approval.ErrOwned), errors.Is(err, source.ErrTakenOver):
		return nil
	case err == nil, own.lost():
		return nil
	}
	// A failed job waits ever longer for its next try, and the run would wait with
	// it, long after what was away is back.
	e.log.ErrorContext(ctx, "run broke, and is tried again", "plan", view.Spec.Label(), "err", err)
	return errors.Join(err, jobs.Snooze(e.pace.Again))
}

// open gets the executing login. A source that has none any more is for a person
// to mend.
func (r *run) open(ctx context.Context) (err error) {
	r.w, err = r.e.writers(r.view.Spec.Scope.Source)
	if no, refused := refusal.As(err); refused {
		return r.pause(ctx, approval.Pause{Code: "fault", Why: no.Say})
	}
	return err
}

// errStopped says that the run waits or has ended, and that this is recorded.
var errStopped = errors.New("the run has stopped")

func (r *run) work(ctx context.Context) error {
	if err := r.preflight(ctx); err != nil {
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
	r.before = r.done.Counts
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

// preflight is the last look before writing: this is the database and the table
// that were approved, nobody joined or left, and the copy of the values is
// whole. It may end the run or make it wait. How far the run has come is asked
// of the source before the answer is judged: the log may have missed the first
// batch, and a plan that has written does not go back to draft.
func (r *run) preflight(ctx context.Context) error {
	var drift rollback.Drift
	err := r.patiently(ctx, func() (err error) {
		drift, err = r.w.Preflight(ctx, r.r)
		return err
	})
	no, refused := refusal.As(err)
	if refused = refused && no.Kind != refusal.KindUnavailable; err != nil && !refused {
		return fmt.Errorf("look before writing %s: %w", r.view.Spec.Label(), err)
	}
	if drift.Target == "" {
		if err := r.patiently(ctx, func() error { return r.take(ctx) }); err != nil {
			return err
		}
	}
	if r.done.Counts.Sum() == r.r.Writes() {
		return nil // nothing is left to write: the verification says how things stand
	}
	verdict, reason := drift.Judge(r.r.Run(), r.view.Spec.Unit)
	if refused { // the table is not what it was: it cannot even be compared
		verdict, reason = rollback.VerdictRedraft, no
	}
	if err := intact(r.r.Freeze().Export); err != nil {
		r.e.log.ErrorContext(ctx, "export", "plan", r.view.Spec.Label(), "err", err)
		if reason = rollback.RefuseExport(r.view.Spec.Ref); r.wrote() {
			return r.pause(ctx, approval.Pause{Code: "export", Why: "the before-image file is missing or altered; put it back and resume, or abort"})
		}
		return r.stopped(ctx, rollback.VerdictFail, rollback.Drift{}, reason)
	}
	if verdict != rollback.VerdictGo && !r.goesOn(drift, reason) {
		return r.stopped(ctx, verdict, drift, reason)
	}
	if open := r.view.Unheld(); len(open) > 0 {
		return r.pause(ctx, approval.Pause{Code: "hold", Why: open[0].Name + " is not held; its owner stops it and says so, then resume"})
	}
	works, err := r.works(ctx)
	if err != nil {
		return err
	}
	if works != "" {
		return r.pause(ctx, approval.Pause{Code: "automation", Why: works})
	}
	return r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Preflighted(ctx, tx, r.job, r.epoch, drift) })
}

// wrote says that records may have been changed already, by what the source or
// the log knows.
func (r *run) wrote() bool { return r.done.Batches > 0 || r.view.Progress.Batches > 0 }

// goesOn says that a run which has begun leaves out what changed meanwhile, as
// each statement would anyway. Growth and a changed table need a person.
func (r *run) goesOn(d rollback.Drift, reason error) bool {
	no, ok := refusal.As(reason)
	return ok && no.Code == "shrink" && r.wrote() && d.Growth == 0 && len(d.Schema) == 0
}

func (r *run) stopped(ctx context.Context, v rollback.Verdict, d rollback.Drift, reason error) error {
	if v == rollback.VerdictRedraft && r.wrote() {
		return r.pause(ctx, approval.Pause{Code: "drift", Why: r.moved(reason)})
	}
	err := r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Stopped(ctx, tx, r.job, r.epoch, v, d, reason) })
	if err != nil {
		return err
	}
	return errStopped
}

// patiently asks the source again while it is away or busy. One that stays away
// makes the run wait for a person, who may also end it.
func (r *run) patiently(ctx context.Context, ask func() error) error {
	began := r.e.clock.Now()
	for try := 0; ; try++ {
		err := ask()
		f, ok := source.AsFault(err)
		switch {
		case !ok || ctx.Err() != nil:
			return err
		case !f.Away() && !f.Busy():
			return r.pause(ctx, approval.Pause{Code: "fault", Why: r.refusal(f)})
		case r.e.clock.Now().Sub(began) > r.e.pace.Away:
			return r.pauseAway(ctx)
		}
		if err := r.e.clock.Wait(ctx, backOff(r.e.pace.Retry, try+1)); err != nil {
			return err
		}
	}
}

// refusal is a no of the source that trying again will not change.
func (r *run) refusal(f *source.Fault) string {
	return fmt.Sprintf("%s refused to %s (%s); its admin can look that up, then resume", r.view.Spec.Scope.Source, f.Doing, nameOf(f))
}

// moved is why a run that has written waits: it is past going back to draft.
func (r *run) moved(reason error) string {
	say := strings.TrimSuffix(words(reason), fmt.Sprintf(" %s is back to draft.", r.view.Spec.Ref))
	return say + " Undo that and resume, or abort and plan the rest anew."
}

// words is a reason as a person reads it.
func words(err error) string {
	if no, ok := refusal.As(err); ok {
		return no.Say
	}
	return "It broke on my side."
}

// pauseOnce makes the run wait for a person who has to know something. It does so
// once in a run: whoever let it go on has seen it.
func (r *run) pauseOnce(ctx context.Context, p approval.Pause) error {
	p.Once = true
	err := r.e.db.InTx(ctx, func(tx pgx.Tx) error { return r.e.approval.Pause(ctx, tx, r.job, r.epoch, p) })
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	if err != nil {
		return err
	}
	return errStopped
}

// pause makes the run wait for a person.
func (r *run) pause(ctx context.Context, p approval.Pause) error {
	if err := r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Pause(ctx, tx, r.job, r.epoch, p) }); err != nil {
		return err
	}
	return errStopped
}
