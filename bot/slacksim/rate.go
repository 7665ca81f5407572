package slacksim

import (
	"fmt"
	"time"
)

// rate is how many calls of a method Slack documents for a minute.
type rate int

const (
	tier2      rate = 20
	tier3      rate = 50
	tier4      rate = 100
	hundreds   rate = 200 // "hundreds", read as the fewest that the word means
	perChannel rate = 60  // one post a second and channel
)

// burst is how many calls may come at once. Slack publishes no figure: a whole
// minute's worth, and a handful of posts.
func (r rate) burst() int {
	if r == perChannel {
		return 5
	}
	return int(r)
}

// limiter holds an app to Slack's rates, on the workspace's clock. Nil limits
// nothing.
type limiter struct {
	full map[string]time.Time // by bucket: when it would be full again
}

func newLimiter(rate string) (*limiter, error) {
	switch rate {
	case "", "none":
		return nil, nil
	case "slack":
		return &limiter{full: map[string]time.Time{}}, nil
	}
	return nil, fmt.Errorf("limits.rate is %q; it may be none or slack", rate)
}

// take counts a call. It returns 0 if the call may be made now, else the seconds
// after which it may.
func (l *limiter) take(c *call, now time.Time) int {
	if l == nil || c.as.rate == 0 {
		return 0
	}
	bucket := c.method
	if c.as.rate == perChannel {
		bucket += " " + c.str("channel")
		if ch := c.destination(); ch != nil {
			bucket = c.method + " " + ch.ID
		}
	}
	each := time.Minute / time.Duration(c.as.rate)
	full := l.full[bucket]
	if full.Before(now) {
		full = now
	}
	next := full.Add(each)
	if over := next.Sub(now) - each*time.Duration(c.as.rate.burst()); over > 0 {
		return int((over + time.Second - 1) / time.Second)
	}
	l.full[bucket] = next
	return 0
}
