package slacksim

import (
	"errors"
	"sync"
	"time"
)

// Clock rules message times, triggers, acknowledgements, response URLs and
// retries. It either follows the machine or stands still until it is advanced.
// WebSocket pings and waiting in the driver follow the machine always.
type Clock struct {
	mu     sync.Mutex
	frozen bool
	now    time.Time // while frozen
	goal   time.Time // that those who advance it now want to reach
	timers []*Timer
	order  int
	busy   map[any]int // calls under way that follow the machine, by owner
}

// Timer is a call that a clock will make.
type Timer struct {
	clock *Clock
	owner any
	due   time.Time
	order int
	call  func()
	told  func() // after a call that followed the machine, if not nil
	real  *time.Timer
}

// ErrNotFrozen is returned by Advance on a clock that follows the machine.
var ErrNotFrozen = errors.New("the clock follows the machine; freeze it before advancing it")

var errBackwards = errors.New("a clock does not go back")

// RealClock follows the machine.
func RealClock() *Clock { return &Clock{} }

// FrozenClock stands at the given instant until it is advanced.
func FrozenClock(at time.Time) *Clock { return &Clock{frozen: true, now: at} }

// Now is the clock's instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.instant()
}

// Frozen tells whether the clock stands still.
func (c *Clock) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// AfterFunc calls f once d has passed.
func (c *Clock) AfterFunc(d time.Duration, f func()) *Timer { return c.afterFunc(nil, d, f, nil) }

// Freeze stops the clock at its present instant, or lets it follow the machine
// again. Timers keep the instant at which they fall due.
func (c *Clock) Freeze(frozen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if frozen == c.frozen {
		return
	}
	c.now = c.instant()
	c.frozen = frozen
	for _, t := range c.timers {
		t.arm()
	}
}

// Advance moves a frozen clock by d, which is not negative. What falls due is
// called in order of its instant, each call seeing the clock at that instant,
// before Advance returns. Calls may advance the clock themselves, and so may
// others meanwhile: all that was asked for is added up.
func (c *Clock) Advance(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.frozen:
		return ErrNotFrozen
	case d < 0:
		return errBackwards
	}
	if c.goal.Before(c.now) {
		c.goal = c.now
	}
	c.goal = c.goal.Add(d)
	end := c.goal
	for c.frozen {
		t := c.first()
		if t == nil || t.due.After(end) {
			break
		}
		if t.due.After(c.now) {
			c.now = t.due
		}
		c.remove(t)
		c.mu.Unlock()
		t.call()
		c.mu.Lock()
	}
	if end.After(c.now) {
		c.now = end
	}
	return nil
}

// Stop keeps the timer from firing. It reports whether it did.
func (t *Timer) Stop() bool {
	if t == nil {
		return false
	}
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.remove(t)
}

func (c *Clock) instant() time.Time {
	if c.frozen {
		return c.now
	}
	return time.Now()
}

func (c *Clock) afterFunc(owner any, d time.Duration, f, told func()) *Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order++
	t := &Timer{clock: c, owner: owner, due: c.instant().Add(d), order: c.order, call: f, told: told}
	c.timers = append(c.timers, t)
	t.arm()
	return t
}

// forget drops the timers of an owner that goes away.
func (c *Clock) forget(owner any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range append([]*Timer(nil), c.timers...) {
		if t.owner == owner {
			c.remove(t)
		}
	}
}

// overdue tells whether a call for the owner is due that was not made yet, or is
// being made.
func (c *Clock) overdue(owner any) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[owner] > 0 {
		return true
	}
	for _, t := range c.timers {
		if t.owner == owner && !t.due.After(c.instant()) {
			return true
		}
	}
	return false
}

func (t *Timer) arm() {
	if t.real != nil {
		t.real.Stop()
		t.real = nil
	}
	if t.clock.frozen {
		return
	}
	t.real = time.AfterFunc(time.Until(t.due), t.fire)
}

// fire makes the call, unless the clock stands still by now or the timer was
// stopped.
func (t *Timer) fire() {
	c := t.clock
	c.mu.Lock()
	if c.frozen || !c.remove(t) {
		c.mu.Unlock()
		return
	}
	if c.busy == nil {
		c.busy = map[any]int{}
	}
	c.busy[t.owner]++
	c.mu.Unlock()
	t.call()
	c.mu.Lock()
	if c.busy[t.owner]--; c.busy[t.owner] == 0 {
		delete(c.busy, t.owner)
	}
	c.mu.Unlock()
	if t.told != nil {
		t.told()
	}
}

func (c *Clock) first() *Timer {
	var first *Timer
	for _, t := range c.timers {
		if first == nil || t.due.Before(first.due) || (t.due.Equal(first.due) && t.order < first.order) {
			first = t
		}
	}
	return first
}

func (c *Clock) remove(t *Timer) bool {
	for i, other := range c.timers {
		if other == t {
			c.timers = append(c.timers[:i], c.timers[i+1:]...)
			if t.real != nil {
				t.real.Stop()
			}
			return true
		}
	}
	return false
}
