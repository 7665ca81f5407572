package executor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"snafu/incidents/pgdb/jobs"
	"snafu/rollback/approval"
)

// ownership is a run in the log database for a term that is renewed in good
// time. It decides who tries; what keeps two from writing is the fence in the
// source. It lasts as long as its context.
type ownership struct {
	ctx   context.Context
	epoch int64
	leave func()
}

// lost says that another owns the run, or that nobody can say who does.
func (o ownership) lost() bool { return errors.Is(context.Cause(o.ctx), approval.ErrOwned) }

// own takes the run for this process and keeps it until leave. The context ends
// when the ownership is lost.
func (e *Executor) own(ctx context.Context, job jobs.Job[approval.Run]) (ownership, error) {
	// Two jobs of one process are two owners.
	holder := fmt.Sprintf("%s/%d.%d.%d", e.holder, job.Args.Turn, job.Args.Lost, job.Attempt)
	epoch, err := e.approval.Own(ctx, job.Args, holder, e.pace.Term)
	if err != nil {
		return ownership{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var beat sync.WaitGroup
	beat.Add(1)
	go func() {
		defer beat.Done()
		e.keep(ctx, cancel, job.Args, holder, epoch)
	}()
	return ownership{ctx: ctx, epoch: epoch, leave: func() {
		cancel(nil)
		beat.Wait()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if err := e.approval.Leave(ctx, job.Args, holder, epoch); err != nil {
			e.log.Warn("run not given back, its term will pass", "plan", job.Args.Plan, "err", err)
		}
	}}, nil
}

// keep renews until the context ends. What cannot be renewed for a whole term
// is lost.
func (e *Executor) keep(ctx context.Context, cancel context.CancelCauseFunc, job approval.Run, holder string, epoch int64) {
	tick := time.NewTicker(e.pace.Heartbeat)
	defer tick.Stop()
	trusted := time.Now().Add(e.pace.Term - e.pace.Heartbeat)
	for {
		select {
		case <-ctx.Done():
			return
		case sent := <-tick.C:
			err := e.approval.Keep(ctx, job, holder, epoch, e.pace.Term)
			switch {
			case err == nil:
				trusted = sent.Add(e.pace.Term - e.pace.Heartbeat)
			case errors.Is(err, approval.ErrOwned), time.Now().After(trusted):
				cancel(approval.ErrOwned)
				return
			}
		}
	}
}
