package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"snafu/rollback"
	"snafu/rollback/approval"
)

const (
	mostKilled   = 5                    // processes, one after the other
	killedPieces = 100                  // batches of the run
	mostBatches  = 8                    // that a process may begin before it is killed
	killedWithin = 4 * time.Millisecond // of the begin of its last one, so that some die behind it
)

// kills ends processes with kill -9 while they write, at moments of the seed's
// choice, and lets the next one go on. Then it counts.
func (d *desk) kills(ctx context.Context) error {
	d.b.print.progress("rollback: killing processes while they write")
	c := cell{Section: "rollback", Rows: d.harm.rows(), Affected: d.harm.affected, Verdict: "PASS", Grade: "great"}
	twice, again := c, c
	twice.Case, twice.Unit, twice.Goal = "kill -9: written twice", "rows", "R7 0 0"
	again.Case, again.Unit, again.Goal, again.Good, again.Great = "kill -9: batches done again", "each", "R7 <=1 <=1", 1, 1
	if d.b.o.Child == nil {
		for _, c := range []*cell{&twice, &again} {
			c.Verdict, c.Grade, c.Reason = "SKIP", "", "this program cannot run as another process"
		}
		return errors.Join(d.b.print.cell(twice), d.b.print.cell(again))
	}
	kills, redone, err := d.killed(ctx)
	var wrong wrongAnswer
	switch {
	case errors.As(err, &wrong): // every record is compared with its line in the ledger
		twice.Verdict, twice.Grade, twice.Reason = "FAIL", "", "wrong: "+wrong.Error()
	case err != nil:
		return err
	}
	twice.Rounds, again.Rounds = kills, kills
	if again.Median, again.Max = float64(redone), float64(redone); redone > 1 {
		again.Verdict, again.Grade = "FAIL", ""
	}
	return errors.Join(d.b.print.cell(twice), d.b.print.cell(again))
}

// killed says how many processes were killed, and how many batches one kill made
// the next process do again at most.
func (d *desk) killed(ctx context.Context) (kills int, redone int64, err error) {
	if err := d.rebuild(ctx); err != nil {
		return 0, 0, err
	}
	h := d.hands(sized(max(d.harm.affected/killedPieces, 1)))
	v, err := h.frozen(ctx)
	if err != nil {
		return 0, 0, err
	}
	job, err := h.claimed(ctx, v)
	if err != nil {
		return 0, 0, err
	}
	rnd := rand.New(rand.NewPCG(uint64(d.b.o.Seed), 7)) //nolint:gosec // a moment, not a secret
	last := int64(0)                                    // the last record that some process has begun to write
	for done := false; !done; {
		var begun []rollback.Span
		if begun, done, err = d.victim(ctx, h, kills, rnd); err != nil {
			return kills, redone, err
		}
		if !done {
			kills++
		}
		again := int64(0)
		for _, span := range begun {
			if span.Lo <= last {
				again++
			}
			last = max(last, span.Hi)
		}
		redone = max(redone, again)
	}
	return kills, redone, h.settled(ctx, job)
}

// victim lets one process write until it is killed, and the one after the last
// victim until it is done. It returns the batches that the process has begun.
func (d *desk) victim(ctx context.Context, h *hands, number int, rnd *rand.Rand) (begun []rollback.Span, done bool, err error) {
	child, err := d.start(ctx, orders{Log: d.log, Source: d.opt, Batch: h.batch, Dir: d.dir, Holder: fmt.Sprintf("process-%d", number+1)})
	if err != nil {
		return nil, false, err
	}
	for left := 1 + rnd.IntN(mostBatches); number >= mostKilled || left > 0; left-- {
		t, err := child.next()
		if err != nil {
			return begun, false, child.end(err)
		}
		if t.Done {
			return begun, true, child.ended()
		}
		begun = append(begun, *t.Span)
		if err := child.letGo(); err != nil {
			return begun, false, child.end(err)
		}
	}
	if err := pause(ctx, time.Duration(rnd.Int64N(int64(killedWithin)))); err != nil {
		return begun, false, child.end(err)
	}
	return begun, false, child.kill()
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settled compares what several processes have left with the plan.
func (h *hands) settled(ctx context.Context, job approval.Run) error {
	v, err := h.approval.Get(ctx, job.Plan)
	if err != nil {
		return err
	}
	return h.desk.asApproved(ctx, v, rollback.Outcomes{Written: h.desk.harm.writes()})
}
