package slacksim

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options say how a simulated workspace is started. The zero value is the
// neutral default workspace on a free loopback port, on the machine's clock, in
// memory only.
type Options struct {
	Workspace Workspace
	Listen    string       // "127.0.0.1:0" if empty
	Clock     *Clock       // the machine's clock if nil
	Log       *slog.Logger // discarded if nil
	StateFile string       // JSON lines; replayed at start; memory only if empty
	// RequestURL is where the app takes signed HTTP requests. Without it the app
	// takes everything over Socket Mode.
	RequestURL string
}

// Tokens are the secrets of the simulated app.
type Tokens struct {
	Bot           string `json:"bot"`
	App           string `json:"app"`
	SigningSecret string `json:"signing_secret"`
}

// Sim is a running workspace. All its methods may be called from any goroutine.
type Sim struct {
	log      *slog.Logger
	clock    *Clock
	store    *store
	listener net.Listener
	server   *http.Server
	// requestURL is that of the start, for Reset.
	requestURL string
	key        string // demanded by the control API off loopback
	goes       sync.WaitGroup

	// mu guards everything below. It is never held over a network write.
	mu       sync.Mutex
	wake     chan struct{} // closed and replaced at every change
	closed   bool
	ended    chan struct{} // closed with it
	state    *state
	origin   Workspace // as at the start, for Reset
	hub      hub
	collect  *deed // the act to which envelopes belong that are sent now
	faults   []*fault
	faultSeq int
	traffic  []Traffic
	// trafficSize is how many bytes all of it has, trafficMost how many are kept.
	trafficSize, trafficMost int64
	struck                   string // a fault that the next exchange is marked with
	signed                   receiver
	busy                     int // API requests being handled
	watchers                 map[*watcher]struct{}
	frames                   []Frame
	frameSeq                 int
}

// ErrClosed is returned by a wait that the end of the simulator cut short.
var ErrClosed = errors.New("the simulated Slack was closed")

// patience is how long a driver method waits when its context has no deadline.
const patience = time.Minute

// Start builds the workspace, replays the state file if there is one, and
// listens. It fails if the address is taken, the workspace names somebody it does
// not have, or the state file cannot be read.
func Start(o Options) (*Sim, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Clock == nil {
		o.Clock = RealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sim{
		log: o.Log, clock: o.Clock, origin: o.Workspace, requestURL: o.RequestURL, wake: make(chan struct{}), ended: make(chan struct{}),
		watchers: map[*watcher]struct{}{}, trafficMost: trafficBytes,
	}
	s.hub.init()
	st, err := newState(o.Workspace)
	if err != nil {
		return nil, fmt.Errorf("build the workspace: %w", err)
	}
	if s.store, err = openStore(o.StateFile, st); err != nil {
		return nil, fmt.Errorf("open the state file: %w", err)
	}
	if s.listener, err = net.Listen("tcp", o.Listen); err != nil { //nolint:noctx // it listens until Close
		return nil, errors.Join(fmt.Errorf("listen: %w", err), s.store.close())
	}
	if !loopback(s.listener.Addr().String()) {
		s.key = rand.Text()
	}
	s.signed.client = newPoster()
	if err := s.begins(st); err != nil {
		s.clock.forget(s)
		return nil, errors.Join(err, s.listener.Close(), s.store.close())
	}
	s.server = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	s.goes.Go(func() { _ = s.server.Serve(s.listener) })
	return s, nil
}

// begins puts the workspace in place, now that it can be reached: what was due
// while it was down happens at once.
func (s *Sim) begins(st *state) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setState(st)
	return s.setRequestURL(s.requestURL)
}

// Close ends all connections and waits for everything the simulator started. The
// state file is complete afterwards.
func (s *Sim) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.ended)
	for _, c := range s.hub.conns {
		c.cut()
	}
	for _, c := range s.hub.halves {
		c.cut()
	}
	for w := range s.watchers {
		w.end()
	}
	s.signed.stop()
	s.changed()
	s.mu.Unlock()

	s.clock.forget(s)
	err := s.server.Close()
	s.goes.Wait()
	s.signed.client.CloseIdleConnections()
	s.mu.Lock()
	defer s.mu.Unlock()
	if cerr := s.store.close(); err == nil {
		err = cerr
	}
	return err
}

// Tokens returns the secrets an app must be given.
func (s *Sim) Tokens() Tokens {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.App.Tokens
}

// Now is the instant of the workspace.
func (s *Sim) Now() time.Time { return s.clock.Now() }

// Advance moves a frozen clock, firing in order what falls due. It returns an
// error if the clock is not frozen.
func (s *Sim) Advance(d time.Duration) error { return s.clock.Advance(d) }

// Idle returns when no payload is in flight or unacknowledged, no API request is
// being handled and nothing is due.
func (s *Sim) Idle(ctx context.Context) error {
	return s.wait(ctx, "the app to be idle", s.idle)
}

// Connections returns how many Socket Mode connections are open.
func (s *Sim) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.hub.conns)
}

// AwaitConnections returns when exactly n Socket Mode connections are open.
func (s *Sim) AwaitConnections(ctx context.Context, n int) error {
	return s.wait(ctx, fmt.Sprintf("%d connections", n), func() bool { return len(s.hub.conns) == n })
}

func (s *Sim) idle() bool {
	return s.busy == 0 && len(s.hub.inflight) == 0 && s.signed.busy == 0 && !s.clock.overdue(s)
}

// changed wakes everybody who waits. The lock is held.
func (s *Sim) changed() {
	close(s.wake)
	s.wake = make(chan struct{})
}

// wait returns when met, called under the lock, says so. Without a deadline it
// gives up after a minute, because a story that hangs tells nothing.
func (s *Sim) wait(ctx context.Context, what string, met func() bool) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	for {
		s.mu.Lock()
		ok, closed, wake := met(), s.closed, s.wake
		s.mu.Unlock()
		switch {
		case ok:
			return nil
		case closed:
			return fmt.Errorf("waiting for %s: %w", what, ErrClosed)
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
}

// after runs f under the lock when d has passed on the workspace's clock.
func (s *Sim) after(d time.Duration, f func()) *Timer {
	call := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closed {
			f()
			s.changed()
		}
	}
	// Only after the call is the workspace idle again: who waits for that is woken
	// once more.
	told := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed()
	}
	return s.clock.afterFunc(s, d, call, told)
}
