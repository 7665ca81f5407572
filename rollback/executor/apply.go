package executor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// Bounds of patience, before a person has to look.
const (
	busyTries  = 5
	failedMost = 10 // records, or one of a hundred if that is more
)

// apply writes one span, whatever it takes: a busy source is tried again with a
// smaller one, a refused record is found by halving and recorded as failed, an
// unknown outcome is read from the source's own batches.
func (r *run) apply(ctx context.Context, span rollback.Span) error {
	busy, away := 0, time.Time{}
	for {
		span.Number = r.done.Batches + 1
		began := time.Now()
		b, err := r.w.Apply(ctx, r.fence, span)
		if err == nil {
			r.size.took(span.Hi-span.Lo+1, time.Since(began))
			return r.count(ctx, span, b)
		}
		fault, _ := source.AsFault(err)
		_, rewritten := source.AsRewritten(err)
		switch {
		case errors.Is(err, source.ErrTakenOver), ctx.Err() != nil:
			return err
		case rewritten:
			return r.split(ctx, span, "trigger")
		case fault == nil:
			return fmt.Errorf("write batch %d of %s: %w", span.Number, r.view.Spec.Label(), err)
		case fault.Refused():
			return r.split(ctx, span, nameOf(fault))
		case fault.Busy():
			if busy++; busy > busyTries {
				return r.pause(ctx, approval.Pause{Code: "fault", Why: fmt.Sprintf("%s is too busy: %d tries in a row ended without a lock", r.view.Spec.Scope.Source, busyTries)})
			}
			r.size.halve()
			span.Hi = min(span.Hi, span.Lo+r.size.size-1)
			err = wait(ctx, r.e.pace.Retry<<busy)
		default: // no answer, or an answer that says it is going away
			if away.IsZero() {
				away = time.Now()
			}
			if time.Since(away) > r.e.pace.Away {
				return r.pause(ctx, approval.Pause{Code: "fault", Why: r.view.Spec.Scope.Source + " does not answer"})
			}
			if err = wait(ctx, 2*r.e.pace.Retry); err == nil {
				var done bool
				if done, err = r.reread(ctx, span.Number); done {
					return err
				}
			}
		}
		if err != nil {
			return err
		}
	}
}

func (r *run) count(ctx context.Context, span rollback.Span, b rollback.Batch) error {
	r.done.Batches, r.done.Hi = b.Number, max(r.done.Hi, span.Hi)
	r.done.Counts = r.done.Counts.Plus(b.Counts)
	return r.seen(ctx, b)
}

// reread settles what became of a batch without an answer: the source knows.
// Taking the run again waits for a statement that may still be at work. A source
// that is still away is not an error: the caller tries again.
func (r *run) reread(ctx context.Context, number int64) (done bool, err error) {
	fence, err := r.w.Take(ctx, r.r, r.e.holder)
	if err != nil {
		return false, nil //nolint:nilerr // still away
	}
	r.fence = fence
	progress, err := r.w.Last(ctx, fence)
	if err != nil {
		return false, nil //nolint:nilerr // still away
	}
	if progress.Batches < number {
		return false, nil
	}
	missed, err := r.w.Batches(ctx, fence, r.done.Batches)
	if err != nil {
		return false, nil //nolint:nilerr // still away
	}
	for _, b := range missed {
		if err := r.count(ctx, rollback.Span{Hi: b.Hi}, b); err != nil {
			return true, err
		}
	}
	return true, nil
}

// split halves a span that the source refused until the record is found. That
// one is recorded as failed; all others are written.
func (r *run) split(ctx context.Context, span rollback.Span, why string) error {
	if span.Failed != "" {
		return fmt.Errorf("record that %s cannot be written: the source refuses that as well", why)
	}
	if span.Lo < span.Hi {
		half := span
		half.Hi = span.Lo + (span.Hi-span.Lo)/2
		if err := r.apply(ctx, half); err != nil {
			return err
		}
		span.Lo = r.done.Hi + 1
		if span.Careful { // a later pass walks behind the last ord
			span.Lo = half.Hi + 1
		}
		return r.apply(ctx, span)
	}
	if r.failed++; r.failed > max(failedMost, r.r.Writes()/100) {
		return r.pause(ctx, approval.Pause{Code: "fault", Why: fmt.Sprintf("%d records were refused, the last one by %s", r.failed-1, why)})
	}
	span.Failed = why
	return r.apply(ctx, span)
}

// nameOf is what refused a value, as people can look it up.
func nameOf(f *source.Fault) string {
	switch {
	case f.Constraint != "":
		return f.Constraint
	case f.Column != "":
		return "column " + f.Column
	}
	return "SQLSTATE " + f.State
}
