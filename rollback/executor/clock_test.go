package executor_test

import (
	"context"
	"sync"
	"time"

	"snafu/rollback/executor"
)

// steps is a clock that never sleeps: it notes how long it was asked to wait,
// and is that much later.
type steps struct {
	mu    sync.Mutex
	now   time.Time
	tick  time.Duration // that passes whenever it is read
	waits []time.Duration
	at    func(wait int) // called after each wait
}

func (c *steps) clock() executor.Clock {
	c.now = time.Date(2026, 3, 28, 10, 42, 0, 0, time.UTC)
	return executor.Clock{
		Now: func() time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.now = c.now.Add(c.tick)
			return c.now
		},
		Wait: func(ctx context.Context, d time.Duration) error {
			c.mu.Lock()
			c.now, c.waits = c.now.Add(d), append(c.waits, d)
			n := len(c.waits)
			c.mu.Unlock()
			if c.at != nil {
				c.at(n)
			}
			return ctx.Err()
		},
	}
}

// pass lets time go by.
func (c *steps) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
