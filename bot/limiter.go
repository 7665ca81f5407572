package bot

import (
	"sync"
	"time"
)

// limiter keeps the bot under Slack's rates, so that it is seldom told to wait:
// one bucket per method and one per channel for posts. What a 429 says is
// obeyed for the whole method.
type limiter struct {
	mu      sync.Mutex
	now     func() time.Time
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	rate   float64 // per second
	burst  float64
	at     time.Time
	shut   time.Time // until when Slack asked us to wait
}

// Calls per minute: four fifths of the documented tier, so that another
// program with the same token finds room.
var methodRates = map[string]float64{
	"conversations.create":   16,
	"conversations.archive":  16,
	"conversations.invite":   40,
	"conversations.setTopic": 16,
	"pins.add":               16,
	"chat.update":            40,
	"conversations.open":     40,
	"chat.postEphemeral":     80,
	"views.open":             80,
	"views.update":           80,
	"views.publish":          80,
	"users.info":             80,
}

const (
	methodBurst = 10
	postsEvery  = time.Second // per channel
	postBurst   = 6
)

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, buckets: map[string]*bucket{}}
}

// take returns 0 if the call may be made now, else how long to wait. A nil
// limiter lets everything through.
func (l *limiter) take(method, channel string) time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var wait time.Duration
	var paying []*bucket
	if rate, limited := methodRates[method]; limited {
		paying = append(paying, l.bucket(method, rate/60, methodBurst))
	} else {
		paying = append(paying, l.bucket(method, 50, 50))
	}
	if method == "chat.postMessage" {
		paying = append(paying, l.bucket(method+" "+channel, 1/postsEvery.Seconds(), postBurst))
	}
	for _, b := range paying {
		wait = max(wait, b.wait(l.now()))
	}
	if wait > 0 {
		return wait
	}
	for _, b := range paying {
		b.tokens--
	}
	return 0
}

// shut closes a method for as long as Slack asked.
func (l *limiter) shut(method string, d time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	rate, limited := methodRates[method]
	if !limited {
		rate = 60 * 50
	}
	b := l.bucket(method, rate/60, methodBurst)
	b.shut = l.now().Add(d)
}

func (l *limiter) bucket(name string, rate, burst float64) *bucket {
	b := l.buckets[name]
	if b == nil {
		b = &bucket{tokens: burst, rate: rate, burst: burst, at: l.now()}
		l.buckets[name] = b
	}
	return b
}

func (b *bucket) wait(now time.Time) time.Duration {
	b.tokens = min(b.burst, b.tokens+now.Sub(b.at).Seconds()*b.rate)
	b.at = now
	if now.Before(b.shut) {
		return b.shut.Sub(now)
	}
	if b.tokens >= 1 {
		return 0
	}
	return time.Duration((1 - b.tokens) / b.rate * float64(time.Second))
}
