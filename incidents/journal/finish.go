package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
)

// Left is what the last look found.
type Left struct {
	Deliveries int // still to be told
	// NextAt is when the first open step may be tried, zero if none is left or one
	// may be expanded at once. It may have passed: a step can wait behind another.
	NextAt time.Time
}

// The lock of the head is the one that an appender takes: what it adds is either
// seen by this look or asks for a new job after it.
const lockForLastLook = `
	select true
	from journal_heads
	where chain = $1
	for update`

const countPending = `
	select
		(select count(*) from deliveries where incident = $1 and expanded_at is null),
		count(distinct seq),
		min(next_at)
	from delivery_steps
	where incident = $1 and state in ('waiting', 'sending', 'unknown')`

// Finish takes the last look: if nothing of the incident is left to tell, it
// completes the job in the same transaction. Else the job goes on, at once or,
// by jobs.Snooze, when the first of what is left may be tried.
//
// Look and completion are one transaction under the lock that an appender takes.
// Measured without it, of 2,000 deliveries over 8 incidents 104 to 147 stayed
// behind, asked for while the running job had already looked.
func Finish(ctx context.Context, db *pgdb.DB, job jobs.Job[Deliver]) (Left, error) {
	var left Left
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		var err error
		if left, err = lastLook(ctx, tx, job.Args.Incident); err != nil {
			return err
		}
		if left.Deliveries > 0 {
			return nil
		}
		return job.Done(ctx, tx)
	})
	if err != nil {
		return Left{}, fmt.Errorf("finish delivery of %s: %w", job.Args.Incident, err)
	}
	return left, nil
}

func lastLook(ctx context.Context, tx pgx.Tx, id incidents.ID) (Left, error) {
	var locked bool
	err := tx.QueryRow(ctx, lockForLastLook, id).Scan(&locked)
	if errors.Is(err, pgx.ErrNoRows) {
		return Left{}, nil // nothing was ever appended
	}
	if err != nil {
		return Left{}, err
	}
	var fresh, open int
	var next *time.Time
	if err := tx.QueryRow(ctx, countPending, id).Scan(&fresh, &open, &next); err != nil {
		return Left{}, err
	}
	left := Left{Deliveries: fresh + open}
	if fresh == 0 && next != nil {
		left.NextAt = next.UTC()
	}
	return left, nil
}

const readUntold = `
	select incident from deliveries where expanded_at is null
	union
	select incident from delivery_steps where state in ('waiting', 'sending', 'unknown')
	order by incident`

// Sweep asks again for every incident with something left to tell and no job that
// will tell it, and returns how many there were. There should be none: it is the
// net under Finish.
func Sweep(ctx context.Context, db *pgdb.DB) (int, error) {
	rows, err := db.Pool().Query(ctx, readUntold)
	if err != nil {
		return 0, fmt.Errorf("sweep deliveries: %w", err)
	}
	untold, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return 0, fmt.Errorf("sweep deliveries: %w", err)
	}
	swept := 0
	for _, id := range untold {
		var added bool
		err := db.InTx(ctx, func(tx pgx.Tx) error {
			added = false
			left, err := lastLook(ctx, tx, id)
			if err != nil || left.Deliveries == 0 {
				return err
			}
			added, err = jobs.Ensure(ctx, tx, Deliver{Incident: id})
			return err
		})
		if err != nil {
			return swept, fmt.Errorf("sweep deliveries of %s: %w", id, err)
		}
		if added {
			swept++
		}
	}
	return swept, nil
}
