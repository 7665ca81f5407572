package bot

import (
	"sync"
	"time"
)

// throttle keeps one person, or a whole workspace, from flooding the database.
// It stands before it and in memory: a restart forgives everybody.
type throttle struct {
	mu     sync.Mutex
	now    func() time.Time
	person Rate
	all    Rate
	people map[string]*bucket
	whole  *bucket
}

// Rate is how many acts are taken: PerMinute on average, Burst at once.
type Rate struct {
	PerMinute, Burst int
}

func newThrottle(now func() time.Time, person, all Rate) *throttle {
	t := &throttle{now: now, person: person, all: all, people: map[string]*bucket{}}
	t.whole = all.bucket(now())
	return t
}

func (r Rate) bucket(at time.Time) *bucket {
	return &bucket{tokens: float64(r.Burst), burst: float64(r.Burst), rate: float64(r.PerMinute) / 60, at: at}
}

// take is true if this person may act now.
func (t *throttle) take(person string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.now()
	p := t.people[person]
	if p == nil {
		t.forget(at)
		p = t.person.bucket(at)
		t.people[person] = p
	}
	if p.wait(at) > 0 || t.whole.wait(at) > 0 {
		return false
	}
	p.tokens--
	t.whole.tokens--
	return true
}

// forget drops people whose bucket is full again, so that the map stays small.
func (t *throttle) forget(at time.Time) {
	if len(t.people) < 1000 {
		return
	}
	for name, b := range t.people {
		b.wait(at)
		if b.tokens >= b.burst {
			delete(t.people, name)
		}
	}
}
