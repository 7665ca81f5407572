package executor

import (
	"context"
	"fmt"

	"snafu/rollback"
	"snafu/rollback/approval"
)

// walk writes the records 1 to Writes in their frozen order, batch by batch.
// The first batch is the canary: the run then waits until a person has looked.
func (r *run) walk(ctx context.Context) error {
	writes := r.r.Writes()
	for {
		if r.canaryDue() {
			if err := r.showCanary(ctx); err != nil {
				return err
			}
		}
		if r.done.Hi >= writes {
			return nil
		}
		if err := r.obey(ctx); err != nil {
			return err
		}
		if err := r.calm(ctx); err != nil {
			return err
		}
		n := r.size.size
		if canary := r.view.Spec.Batch.Canary; r.done.Hi < canary {
			n = canary - r.done.Hi
		}
		span := rollback.Span{Lo: r.done.Hi + 1, Hi: min(r.done.Hi+n, writes)}
		if _, err := r.apply(ctx, span); err != nil {
			return err
		}
		if err := r.leftOut(ctx); err != nil {
			return err
		}
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
}

func (r *run) rest(ctx context.Context) error {
	if d := r.view.Spec.Batch.Rest; d > 0 && r.done.Hi < r.r.Writes() {
		return r.e.clock.Wait(ctx, d)
	}
	return nil
}

// canaryDue says that the canary is written and may not have been shown yet.
func (r *run) canaryDue() bool {
	canary := r.view.Spec.Batch.Canary
	return canary > 0 && r.done.Hi == canary && r.r.Writes() > canary && !r.shown
}

// showCanary reads the first records back on the counting login, and waits for
// a person. It does so once: a canary that was shown before is looked at.
func (r *run) showCanary(ctx context.Context) error {
	var back int64
	err := r.patiently(ctx, func() (err error) {
		back, err = r.readBackRecords(ctx)
		return err
	})
	if err != nil {
		return err
	}
	written := r.done.Counts.Written
	p := approval.Pause{
		Code: "canary", Canary: true, ReadBack: back,
		Why: fmt.Sprintf("the first %d records are written; look at them, then continue", written),
	}
	if back != written {
		p.Why = fmt.Sprintf("the first %d records are written, but %d hold the value when they are read back; find out why before you continue", written, back)
	}
	r.shown = true
	return r.pauseOnce(ctx, p)
}

// leftOut makes the run wait when people have changed more of its records than
// was agreed. They are left out either way.
func (r *run) leftOut(ctx context.Context) error {
	moved := r.done.Counts.Conflicts() + r.done.Counts.Missing
	allowed := r.r.Run().Tolerance.Allows(r.r.Writes())
	if moved <= allowed || r.done.Hi >= r.r.Writes() {
		return nil
	}
	return r.pauseOnce(ctx, approval.Pause{
		Code: "conflicts",
		Why:  fmt.Sprintf("people have changed %d of its records since the freeze, and %d were agreed; resume to go on leaving them out", moved, allowed),
	})
}

// readBackRecords counts the written records that hold the desired value when
// they are read afresh.
func (r *run) readBackRecords(ctx context.Context) (int64, error) {
	reader, err := r.e.readers(r.view.Spec.Scope.Source)
	if err != nil {
		return 0, err
	}
	back, err := reader.Held(ctx, r.r.Run())
	if err != nil {
		return 0, fmt.Errorf("read the first records back: %w", err)
	}
	return back, nil
}

// obey carries out the newest order, if there is one.
func (r *run) obey(ctx context.Context) error {
	word, why, err := r.e.approval.Ordered(ctx, r.job)
	if err != nil {
		return err
	}
	switch word {
	case rollback.OrderPause:
		return r.pause(ctx, approval.Pause{Code: "order", Why: why})
	case rollback.OrderAbort:
		return r.abort(ctx, why)
	case rollback.OrderContinue, rollback.OrderResume:
	}
	return nil
}

// sweepTries is how often a record that somebody holds is tried again at the
// end.
const sweepTries = 5

// sweepUp goes over the records that were locked by somebody. After the last
// try they are recorded as locked, and the run ends partly done.
func (r *run) sweepUp(ctx context.Context) error {
	if r.done.Counts.Sum() == r.r.Writes() {
		return nil
	}
	for try := 1; try <= sweepTries; try++ {
		left, err := r.sweepOnce(ctx, try == sweepTries)
		if err != nil || !left {
			return err
		}
		if err := r.e.clock.Wait(ctx, r.e.pace.Deferred); err != nil {
			return err
		}
	}
	return nil
}

// sweepOnce says whether records without outcome may be left.
func (r *run) sweepOnce(ctx context.Context, last bool) (bool, error) {
	left := false
	for after := int64(0); ; {
		var span rollback.Span
		err := r.patiently(ctx, func() (err error) {
			span, err = r.w.Pending(ctx, r.fence, after, r.size.size)
			return err
		})
		if err != nil {
			return false, fmt.Errorf("find the records without outcome: %w", err)
		}
		if span.Hi == 0 {
			return left && !last, nil
		}
		left = true
		if err := r.obey(ctx); err != nil {
			return false, err
		}
		if err := r.calm(ctx); err != nil {
			return false, err
		}
		span.Careful, span.Last = true, last
		if after, err = r.apply(ctx, span); err != nil {
			return false, err
		}
	}
}
