package executor

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// verifyTries is how often the last look is tried before the run ends as "could
// not be verified".
const verifyTries = 5

// finish reads everything afresh on the counting login, and ends the run by what
// was found.
func (r *run) finish(ctx context.Context) error {
	res := rollback.Result{Outcomes: r.done.Counts}
	for try := 1; ; try++ {
		report, err := r.verify(ctx)
		if err == nil {
			res.Report, res.Verified, res.Outcomes = report, true, report.Outcomes
			break
		}
		if ctx.Err() != nil {
			return err
		}
		r.e.log.Warn("verification failed", "plan", r.view.Spec.Label(), "err", err)
		if try == verifyTries {
			break
		}
		if err := r.e.clock.Wait(ctx, r.e.pace.Retry<<(2*try)); err != nil {
			return err
		}
	}
	return r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Finish(ctx, tx, r.job, r.epoch, res) })
}

func (r *run) verify(ctx context.Context) (rollback.Report, error) {
	reader, err := r.e.readers(r.view.Spec.Scope.Source)
	if err != nil {
		return rollback.Report{}, err
	}
	report, err := reader.Verify(ctx, r.r.Run())
	if err != nil {
		return report, fmt.Errorf("verify %s: %w", r.view.Spec.Label(), err)
	}
	told, err := r.e.approval.Get(ctx, r.job.Plan)
	if err != nil {
		return report, err
	}
	report.Lines = append(report.Lines,
		rollback.Line{Check: "batches told to the log", Expected: r.done.Batches, Found: told.Progress.Batches},
		rollback.Line{Check: "outcomes told to the log", Expected: report.Outcomes.Sum(), Found: told.Progress.Counts.Sum()})
	return report, nil
}

// abort ends the run by an order; the records without outcome stay as they are.
func (r *run) abort(ctx context.Context, why string) error {
	if err := r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Abort(ctx, tx, r.job, r.epoch, why) }); err != nil {
		return err
	}
	return errStopped
}
