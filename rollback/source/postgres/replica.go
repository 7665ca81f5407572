package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// Written is how far the log of a source's primary had come when a run last
// wrote. A reader on a standby waits for it: what was written a moment ago is
// not there yet, and a check that looked too early would call it lost. The
// writer and the readers of one source share one; after a restart it is empty
// until the run is taken again.
type Written struct {
	mu sync.Mutex
	at map[int64]string // run -> position
}

// NewWritten makes one.
func NewWritten() *Written { return &Written{at: map[int64]string{}} }

func (w *Written) note(run int64, position string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[run] = position
}

func (w *Written) of(run int64) string {
	if w == nil {
		return ""
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at[run]
}

// mark remembers where the log stands after a commit of a run. Its failure is
// no failure of the commit: the reader then finds less than is there, and the
// run is asked to be looked at.
func (w *Writer) mark(ctx context.Context, run int64) {
	if !w.opt.Counts.Replica || w.opt.Written == nil {
		return
	}
	var position string
	if err := w.pool.QueryRow(ctx, `select pg_current_wal_insert_lsn()::text`).Scan(&position); err == nil {
		w.opt.Written.note(run, position)
	}
}

// How long a reader waits for a standby, and how often it looks.
const (
	replayPatience = 60 * time.Second
	replayLook     = 50 * time.Millisecond
)

const replayedSQL = `
	select not pg_is_in_recovery() or pg_last_wal_replay_lsn() >= $1::text::pg_lsn`

// replayed waits until the counting login sees what a run has written. It is
// Unavailable when the standby does not come that far.
func (r *Reader) replayed(ctx context.Context, run rollback.Run) error {
	position := r.opt.Written.of(run.FreezeID)
	if !r.opt.Counts.Replica || position == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, replayPatience)
	defer cancel()
	look := time.NewTicker(replayLook)
	defer look.Stop()
	for {
		var there bool
		err := r.pool.QueryRow(ctx, replayedSQL, position).Scan(&there)
		switch {
		case err == nil && there:
			return nil
		case err != nil && ctx.Err() == nil:
			return r.unanswered("wait for the standby", err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return refusal.Unavailable("The standby of %s has not replayed what %s wrote within %s. It is looked at again when the standby has caught up.",
					r.opt.Name, run.Label, replayPatience)
			}
			return fmt.Errorf("wait for the standby: %w", ctx.Err())
		}
	}
}

// fresh refuses to count on a standby that is further behind than declared, and
// says how far it is.
func (r *Reader) fresh(ctx context.Context, tx pgx.Tx) (behind time.Duration, err error) {
	if !r.opt.Counts.Replica {
		return 0, nil
	}
	standby, behind, _, err := lag(ctx, tx, r.opt.Counts.StatementTimeout)
	if err != nil {
		return 0, fmt.Errorf("ask how far the standby is: %w", err)
	}
	switch most := r.opt.Counts.MaxLag; {
	case !standby:
		return 0, nil
	case behind < 0:
		return 0, refusal.Unavailable("The standby of %s does not know how far it is behind, so nothing was counted. Its admin can see whether it receives.", r.opt.Name)
	case behind > most:
		return 0, refusal.Unavailable("The standby of %s is %s behind and at most %s may be, so nothing was counted. Count again when it has caught up.",
			r.opt.Name, behind.Round(time.Second), most)
	}
	return behind, nil
}
