package approval

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// The transitions that a run makes. Each is called first in a transaction of
// the executor, which may store rows of its own in it. journal.ErrAlready means
// that this very transition was made before; ErrObsolete that the run is over
// or another's.

// Preflighted records that the last look before writing found nothing in the
// way.
func (a *Approval) Preflighted(ctx context.Context, tx pgx.Tx, job Run, epoch int64, d rollback.Drift) error {
	s, _, err := a.inRun(ctx, tx, job, job.act(epoch, "preflight"))
	if err != nil {
		return err
	}
	sum, err := s.exec.sums()
	if err != nil {
		return err
	}
	sum.Since, sum.From, sum.Last = s.at, sum.Sum(), s.at
	if err := s.storeSums(ctx, s.exec.Batches, s.exec.Hi, sum); err != nil {
		return err
	}
	return s.say(ctx, Preflighted{Rev: s.fact(), Growth: d.Growth, Shrink: d.Shrink})
}

// TakenOver records that another process goes on with the run.
func (a *Approval) TakenOver(ctx context.Context, tx pgx.Tx, job Run, epoch int64) error {
	s, _, err := a.inRun(ctx, tx, job, job.act(epoch, "taken-over"))
	if err != nil {
		return err
	}
	return s.say(ctx, TakenOver{Rev: s.fact(), Epoch: epoch})
}

const storeBatch = `
	update executions
	set batches = $3, hi = $4, outcomes = $5, waits = ''
	where plan = $1 and digest = $2`

// Seen records a batch that the source has committed. A batch that is recorded
// already is journal.ErrAlready.
func (a *Approval) Seen(ctx context.Context, tx pgx.Tx, job Run, epoch int64, b rollback.Batch) error {
	act := job.act(b.Number, "batch")
	s, running, err := a.inRun(ctx, tx, job, act)
	if err != nil {
		return err
	}
	sum, err := s.exec.sums()
	if err != nil {
		return err
	}
	sum.Outcomes, sum.Cohorts = sum.Plus(b.Counts), rollback.AddCohorts(sum.Cohorts, b.Cohorts)
	if sum.Sum() > running.Writes() {
		return fmt.Errorf("batch %d of %s: %d outcomes, the plan writes %d", b.Number, s.ref(), sum.Sum(), running.Writes())
	}
	sum.Last = s.at
	if err := s.storeSums(ctx, b.Number, max(b.Hi, s.exec.Hi), sum); err != nil {
		return err
	}
	return s.say(ctx, BatchDone{
		Rev: s.fact(), Number: b.Number, Lo: b.Lo, Hi: b.Hi, Counts: countedOf(b.Counts), Ledger: b.Digest,
		Writes: running.Writes(), Epoch: epoch,
	})
}

func (s *step) storeSums(ctx context.Context, batches, hi int64, sum sums) error {
	body, err := json.Marshal(sum)
	if err != nil {
		return fmt.Errorf("write outcomes: %w", err)
	}
	if _, err := s.tx.Exec(ctx, storeBatch, s.id, s.rev.Digest, batches, hi, body); err != nil {
		return fmt.Errorf("store batch: %w", err)
	}
	return nil
}

const storeThrottled = `
	update executions
	set waits = $3
	where plan = $1 and digest = $2`

// Throttled records that a run leaves its source alone for now, for the nth time
// under this owner. Its next batch says that it goes on.
func (a *Approval) Throttled(ctx context.Context, tx pgx.Tx, job Run, epoch, n int64, strain rollback.Strain) error {
	s, _, err := a.inRun(ctx, tx, job, job.act(epoch, fmt.Sprintf("throttled-%d", n)))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, storeThrottled, s.id, s.rev.Digest, strain.Why); err != nil {
		return fmt.Errorf("store why it waits: %w", err)
	}
	return s.say(ctx, Throttled{Rev: s.fact(), Code: strain.Code, Why: strain.Why})
}

const storePaused = `
	update executions
	set waits = $3, canary = $4, holder = '', expires_at = null
	where plan = $1 and digest = $2`

// Pause is why a run stops before its next batch.
type Pause struct {
	Code     string // canary, order, fault, away, throttle, drift, export, conflicts, rewritten
	Why      string // a sentence
	Canary   bool   // the first records are written and want to be looked at
	ReadBack int64  // how many of them were read back as they should be
	Once     bool   // whoever lets the run go on has seen it: again is journal.ErrAlready
}

