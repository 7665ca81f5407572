package slacksim

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds of faults.
const (
	faultError          = "api.error"
	faultRateLimited    = "api.rate_limited"
	faultLostReply      = "api.lost_reply"
	faultLostRequest    = "api.lost_request"
	faultHTTPError      = "api.http_error"
	faultSlow           = "api.slow"
	faultDropAck        = "socket.drop_ack"
	faultSocketDelay    = "socket.delay"
	faultDuplicate      = "socket.duplicate"
	faultRefuse         = "socket.refuse"
	faultCut            = "socket.cut"
	faultWarning        = "socket.warning"
	faultRefresh        = "socket.refresh"
	faultTooMany        = "socket.too_many"
	faultLinkDisabled   = "socket.link_disabled"
	faultNoPing         = "socket.no_ping"
	faultEventDrop      = "event.drop"
	faultEventDuplicate = "event.duplicate"
	faultEphemeralLost  = "ephemeral.lost"
)

var lasting = []string{
	faultError, faultRateLimited, faultLostReply, faultLostRequest, faultHTTPError, faultSlow, faultDropAck, faultSocketDelay,
	faultDuplicate, faultRefuse, faultEventDrop, faultEventDuplicate, faultEphemeralLost,
}

var immediate = []string{faultCut, faultWarning, faultRefresh, faultTooMany, faultLinkDisabled, faultNoPing}

// match says which calls or payloads a fault is for. An empty field fits all.
type match = Match

// Match narrows a fault. An empty field fits everything; channels and people may
// be named by id or name.
type Match struct {
	Method     string `json:"method,omitempty"`
	Channel    string `json:"channel,omitempty"`
	Person     string `json:"person,omitempty"`
	Command    string `json:"command,omitempty"`
	Event      string `json:"event,omitempty"`
	Connection int    `json:"connection,omitempty"`
}

// Fault is something that goes wrong. Skip lets the first n hits pass; Times is
// how often it strikes, once if it is 0; Always strikes until it is removed.
type Fault struct {
	Kind       string `json:"kind"`
	Match      Match  `json:"match,omitzero"`
	Skip       int    `json:"skip,omitempty"`
	Times      int    `json:"times,omitempty"`
	Always     bool   `json:"always,omitempty"`
	Error      string `json:"error,omitempty"`       // api.error
	RetryAfter int    `json:"retry_after,omitempty"` // api.rate_limited, seconds
	Status     int    `json:"status,omitempty"`      // api.http_error
	HTML       bool   `json:"html,omitempty"`        // api.http_error
	Delay      string `json:"delay,omitempty"`       // api.slow, socket.delay: "30s"
	Copies     int    `json:"copies,omitempty"`      // socket.duplicate, event.duplicate
}

type fault struct {
	Fault
	ID   string `json:"id"`
	Hits int    `json:"hits"`
	met  int    // calls that it fits, those let pass included
}

func (f *fault) name() string {
	if f == nil {
		return ""
	}
	return f.Kind
}

func (f *fault) delay() time.Duration {
	d, _ := time.ParseDuration(f.Delay)
	return d
}

// Fault makes something go wrong and returns the id under which it can be
// removed. It refuses an unknown kind, and an error name that Slack does not
// document for the matched method.
func (s *Sim) Fault(f Fault) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addFault(f)
}

// Unfault removes a fault, or all of them if the id is empty.
func (s *Sim) Unfault(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = slices.DeleteFunc(s.faults, func(f *fault) bool { return id == "" || f.ID == id })
	s.frame(Frame{Kind: "fault"})
	s.changed()
}

