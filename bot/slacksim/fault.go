package slacksim

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
	Always     bool   `json:"-"`                     // over the wire, times 0
	Error      string `json:"error,omitempty"`       // api.error
	RetryAfter int    `json:"retry_after,omitempty"` // api.rate_limited, seconds
	Status     int    `json:"status,omitempty"`      // api.http_error, response.http_error
	HTML       bool   `json:"html,omitempty"`        // api.http_error, response.http_error
	Delay      string `json:"delay,omitempty"`       // api.slow, socket.delay, http.slow_body: "30s"
	Copies     int    `json:"copies,omitempty"`      // socket.duplicate, event.duplicate, http.replay: 1 if 0
	Window     int    `json:"window,omitempty"`      // socket.reorder, event.reorder: 2 if 0
	Skew       string `json:"skew,omitempty"`        // http.old_timestamp: "10m" if empty
}

type fault struct {
	Fault
	ID   string `json:"id"`
	Hits int    `json:"hits"`
	met  int    // calls that it fits, those let pass included

	held     []*envelope // of a window that is not full yet
	patience *Timer
}

// MarshalJSON tells a fault as the control API takes it.
func (f *fault) MarshalJSON() ([]byte, error) {
	out := object{"id": f.ID, "hits": f.Hits, "kind": f.Kind, "match": f.Match, "skip": f.Skip, "times": f.Times}
	if f.Always {
		out["times"] = 0
	}
	for name, v := range f.fields() {
		out[name] = v
	}
	return json.Marshal(out)
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

// Unfault removes a fault, or all of them if the id is empty. What a window held
// back goes out. It reports whether there was one.
func (s *Sim) Unfault(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.faults
	s.faults = nil
	var gone []*fault
	for _, f := range before {
		if id == "" || f.ID == id {
			gone = append(gone, f)
		} else {
			s.faults = append(s.faults, f)
		}
	}
	for _, f := range gone {
		s.release(f)
	}
	s.frame(Frame{Kind: "fault"})
	s.changed()
	return len(gone) > 0
}

func (s *Sim) addFault(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	s.faultSeq++
	id := "f" + strconv.Itoa(s.faultSeq)
	if faultKinds[f.Kind].atOnce {
		s.strike(f)
		s.record(Traffic{Kind: "socket", Name: f.Kind, Dir: "to_app", OK: true, Fault: f.Kind})
		return id, nil
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
			c.write(closing{})
		case faultNoPing:
			c.mute.Store(true)
		case faultHalfClose:
			s.halfClose(c)
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
		if kind == faultRefuse || kind == faultEphemeralLost {
			s.struck = kind // nobody else tells the traffic log
		}
		s.frame(Frame{Kind: "fault"})
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
		same(want.Command, at.Command) && same(want.Event, at.Event) &&
		(want.Connection == 0 || at.Connection == 0 || want.Connection == at.Connection)
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
func (f *fault) after(w http.ResponseWriter, r *http.Request, ended <-chan struct{}) bool {
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
		case <-ended:
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
