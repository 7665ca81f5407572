package count

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// flights are the measurements at work, so that a second asker of the same
// scope gets the first one's answer and the source counts once.
type flights struct {
	mu *sync.Mutex
	of map[string]*flight
}

// flight is one measurement at work. Table and err are there once done is
// closed.
type flight struct {
	done  chan struct{}
	table rollback.StateTable
	err   error
	cut   bool // whoever led it stopped waiting: that is no answer for others

	waiting int // who waits for it besides its leader
}

func newFlights() flights { return flights{mu: &sync.Mutex{}, of: map[string]*flight{}} }

// board returns the flight of a scope, and whether the caller leads it.
func (f flights) board(key string) (*flight, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at, ok := f.of[key]; ok {
		at.waiting++
		return at, false
	}
	at := &flight{done: make(chan struct{})}
	f.of[key] = at
	return at, true
}

func (f flights) land(key string, at *flight) {
	f.mu.Lock()
	delete(f.of, key)
	f.mu.Unlock()
	close(at.done)
}

// together measures a scope, once for all who ask while it is at work.
func (c *Count) together(ctx context.Context, scope rollback.Scope, measure func() (rollback.StateTable, error)) (rollback.StateTable, error) {
	raw, err := json.Marshal(scope)
	if err != nil {
		return rollback.StateTable{}, fmt.Errorf("encode scope: %w", err)
	}
	key := string(raw)
	for {
		at, leads := c.flights.board(key)
		if leads {
			return c.fly(ctx, key, at, measure)
		}
		select {
		case <-at.done:
			if !at.cut {
				return at.table, at.err
			}
		case <-ctx.Done():
			return rollback.StateTable{}, fmt.Errorf("wait for a count of %s: %w", scope.Source, ctx.Err())
		}
	}
}

func (c *Count) fly(ctx context.Context, key string, at *flight, measure func() (rollback.StateTable, error)) (rollback.StateTable, error) {
	at.cut = true // a panic answers nobody else
	defer c.flights.land(key, at)
	at.table, at.err = measure()
	at.cut = at.err != nil && ctx.Err() != nil
	return at.table, at.err
}

// busy is the refusal of a source whose one counting connection did not become
// free in time.
func busy(name string) error {
	return refusal.Unavailable("%s is busy with other counts. Try again in a minute.", name)
}
