package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

const (
	// River announces inserts no faster than it fetches: with its default of
	// 100 ms every second insert of a pair waited for the next poll.
	fetchCooldown = time.Millisecond
	// The bound where a notification is lost, which is one in eight while
	// connections come and go.
	fetchPoll = time.Second
	// Behind a transaction pooler nothing is announced at all.
	fetchPollOnly = 250 * time.Millisecond

	jobTimeout  = time.Minute
	rescueAfter = 2 * time.Minute
	softStop    = 5 * time.Second
	maxAttempts = 25
	longestWait = 60 * time.Second
)

// Options of a runner. The zero value is right for a direct connection.
type Options struct {
	Log *slog.Logger // warnings and errors of the jobs; nil is silence
	// PollOnly looks for jobs four times a second instead of listening, for a
	// database behind a transaction pooler (riverqueue/river#281).
	PollOnly bool
	// TestOnly leaves out the random pauses at the start of River's services.
	TestOnly bool
	// Now replaces the clock by which jobs are due. Tests set it.
	Now func() time.Time
}

// Runner does jobs until it is stopped.
type Runner struct {
	client   *river.Client[pgx.Tx]
	presence *presence // nil behind a pooler, where a session is nobody's own
}

// Start begins to do the jobs of a set. The end of ctx does not end the runner:
// Stop does, so that the program can say in which order its parts end.
func Start(ctx context.Context, pool *pgxpool.Pool, set *Set, o Options) (*Runner, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	set.log = log
	poll := fetchPoll
	if o.PollOnly {
		poll = fetchPollOnly
	}
	config := &river.Config{
		Schema:               Schema,
		Workers:              set.workers,
		FetchCooldown:        fetchCooldown,
		FetchPollInterval:    poll,
		FetchOnlyKnownKinds:  true, // a kind of a newer binary waits for one
		PollOnly:             o.PollOnly,
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      softStop,
		MaxAttempts:          maxAttempts,
		RetryPolicy:          pauses{},
		// The app does not own River's indexes and cannot rebuild them.
		ReindexerIndexNames: []string{},
		ReindexerSchedule:   river.NeverSchedule(),
		Logger:              slog.New(atLeast{log.Handler(), slog.LevelWarn}),
		TestOnly:            o.TestOnly,
		Queues: map[string]river.QueueConfig{
			Acts:   {MaxWorkers: 8},
			Pages:  {MaxWorkers: 2},
			Tell:   {MaxWorkers: 6},
			Counts: {MaxWorkers: 3},
			Runs:   {MaxWorkers: 2},
			Slow:   {MaxWorkers: 2},
		},
	}
	if o.Now != nil {
		config.Test.Time = clock(o.Now)
	}
	client, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return nil, fmt.Errorf("make job runner: %w", err)
	}
	r := &Runner{client: client}
	if !o.PollOnly {
		r.presence = &presence{pool: pool, id: client.ID(), now: time.Now}
		// Before the first job is taken, or another process would miss us.
		if err := r.presence.attend(ctx); err != nil {
			return nil, err
		}
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		r.absent(ctx)
		return nil, fmt.Errorf("start job runner: %w", err)
	}
	return r, nil
}

// Stop takes no new jobs, gives those at work five seconds, then cancels their
// contexts and waits for them until ctx ends. A job that was cut off is taken up
// again by the next process.
func (r *Runner) Stop(ctx context.Context) error {
	err := r.client.Stop(ctx)
	r.absent(ctx)
	if err == nil || errors.Is(err, context.Canceled) && ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("stop job runner: %w", err)
}

// clock is the time of a test, as River asks for it.
type clock func() time.Time

func (c clock) Now() time.Time { return c() }

func (c clock) NowOrNil() *time.Time {
	now := c()
	return &now
}

// pauses are 1, 2, 4 ... 60 s with up to a quarter more, because River's own grow
// to days.
type pauses struct{}

func (pauses) NextRetry(job *rivertype.JobRow) time.Time {
	pause := longestWait
	if n := len(job.Errors); n < 6 {
		pause = time.Second << n
	}
	return time.Now().Add(pause + rand.N(pause/4))
}

// atLeast keeps River's daily talk out of our log.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

func (h atLeast) WithAttrs(a []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(a), h.level}
}

func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}