// Pause makes a run wait for a person. An order to pause counts as obeyed; one
// to abort is, whatever else there would be to say.
func (a *Approval) Pause(ctx context.Context, tx pgx.Tx, job Run, epoch int64, p Pause) error {
	act := job.act(epoch, "pause")
	if p.Once || p.Canary {
		act = job.act(0, p.Code)
	}
	s, running, err := a.inRun(ctx, tx, job, act)
	if err != nil {
		return err
	}
	if s.order == rollback.OrderAbort {
		var word rollback.OrderWord
		var why string
		if err := tx.QueryRow(ctx, readWord, s.id, s.rev.Digest).Scan(&word, &why); err != nil {
			return fmt.Errorf("read why it is aborted: %w", err)
		}
		return s.aborted(ctx, running.Abort(why))
	}
	if err := s.obeyed(ctx); err != nil {
		return err
	}
	if p.Canary {
		sum, err := s.exec.sums()
		if err != nil {
			return err
		}
		sum.Unread = sum.Written - p.ReadBack
		if err := s.storeSums(ctx, s.exec.Batches, s.exec.Hi, sum); err != nil {
			return err
		}
		if err := s.say(ctx, CanaryDone{Rev: s.fact(), Written: sum.Written, ReadBack: p.ReadBack}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, storePaused, s.id, s.rev.Digest, p.Why, p.Canary); err != nil {
		return fmt.Errorf("store the pause: %w", err)
	}
	if _, err := tx.Exec(ctx, storeState, s.id, s.rev.Number, running.Pause().Name()); err != nil {
		return fmt.Errorf("store the pause: %w", err)
	}
	if p.Code == PauseAway {
		if err := s.askRevive(ctx); err != nil {
			return err
		}
	}
	return s.say(ctx, Paused{Rev: s.fact(), Code: p.Code, Why: p.Why, Hi: s.exec.Hi, Writes: running.Writes()})
}

// Abort ends a run by the order it was given.
func (a *Approval) Abort(ctx context.Context, tx pgx.Tx, job Run, epoch int64, why string) error {
	s, running, err := a.inRun(ctx, tx, job, job.act(epoch, "abort"))
	if err != nil {
		return err
	}
	return s.aborted(ctx, running.Abort(why))
}

// Stopped ends a run whose preflight said no, before anything was written. A
// world that moved sends the plan back to draft as its next revision; a wrong
// database, altered records or a missing export end it.
func (a *Approval) Stopped(ctx context.Context, tx pgx.Tx, job Run, epoch int64, verdict rollback.Verdict, d rollback.Drift, reason error) error {
	s, running, err := a.inRun(ctx, tx, job, job.act(epoch, "stopped"))
	if err != nil {
		return err
	}
	code, why := "broke", "It broke on my side before anything was written."
	if no, ok := refusal.As(reason); ok {
		code, why = cmp.Or(no.Code, "schema"), no.Say
	}
	if err := s.say(ctx, Preflighted{Rev: s.fact(), Growth: d.Growth, Shrink: d.Shrink, Code: code, Why: why}); err != nil {
		return err
	}
	if s.exec.Batches > 0 || verdict != rollback.VerdictRedraft {
		ended := running.Finish(rollback.Result{Broken: why})
		if s.exec.Batches > 0 && verdict == rollback.VerdictRedraft {
			return fmt.Errorf("stop %s: it has written already, so it can't go back to draft", s.ref())
		}
		counts, err := s.exec.outcomes()
		if err != nil {
			return err
		}
		return s.finish(ctx, running, ended, counts, nil)
	}
	ended, next := running.Drift(why)
	if err := s.endRun(ctx, ended, nil); err != nil {
		return err
	}
	part := s.authorPart(next.Spec().Author)
	if err := s.insert(ctx, next, part, s.rev.Note); err != nil {
		return err
	}
	return s.say(ctx, Superseded{Rev: s.fact(), Next: next.Spec().Revision, Code: code, Why: why})
}

// Finish ends a run by what was measured: Done, Partial or Failed.
func (a *Approval) Finish(ctx context.Context, tx pgx.Tx, job Run, epoch int64, res rollback.Result) error {
	s, running, err := a.inRun(ctx, tx, job, job.act(epoch, "finish"))
	if err != nil {
		return err
	}
	if res.Verified {
		lines := make([]Check, len(res.Report.Lines))
		for i, l := range res.Report.Lines {
			lines[i] = Check(l)
		}
		if err := s.say(ctx, Verified{Rev: s.fact(), Agrees: res.Report.Agrees(), Lines: lines}); err != nil {
			return err
		}
	}
	var report []byte
	if res.Verified {
		if report, err = json.Marshal(res.Report); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return s.finish(ctx, running, running.Finish(res), res.Outcomes, report)
}

func (s *step) finish(ctx context.Context, r rollback.Running, e rollback.Ended, counts rollback.Outcomes, report []byte) error {
	if err := s.obeyed(ctx); err != nil {
		return err
	}
	if err := s.endRun(ctx, e, report); err != nil {
		return err
	}
	return s.say(ctx, Finished{
		Rev: s.fact(), State: string(e.Name()), Why: e.Why(), Counts: countedOf(counts), Pending: r.Writes() - counts.Sum(),
		Conflicts: r.Freeze().Classes().Conflicts(), At: s.at,
	})
}
