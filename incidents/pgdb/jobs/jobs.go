// Package jobs is work that outlives the process.
//
// A job is asked for in the transaction that makes it a duty, and done after
// that transaction commits, by whichever process is alive. It is done at least
// once: a handler starts from rows, may run twice, and completes its job in the
// transaction of its own last change. A job is only a wake-up; the duty itself
// is a row that its owner keeps.
//
// This is the only room that knows River.
//
// 2026-10: the unique states leave out completed, because River's default
// leaves a job of yesterday in the way of today's. The mandatory state running
// stays, so whoever asks while the handler takes its last look is heard only if
// both hold the same lock: that is what Job.Done is for.
package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

// Schema is where River's tables are.
const Schema = "river"

// Args is what a job is about, told to the database as JSON. Kind is its name
// for ever, at least two letters; a changed meaning is a new kind, fields are
// only ever added.
//
// Args may also have Queue() string, one of the queues of this package (acts if
// it has none), and Timeout() time.Duration, after which its context is
// cancelled (one minute if it has none). Slow kinds carry an attempt or an epoch
// among their fields: the job of a killed process stays in the way of its equal
// for the whole of its timeout.
type Args interface{ Kind() string }

// The queues. Each has workers of its own, so that a slow export cannot hold up
// a page.
const (
	Acts   = "acts"   // what people asked for
	Pages  = "pages"  // calling people
	Tell   = "tell"   // telling Slack
	Counts = "counts" // counting in a source
	Runs   = "runs"   // writing to a source
	Slow   = "slow"   // freeze, export, restore, probes
)

// whileUnfinished are the states in which a job stands in the way of its equal.
var whileUnfinished = river.UniqueOpts{
	ByArgs: true,
	ByState: []rivertype.JobState{
		rivertype.JobStateAvailable,
		rivertype.JobStatePending,
		rivertype.JobStateRetryable,
		rivertype.JobStateRunning,
		rivertype.JobStateScheduled,
	},
}

// Add asks for a job as soon as the transaction commits. While an equal job (same
// kind, same args) is unfinished it adds none; if that one waits for a later
// instant, it is brought forward to now.
func Add(ctx context.Context, tx pgx.Tx, args Args) error {
	_, err := insert(ctx, tx, args, &river.InsertOpts{UniqueOpts: whileUnfinished}, true)
	return err
}

// Ensure asks for a job unless an equal one is unfinished, which it leaves as it
// is, and reports whether it had to. Sweeps use it: they count what got lost.
func Ensure(ctx context.Context, tx pgx.Tx, args Args) (added bool, err error) {
	return insert(ctx, tx, args, &river.InsertOpts{UniqueOpts: whileUnfinished}, false)
}

// AddAt asks for a job at an instant, or up to five seconds later: River's leader
// looks for scheduled jobs every five seconds. While an equal job is unfinished
// it adds none. Args of a deadline carry its instant, and the handler asks the
// rows whether it is due.
func AddAt(ctx context.Context, tx pgx.Tx, args Args, at time.Time) error {
	if !at.After(time.Now()) {
		return Add(ctx, tx, args)
	}
	_, err := insert(ctx, tx, args, &river.InsertOpts{UniqueOpts: whileUnfinished, ScheduledAt: at}, false)
	return err
}

// AddOnce asks for a job unless an equal one was ever asked for and is still
// remembered: finished jobs are kept for a day. Ticks use it, with name and
// period as args, so that two leaders still ask once.
func AddOnce(ctx context.Context, tx pgx.Tx, args Args) error {
	_, err := insert(ctx, tx, args, &river.InsertOpts{
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: rivertype.JobStates()},
	}, false)
	return err
}

// inserter knows no pool: it writes through the transactions it is given.
var inserter = sync.OnceValues(func() (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(nil), &river.Config{
		Schema:        Schema,
		FetchCooldown: fetchCooldown,
		MaxAttempts:   maxAttempts,
	})
})

// A job that waits for a later instant would make what is asked for now wait
// behind it.
const hurry = `
	update river.river_job
	set state = 'available', scheduled_at = clock_timestamp()
	where id = $1
	  and state in ('available', 'retryable', 'scheduled')
	  and scheduled_at > clock_timestamp()`

func insert(ctx context.Context, tx pgx.Tx, args Args, opts *river.InsertOpts, now bool) (added bool, err error) {
	client, err := inserter()
	if err != nil {
		return false, fmt.Errorf("make job inserter: %w", err)
	}
	opts.Queue = queueOf(args)
	res, err := client.InsertTx(ctx, tx, args, opts)
	if err != nil {
		return false, fmt.Errorf("add job %s: %w", args.Kind(), err)
	}
	if !res.UniqueSkippedAsDuplicate {
		return true, nil
	}
	if now && res.Job.State != rivertype.JobStateRunning {
		if _, err := tx.Exec(ctx, hurry, res.Job.ID); err != nil {
			return false, fmt.Errorf("bring job %s forward: %w", args.Kind(), err)
		}
	}
	return false, nil
}

func queueOf(args Args) string {
	if q, ok := args.(interface{ Queue() string }); ok {
		return q.Queue()
	}
	return Acts
}

func timeoutOf(args Args) time.Duration {
	if t, ok := args.(interface{ Timeout() time.Duration }); ok {
		return t.Timeout()
	}
	return jobTimeout
}
