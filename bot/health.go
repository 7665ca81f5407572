package bot

import (
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// Health says how well the bot hears and speaks.
type Health struct {
	// Connections is how many of the two Socket Mode connections are open.
	Connections int
	// Since is when that number last changed.
	Since time.Time
	// Err is why the bot does not hear, or cannot speak; nil when it can.
	Err error
}

type health struct {
	mu    sync.Mutex
	now   func() time.Time
	open  [receivers]bool
	since time.Time
	err   error // Slack refused our token
}

// up and down record whether connection n is open.
func (h *health) up(n int)   { h.set(n, true) }
func (h *health) down(n int) { h.set(n, false) }

func (h *health) set(n int, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if open {
		h.err = nil
	}
	if h.open[n] != open {
		h.open[n], h.since = open, h.now()
	}
}

// fatal records that Slack will not have us as we are.
func (h *health) fatal(n int, err error) {
	h.set(n, false)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = fmt.Errorf("connect to Slack: %w", err)
}

// mend records that Slack refused a call because of our token or scopes.
func (h *health) mend(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
}

// Health returns the present state.
func (b *Bot) Health() Health { return b.health.state() }

func (h *health) state() Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Health{Since: h.since, Err: h.err}
	for _, open := range h.open {
		if open {
			s.Connections++
		}
	}
	if s.Connections == 0 && s.Err == nil {
		s.Err = errNoConnection
	}
	return s
}

// tooPatient is true for a connection error after which slack-go would wait for
// minutes: Slack may be back long before that.
func tooPatient(data any) bool {
	e, ok := data.(*slack.ConnectionErrorEvent)
	return ok && e.Backoff > longestPause
}
