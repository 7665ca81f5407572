package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

// The house is told when the program starts and ends.
type (
	// Started says that a process began to work.
	Started struct{ Holder string }
	// Stopped says that it ended in order.
	Stopped struct{ Holder string }
)

// Kind names the fact.
func (Started) Kind() string { return "house-started/1" }

// Kind names the fact.
func (Stopped) Kind() string { return "house-stopped/1" }

// The end, in steps that together stay under ten seconds.
const (
	endReceiving = 2 * time.Second
	endJobs      = 7 * time.Second
)

// Run works until ctx ends, then stops in order: nothing more is received, no
// tick comes, jobs at work may end, and what is left is somebody else's.
func (a *App) Run(ctx context.Context) error {
	if err := a.record(ctx, "start", Started{a.holder}); err != nil {
		return sentence("The log database does not take an entry", err)
	}
	if err := a.approval.HoldRules(ctx); err != nil {
		return sentence("The approval rules of the sources cannot be compared with those before", err)
	}
	set := jobs.NewSet()
	a.handle(set)
	runner, err := jobs.Start(ctx, a.db.Pool(), set, jobs.Options{Log: a.log, TestOnly: a.o.TestOnly, Now: a.o.now})
	if err != nil {
		return fmt.Errorf("start the jobs: %w", err)
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var hands sync.WaitGroup
	hands.Go(func() { a.renew(working, runner) })
	ticks, err := a.schedule(working)
	if err != nil {
		return errors.Join(err, runner.Stop(ctx))
	}
	heard := make(chan error, 1)
	hearing, deafen := context.WithCancel(working)
	defer deafen()
	hands.Go(func() { heard <- a.bot.Run(hearing) })

	var fault error
	select {
	case <-ctx.Done():
	case fault = <-heard:
		heard <- fault
	}
	deafen()
	select {
	case err := <-heard:
		fault = errors.Join(fault, err)
	case <-time.After(endReceiving):
		a.log.Warn("an answer in flight was cut off")
	}
	if err := ticks.Shutdown(); err != nil {
		a.log.Warn("the schedule did not end in time", "err", err)
	}
	ending, done := context.WithTimeout(context.WithoutCancel(ctx), endJobs)
	defer done()
	if err := runner.Stop(ending); err != nil {
		a.log.Warn("jobs were cut off; another process goes on with them", "err", err)
	}
	if err := a.lease.Release(ending); err != nil {
		a.log.Warn("the lease was not given up", "err", err)
	}
	if err := a.record(ending, "stop", Stopped{a.holder}); err != nil {
		a.log.Warn("the end was not recorded", "err", err)
	}
	stop()
	hands.Wait()
	return fault
}

func (a *App) record(ctx context.Context, what string, fact incidents.Fact) error {
	act := journal.Act{By: incidents.System("app"), Key: what + ":" + a.holder}
	return a.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := a.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, journal.House, act, at, fact)
	})
}
