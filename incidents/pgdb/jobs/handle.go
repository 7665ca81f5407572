package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// Job is a job at work.
type Job[T Args] struct {
	Args T
	// Attempt is 1 at the first try. A snooze counts as none.
	Attempt int
	// Asked is when the job was asked for, by the clock of the database.
	Asked time.Time

	row *river.Job[T]
}

// Done completes the job in the handler's own transaction, so that whoever asks
// for its equal afterwards gets a new job and not this one. The handler returns
// nil after the commit. A Job made by hand has nothing to complete.
func (j Job[T]) Done(ctx context.Context, tx pgx.Tx) error {
	if j.row == nil {
		return nil
	}
	if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, j.row); err != nil {
		return fmt.Errorf("complete job %s: %w", j.Args.Kind(), err)
	}
	return nil
}

// Snooze is what a handler returns to be called again after d, without counting
// an attempt and without the growing pause of a failure.
func Snooze(d time.Duration) error { return river.JobSnooze(max(d, 0)) }

// Set is the kinds of job that this process does.
type Set struct {
	workers *river.Workers
	kinds   []string
	log     *slog.Logger
}

// NewSet returns a set that does nothing yet.
func NewSet() *Set { return &Set{workers: river.NewWorkers(), log: slog.New(slog.DiscardHandler)} }

// Kinds are the kinds that have a handler, sorted.
func (s *Set) Kinds() []string { return slices.Sorted(slices.Values(s.kinds)) }

// Handle says who does the jobs of a kind. A second handler of a kind, or a kind
// that River does not take as a name, is a programmer's error and panics.
func Handle[T Args](set *Set, do func(context.Context, Job[T]) error) {
	river.AddWorker(set.workers, &worker[T]{set: set, do: do})
	var none T
	set.kinds = append(set.kinds, none.Kind())
}

type worker[T Args] struct {
	river.WorkerDefaults[T]
	set *Set
	do  func(context.Context, Job[T]) error
}

func (w *worker[T]) Timeout(j *river.Job[T]) time.Duration { return timeoutOf(j.Args) }

// Work turns a panic into an error, so that one bad job takes nothing with it.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) (err error) {
	defer func() {
		if r := recover(); r != nil {
			w.set.log.ErrorContext(ctx, "job panicked", "job", j.Kind, "err", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			err = fmt.Errorf("job %s panicked with a %T", j.Kind, r)
		}
	}()
	return w.do(ctx, Job[T]{Args: j.Args, Attempt: j.Attempt, Asked: j.CreatedAt, row: j})
}
