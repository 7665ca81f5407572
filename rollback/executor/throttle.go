package executor

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// Throttle is when a run leaves its source alone, beside what the connector
// itself says of it.
type Throttle struct {
	Query  rollback.Query // a reviewed count that holds a run up while it is above 0; without text it is not asked
	GiveUp time.Duration  // how long to wait before a person has to look; zero means 30 minutes
}

const (
	giveUp    = 30 * time.Minute
	answersBy = 15 * time.Second // what has not answered by then counts as over
)

// calm waits while the source wants to be left alone, and says why. It asks once
// a second at most. Orders are obeyed meanwhile; nobody can overrule it, and
// after a while the run waits for a person.
func (r *run) calm(ctx context.Context) error {
	if !r.calmAt.IsZero() && r.e.clock.Now().Sub(r.calmAt) < r.e.pace.Look && !r.pulse.slow() {
		return nil
	}
	for {
		strain := r.strain(ctx)
		slow := strain.IsZero() && r.pulse.slow()
		if slow {
			strain = rollback.Strain{Code: "slow", Why: fmt.Sprintf("%d batches in a row took three times as long as before", slowBatches)}
		}
		now := r.e.clock.Now()
		if strain.IsZero() {
			r.calmAt, r.strained, r.strains = now, time.Time{}, ""
			return ctx.Err()
		}
		r.calmAt = time.Time{}
		if err := r.heldUp(ctx, strain, now); err != nil {
			return err
		}
		if err := r.e.clock.Wait(ctx, r.e.pace.Look); err != nil {
			return err
		}
		if err := r.obey(ctx); err != nil {
			return err
		}
		if slow { // only another batch can show whether it still is
			return nil
		}
	}
}

// heldUp says why the run waits, and gives up when that has lasted too long.
func (r *run) heldUp(ctx context.Context, s rollback.Strain, now time.Time) error {
	if r.strained.IsZero() {
		r.strained = now
	}
	if lasted, most := now.Sub(r.strained), r.throttle.patience(); lasted >= most {
		return r.pause(ctx, approval.Pause{Code: "throttle", Why: fmt.Sprintf("%s; that has lasted %s, resume when it has passed", s.Why, incidents.Took(most))})
	}
	if r.strains == s.Code {
		return nil
	}
	r.strains = s.Code
	r.holds++
	return r.record(ctx, func(tx pgx.Tx) error { return r.e.approval.Throttled(ctx, tx, r.job, r.epoch, r.holds, s) })
}

func (t Throttle) patience() time.Duration {
	if t.GiveUp == 0 {
		return giveUp
	}
	return t.GiveUp
}

// strain asks the source, and the reviewed count, whether they want to be left
// alone.
func (r *run) strain(ctx context.Context) rollback.Strain {
	ctx, cancel := context.WithTimeout(ctx, answersBy)
	defer cancel()
	if s := r.w.Strain(ctx); !s.IsZero() || r.throttle.Query.Text == "" {
		return s
	}
	n, err := r.queried(ctx)
	switch {
	case err != nil:
		r.e.log.WarnContext(ctx, "the query of the throttle gives no answer", "source", r.view.Spec.Scope.Source, "err", err)
		return rollback.Strain{Code: "query", Why: "the query of the throttle gives no answer"}
	case n > 0:
		return rollback.Strain{Code: "query", Why: fmt.Sprintf("the query of the throttle gives %s", rollback.Number(n))}
	}
	return rollback.Strain{}
}

func (r *run) queried(ctx context.Context) (n int64, err error) {
	reader, err := r.e.readers(r.view.Spec.Scope.Source)
	if err != nil {
		return 0, err
	}
	asked, err := r.throttle.Query.Ask(nil)
	if err != nil {
		return 0, err
	}
	found, err := reader.Count(ctx, asked)
	if err != nil {
		return 0, fmt.Errorf("ask the query of the throttle: %w", err)
	}
	for _, g := range found.Groups {
		n += g.N
		if g.Few { // so few that the number is not told: still not none
			n++
		}
	}
	return n, nil
}

// slowBatches is how many batches must be slow before that is no accident.
const slowBatches = 5

// pulse notices that the source has become slow: batches take three times what
// they took before, and more than a user of the table should wait.
type pulse struct {
	most     time.Duration // that a batch may take in any case
	baseline time.Duration // moving average of those that were not slow
	streak   int
}

func (p *pulse) took(d time.Duration) {
	switch {
	case p.baseline == 0:
		p.baseline = max(d, 1)
	case d > 3*p.baseline && d > p.most:
		p.streak++
		return
	default:
		p.baseline += (d - p.baseline) * 3 / 10
	}
	p.streak = 0
}

func (p *pulse) slow() bool { return p.streak >= slowBatches }