func (s *Sim) addFault(f Fault) (string, error) {
	if f.Delay != "" {
		if _, err := time.ParseDuration(f.Delay); err != nil {
			return "", fmt.Errorf("the delay %q is no duration like 30s", f.Delay)
		}
	}
	if f.Kind == faultError && !documents(f.Match.Method, f.Error) {
		return "", fmt.Errorf("slack does not document the error %q for %q", f.Error, f.Match.Method)
	}
	s.faultSeq++
	id := "f" + strconv.Itoa(s.faultSeq)
	switch {
	case slices.Contains(immediate, f.Kind):
		s.strike(f)
		s.record(Traffic{Kind: "socket", Name: f.Kind, Dir: "to_app", OK: true, Fault: f.Kind})
		return id, nil
	case !slices.Contains(lasting, f.Kind):
		return "", fmt.Errorf("there is no fault %q", f.Kind)
	}
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &fault{Fault: f, ID: id})
	s.frame(Frame{Kind: "fault"})
	s.changed()
	return id, nil
}

// strike does to the connections what happens at once.
func (s *Sim) strike(f Fault) {
	for _, c := range slices.Clone(s.hub.conns) {
		if f.Match.Connection != 0 && f.Match.Connection != c.number {
			continue
		}
		switch f.Kind {
		case faultCut:
			c.cut()
		case faultWarning:
			s.refresh(c, true)
		case faultRefresh:
			s.refresh(c, false)
		case faultTooMany, faultLinkDisabled:
			c.leaving = true
			c.write(s.disconnect(map[string]string{faultTooMany: "too_many_websockets", faultLinkDisabled: "link_disabled"}[f.Kind]))
			c.write(nil)
		case faultNoPing:
			c.mute.Store(true)
		}
	}
}

// faultFor takes the first fault of a kind, or of a family like "api.", that fits,
// and counts the hit.
func (s *Sim) faultFor(kind string, at match) *fault {
	for _, f := range s.faults {
		if f.Kind != kind && !(strings.HasSuffix(kind, ".") && strings.HasPrefix(f.Kind, kind)) {
			continue
		}
		if !s.fits(f.Match, at) {
			continue
		}
		if f.met++; f.met <= f.Skip || !f.Always && f.Hits >= f.Times {
			continue
		}
		f.Hits++
		return f
	}
	return nil
}

func (s *Sim) fits(want, at match) bool {
	same := func(want, at string) bool { return want == "" || want == at }
	if want.Channel != "" {
		if ch := s.state.room(want.Channel); ch != nil {
			want.Channel = ch.ID
		}
		if ch := s.state.room(at.Channel); ch != nil {
			at.Channel = ch.ID
		}
	}
	if want.Person != "" {
		if p := s.state.personNamed(want.Person); p != nil {
			want.Person = p.ID
		}
	}
	return same(want.Method, at.Method) && same(want.Channel, at.Channel) && same(want.Person, at.Person) &&
		same(want.Command, at.Command) && same(want.Event, at.Event)
}

// before does what a fault does before a call is applied. It reports that the
// call is over.
func (f *fault) before(w http.ResponseWriter, s *Sim, method string) bool {
	log := func(code string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.record(Traffic{Kind: "api", Name: method, Dir: "from_app", Error: code, Fault: f.Kind})
	}
	switch f.Kind {
	case faultRateLimited:
		log("ratelimited")
		w.Header().Set("Retry-After", strconv.Itoa(max(f.RetryAfter, 1)))
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"ok":false,"error":"ratelimited"}`)
		return true
	case faultHTTPError:
		status := f.Status
		if status == 0 {
			status = http.StatusServiceUnavailable
		}
		log("http " + strconv.Itoa(status))
		body := `{"ok":false,"error":"service_unavailable"}`
		if f.HTML {
			w.Header().Set("Content-Type", "text/html")
			body = "<html><body>Something is broken.</body></html>"
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	case faultLostRequest:
		log("lost_request")
		hangUp(w)
		return true
	}
	return false
}

// after does what a fault does once a call was applied. It reports that no answer
// must be written.
func (f *fault) after(w http.ResponseWriter, r *http.Request) bool {
	switch f.Kind {
	case faultLostReply:
		hangUp(w)
		return true
	case faultSlow:
		pause := time.NewTimer(f.delay())
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-r.Context().Done():
		}
	}
	return false
}

// hangUp cuts the TCP connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
