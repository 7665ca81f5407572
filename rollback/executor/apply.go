package executor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snafu/incidents/refusal"
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
// unknown outcome is read from the source's own batches. It says how far it came:
// a busy source may have got less than the whole span.
func (r *run) apply(ctx context.Context, span rollback.Span) (hi int64, err error) {
	busy, gone := 0, absence{}
	for {
		span.Number = r.done.Batches + 1
		began := r.e.clock.Now()
		b, err := r.w.Apply(ctx, r.fence, span)
		if err == nil {
			r.took(span.Hi-span.Lo+1, r.e.clock.Now().Sub(began))
			return b.Hi, r.count(ctx, b)
		}
		fault, _ := source.AsFault(err)
		rewritten, swallowed := source.AsRewritten(err)
		switch {
		case errors.Is(err, source.ErrTakenOver), ctx.Err() != nil:
			return 0, err
		case swallowed:
			if err := r.rewritten(ctx, span, rewritten.Records); err != nil {
				return 0, err
			}
			return r.split(ctx, span, "trigger")
		case refused(err):
			no, _ := refusal.As(err)
			return 0, r.pause(ctx, approval.Pause{Code: no.Code, Why: no.Say})
		case fault == nil:
			return 0, fmt.Errorf("write batch %d of %s: %w", span.Number, r.view.Spec.Label(), err)
		case fault.Refused():
			return r.split(ctx, span, nameOf(fault))
		case fault.Busy():
			if busy++; busy == busyTries {
				return 0, r.pause(ctx, approval.Pause{Code: "fault", Why: fmt.Sprintf("%s is too busy: %d tries in a row ended without a lock", r.view.Spec.Scope.Source, busyTries)})
			}
			r.size.halve()
			span.Hi = min(span.Hi, span.Lo+r.size.size-1)
			err = r.e.clock.Wait(ctx, backOff(r.e.pace.Retry, busy))
		case !fault.Away():
			return 0, r.pause(ctx, approval.Pause{Code: "fault", Why: r.refusal(fault)})
		default: // no answer, or an answer that says it is going away
			if hi, err = r.reread(ctx, span.Number, &gone); hi > 0 {
				return hi, err
			}
		}
		if err != nil {
			return 0, err
		}
	}
}

// refused says that an error is a no in words, for a person.
func refused(err error) bool {
	_, no := refusal.As(err)
	return no
}

// took learns from the time of a batch. A short last one says nothing.
func (r *run) took(n int64, d time.Duration) {
	if n >= r.size.size {
		r.pulse.took(d)
	}
	r.size.took(n, d)
}

func (r *run) count(ctx context.Context, b rollback.Batch) error {
	r.done.Batches, r.done.Hi = b.Number, max(r.done.Hi, b.Hi)
	r.done.Counts = r.done.Counts.Plus(b.Counts)
	return r.seen(ctx, b)
}

// absence is how long a source has been away, and how often it was asked.
type absence struct {
	since time.Time
	tries int
}

// reread waits a little and settles what became of a batch without an answer:
// the source knows. It goes on asking until it is told, for to write the batch
// again before that is to write beside one that may be there. Taking the run
// again waits for a statement that may still be at work. It gives the last ord of
// the batch, 0 when that was not written. A source that stays away makes the run
// wait.
func (r *run) reread(ctx context.Context, number int64, gone *absence) (hi int64, err error) {
	for {
		if gone.since.IsZero() {
			gone.since = r.e.clock.Now()
		}
		if r.e.clock.Now().Sub(gone.since) > r.e.pace.Away {
			return 0, r.pauseAway(ctx)
		}
		gone.tries++
		if err := r.e.clock.Wait(ctx, backOff(2*r.e.pace.Retry, gone.tries)); err != nil {
			return 0, err
		}
		missed, ok := r.missed(ctx, number)
		if !ok {
			continue
		}
		for _, b := range missed {
			hi = b.Hi
			if err := r.count(ctx, b); err != nil {
				return hi, err
			}
		}
		return hi, nil
	}
}

// missed takes the run again and reads its batches from a number on. It says
// whether the source answered.
func (r *run) missed(ctx context.Context, number int64) ([]rollback.Batch, bool) {
	fence, err := r.w.Take(ctx, r.r, r.e.holder)
	if err != nil {
		return nil, false
	}
	r.fence = fence
	missed, err := r.w.Batches(ctx, fence, number-1)
	return missed, err == nil
}

// rewritten tells people, once, that something in the source swallows or changes
// what is written. The batch was rolled back. When they let the run go on, such
// records are found and recorded as failed.
func (r *run) rewritten(ctx context.Context, span rollback.Span, n int64) error {
	return r.pauseOnce(ctx, approval.Pause{
		Code: "rewritten",
		Why: fmt.Sprintf("%d of %d records did not keep their value, something in %s swallows or changes it; nothing of that batch stays written, resume to leave such records out",
			n, span.Hi-span.Lo+1, r.view.Spec.Scope.Source),
	})
}

// split halves a span that the source refused until the record is found. That
// one is recorded as failed; all others are written.
func (r *run) split(ctx context.Context, span rollback.Span, why string) (hi int64, err error) {
	if span.Failed != "" {
		return 0, fmt.Errorf("record that %s cannot be written: the source refuses that as well", why)
	}
	if span.Lo < span.Hi {
		half := span
		half.Hi = span.Lo + (span.Hi-span.Lo)/2
		if hi, err = r.apply(ctx, half); err != nil {
			return 0, err
		}
		span.Lo = hi + 1
		return r.apply(ctx, span)
	}
	// Whoever lets it go on has seen how many failed: the next look is at twice as many.
	if r.failed++; r.failed > max(failedMost, r.r.Writes()/100, r.before.Failed) {
		return 0, r.pause(ctx, approval.Pause{Code: "fault", Why: fmt.Sprintf("%d records were refused, the last one by %s", r.failed-1, why)})
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
