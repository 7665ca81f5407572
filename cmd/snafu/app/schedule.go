package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jackc/pgx/v5"

	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
)

// duty is a row of the schedule. Each is a sweep over rows: a job is only a
// wake-up, and this is the net under the ones that were lost. It returns how
// often it was needed, which should be never.
type duty struct {
	name  string
	every time.Duration
	do    func(*App, context.Context) (int, error)
}

var duties = []duty{
	{"acts", 15 * time.Second, func(a *App, ctx context.Context) (int, error) { return a.bot.Sweep(ctx) }},
	{"calls", 15 * time.Second, func(a *App, ctx context.Context) (int, error) { return a.response.Overdue(ctx) }},
	{"leads", time.Minute, func(a *App, ctx context.Context) (int, error) { return a.response.LeadsDue(ctx) }},
	{"nags", 30 * time.Second, (*App).nag},
	{"stalls", time.Minute, (*App).stalls},
	{"runs", 5 * time.Second, func(a *App, ctx context.Context) (int, error) { return a.executor.Sweep(ctx) }},
	{"watches", 5 * time.Second, (*App).beat},
	{"homes", time.Minute, func(a *App, ctx context.Context) (int, error) { return a.bot.SweepHomes(ctx) }},
	{"calendars", 15 * time.Second, (*App).fetchCalendars},
	{"handovers", 15 * time.Second, func(a *App, ctx context.Context) (int, error) { return 0, a.response.Handovers(ctx) }},
	{"channels", 5 * time.Minute, (*App).housekeep},
	{"exports", time.Hour, (*App).forget},
	{"tell", time.Minute, func(a *App, ctx context.Context) (int, error) { return journal.Sweep(ctx, a.db) }},
}

// beat asks for the counts of watches that are due. That some are is no sign of
// anything lost.
func (a *App) beat(ctx context.Context) (int, error) {
	_, err := a.count.Beat(ctx)
	return 0, err
}

// nag says what is overdue and calls to mind what is due, and asks for the digest
// in the morning. That there is something to say is no sign of anything lost.
func (a *App) nag(ctx context.Context) (int, error) {
	_, missed := a.response.Missed(ctx)
	_, nags := a.response.Nags(ctx)
	_, morning := a.response.Morning(ctx)
	return 0, errors.Join(missed, nags, morning)
}

// stalls offers help where triage goes on too long. That it does is no sign of
// anything lost.
func (a *App) stalls(ctx context.Context) (int, error) {
	_, err := a.response.Stalled(ctx)
	return 0, err
}

// housekeep announces and archives channels of what was closed long ago, and
// finds another for what goes on. That some are due is no sign of anything lost.
func (a *App) housekeep(ctx context.Context) (int, error) {
	_, err := a.response.Housekeep(ctx)
	return 0, err
}

// forget deletes the exports of snafus that were closed long ago. That some are
// is no sign of anything lost.
func (a *App) forget(ctx context.Context) (int, error) {
	if a.o.Config.Exports.Keep == 0 {
		return 0, nil
	}
	_, err := a.executor.Forget(ctx, a.o.Config.Exports.Keep)
	return 0, err
}

// pace is how often a duty comes round: watches of a demo beat faster than a
// duty of the day.
func (a *App) pace(d duty) time.Duration {
	if a.o.WatchEvery > 0 && d.name == "watches" {
		return min(d.every, a.o.WatchEvery/2)
	}
	return d.every
}

// Tick asks for one duty in one period. Two leaders at once ask for the same.
type Tick struct {
	Duty   string    `json:"duty"`
	Period time.Time `json:"period"`
}

// Kind names the job.
func (Tick) Kind() string { return "tick" }

// Queue lets ticks wait behind nothing that waits for Slack.
func (Tick) Queue() string { return jobs.Pages }

// schedule starts the metronome. It beats in every process, and is heard in
// the one that holds the lease.
func (a *App) schedule(ctx context.Context) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(append([]gocron.SchedulerOption{
		gocron.WithDistributedElector(a.lease), gocron.WithLocation(time.UTC), gocron.WithStopTimeout(2 * time.Second),
	}, a.o.beats...)...)
	if err != nil {
		return nil, fmt.Errorf("make the schedule: %w", err)
	}
	for _, d := range duties {
		_, err := s.NewJob(gocron.DurationJob(a.pace(d)), gocron.NewTask(func() { a.ask(ctx, d) }),
			gocron.WithName(d.name), gocron.WithSingletonMode(gocron.LimitModeReschedule))
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", d.name, err)
		}
	}
	s.Start()
	return s, nil
}

// ask is the whole body of a tick: one job, if the lease is still ours.
func (a *App) ask(ctx context.Context, d duty) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := a.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := a.lease.Fence(ctx, tx); err != nil {
			return err
		}
		at, err := a.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return jobs.AddOnce(ctx, tx, Tick{d.name, at.Truncate(a.pace(d))})
	})
	if err != nil && !errors.Is(err, pgdb.ErrNotHolder) && ctx.Err() == nil {
		a.log.Warn("a tick was missed", "job", d.name, "err", err)
	}
}

func (a *App) tick(ctx context.Context, job jobs.Job[Tick]) error {
	for _, d := range duties {
		if d.name != job.Args.Duty {
			continue
		}
		found, err := d.do(a, ctx)
		if found > 0 {
			a.log.Warn("the sweep found work that nobody was about to do", "job", d.name, "found", found)
		}
		return err
	}
	return nil // of an older binary
}

// The lease is renewed well within its term, and the jobs of processes that are
// gone are freed; a lost database is told once.
func (a *App) renew(ctx context.Context, runner *jobs.Runner) {
	lost := false
	beat := time.NewTicker(3 * time.Second)
	defer beat.Stop()
	for {
		try, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := a.lease.TryRenew(try)
		if err == nil || errors.Is(err, pgdb.ErrNotHolder) {
			err = a.tend(try, runner)
		}
		cancel()
		switch gone := err != nil && ctx.Err() == nil; {
		case gone && !lost:
			lost = true
			a.log.Error("the log database does not answer; nothing is lost, and I go on when it does", "err", err)
			a.o.Say("My database does not answer. What was acknowledged is on its disk; I go on when it is back.")
		case !gone && lost && ctx.Err() == nil:
			lost = false
			a.log.Info("the log database answers again")
			a.o.Say("My database answers again.")
		}
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

func (a *App) tend(ctx context.Context, runner *jobs.Runner) error {
	freed, err := runner.Tend(ctx)
	if freed > 0 {
		a.log.Warn("a process is gone without a word; its jobs go on here", "found", freed)
	}
	return err
}
