package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A job that waits for a later instant is not runnable.
const runnable = `
	select kind, count(*)
	from river.river_job
	where state = 'running'
	   or state in ('available', 'pending', 'retryable', 'scheduled') and scheduled_at <= clock_timestamp()
	group by kind
	order by kind`

// Idle waits until no job is at work and none is due. It fails when ctx ends
// first, naming the kinds it waited for. Tests and the transcript use it.
func Idle(ctx context.Context, pool *pgxpool.Pool) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var waiting []string
	for {
		found, err := runnableNow(ctx, pool)
		switch {
		case err != nil && ctx.Err() != nil:
			return fmt.Errorf("wait for jobs %v: %w", waiting, ctx.Err())
		case err != nil:
			return err
		case len(found) == 0:
			return nil
		}
		waiting = found
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for jobs %v: %w", waiting, ctx.Err())
		case <-tick.C:
		}
	}
}

func runnableNow(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	rows, err := pool.Query(ctx, runnable)
	if err != nil {
		return nil, fmt.Errorf("read runnable jobs: %w", err)
	}
	waiting, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var kind string
		var n int
		err := row.Scan(&kind, &n)
		return fmt.Sprintf("%s x %d", kind, n), err
	})
	if err != nil {
		return nil, fmt.Errorf("read runnable jobs: %w", err)
	}
	return waiting, nil
}
