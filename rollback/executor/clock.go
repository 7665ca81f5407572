package executor

import (
	"context"
	"math/rand/v2"
	"time"
)

// Clock is the time by which a run is patient: how long something has lasted,
// and waiting. What is recorded has the instant of the database.
type Clock struct {
	Now  func() time.Time
	Wait func(context.Context, time.Duration) error // ends early, with its error, when the context does
}

func (c Clock) withDefaults() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	return c
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// longestWait is how long a busy source is left alone at most before it is asked
// again.
const longestWait = 5 * time.Second

// backOff is how long to wait before the next of so many tries, of which the
// first is 1: twice as long each time, and less by chance, so that two who got
// in each other's way do not meet again.
func backOff(first time.Duration, try int) time.Duration {
	d := min(first<<min(try-1, 16), longestWait)
	return d - time.Duration(rand.Int64N(int64(d/2)+1)) //nolint:gosec // chance, not a secret
}
