// Package executor does what approval asks for: it fixes records of a source
// in a freeze, and writes them in a run.
//
// It is the only room that writes to a customer's system, and it accepts only a
// rollback.Running: a plan that two people approved and one person started. It
// decides nothing about the plan; it stops, in words, whenever what it finds is
// not what was approved. It may be killed at any line: the next process reads
// the source's own batches and goes on.
package executor

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// Options of New.
type Options struct {
	DB       *pgdb.DB
	Approval *approval.Approval
	// Writers opens the executing login of a source for one freeze or one run.
	Writers func(source string) (source.Writer, error)
	// Readers gives the counting login of a source, which stays open.
	Readers func(source string) (source.Reader, error)
	// Throttles say by source when a run leaves it alone; one without has the
	// usual patience.
	Throttles map[string]Throttle
	// Staged reads what files say about single records of a plan, for its freeze.
	Staged func(ctx context.Context, spec rollback.Spec) source.Staged
	// ExportDir is the folder of before-images and lists. It is made for this
	// user alone.
	ExportDir string
	Holder    string // names this process, and no other
	Log       *slog.Logger
	Pace      Pace
	Clock     Clock // nil functions are those of the machine
}

// Pace is how long the executor waits for what. Zero values mean those of
// usual; tests are in more of a hurry.
type Pace struct {
	Term      time.Duration // of the ownership of a run
	Heartbeat time.Duration // how often it is renewed
	Deferred  time.Duration // between two passes over records that somebody holds
	Away      time.Duration // how long a source may be away before the run pauses
	Retry     time.Duration // first wait after a lock, a deadlock or a lost source
	Look      time.Duration // between two looks at whether the source wants to be left alone
	Again     time.Duration // until a run that broke on our side is tried again
}

var usual = Pace{Term: 15 * time.Second, Heartbeat: 5 * time.Second, Deferred: 5 * time.Second, Away: 30 * time.Second, Retry: 100 * time.Millisecond, Look: time.Second, Again: 30 * time.Second}

func (p Pace) withDefaults() Pace {
	for _, d := range []struct {
		have *time.Duration
		want time.Duration
	}{
		{&p.Term, usual.Term},
		{&p.Heartbeat, usual.Heartbeat},
		{&p.Deferred, usual.Deferred},
		{&p.Away, usual.Away},
		{&p.Retry, usual.Retry},
		{&p.Look, usual.Look},
		{&p.Again, usual.Again},
	} {
		if *d.have == 0 {
			*d.have = d.want
		}
	}
	return p
}

// Executor does freezes and runs.
type Executor struct {
	db       *pgdb.DB
	approval *approval.Approval
	writers  func(string) (source.Writer, error)
	readers  func(string) (source.Reader, error)
	throttle map[string]Throttle
	staged   func(context.Context, rollback.Spec) source.Staged
	dir      string
	holder   string
	log      *slog.Logger
	pace     Pace
	clock    Clock
}

// New makes an executor. It starts nothing.
func New(o Options) *Executor {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Executor{
		db: o.DB, approval: o.Approval, writers: o.Writers, readers: o.Readers, throttle: o.Throttles, staged: o.Staged, dir: o.ExportDir, holder: o.Holder,
		log: o.Log, pace: o.Pace.withDefaults(), clock: o.Clock.withDefaults(),
	}
}

// Sweep asks again for runs that should go on and have no owner, and says how
// many there were: a job may be lost, the duty stands in the rows.
func (e *Executor) Sweep(ctx context.Context) (int, error) {
	lost, err := e.approval.Unowned(ctx)
	if err != nil || len(lost) == 0 {
		return 0, err
	}
	asked := 0
	err = e.db.InTx(ctx, func(tx pgx.Tx) error {
		asked = 0
		for _, run := range lost {
			added, err := jobs.Ensure(ctx, tx, run)
			if err != nil {
				return err
			}
			if added {
				asked++
			}
		}
		return nil
	})
	return asked, err
}
