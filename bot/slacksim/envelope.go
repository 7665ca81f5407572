package slacksim

import (
	"encoding/json"
	"time"
)

// How the delivery of an envelope ended.
const (
	statePending      = "pending"
	stateAcked        = "acked"
	stateTimeout      = "timeout"
	stateNoConnection = "no_connection"
	stateHTTPError    = "http_error"
)

// The kinds of envelopes.
const (
	kindCommand     = "slash_commands"
	kindInteractive = "interactive"
	kindEvent       = "events_api"
)

// Delivery is one payload on its way to the app.
type Delivery struct {
	Type       string `json:"type"`
	Via        string `json:"via"`
	EnvelopeID string `json:"envelope_id"` // empty over HTTP
	State      string `json:"state"`       // "acked", "timeout", "no_connection", "http_error" or "pending"
	MS         int64  `json:"ms"`
}

// envelope is one payload under way, with what to do when its fate is known.
type envelope struct {
	id, kind string
	payload  object
	name     string // command, interaction type or event type
	match    match
	attempt  int
	reason   string // of this attempt
	accepts  bool
	copyOf   *envelope
	fault    string // what made it, held it or spoilt it
	next     *envelope

	http    bool
	conn    *socket
	timer   *Timer
	sent    time.Time
	state   string
	waits   bool // until the request URL is verified
	took    time.Duration
	dropAck bool
	why     string // the retry reason, if it failed
	noRetry bool
	ended   func(e *envelope, answer json.RawMessage) // once, under the lock
}

func (e *envelope) delivery() Delivery {
	out := Delivery{Type: e.kind, Via: "socket", EnvelopeID: e.id, State: e.state, MS: e.took.Milliseconds()}
	if t := text(e.payload, "type"); e.kind == kindInteractive && t != "" {
		out.Type = t
	}
	if e.http {
		out.Via, out.EnvelopeID = "http", ""
	}
	return out
}

// settled tells that an act need not wait for the envelope any longer.
func (e *envelope) settled() bool { return e.state != statePending || e.waits }

// mark notes what was done to an envelope on purpose.
func (e *envelope) mark(f *fault) {
	if f != nil {
		e.fault = f.Kind
	}
}

// send brings a payload to the app: by its request URL if it has one, else on
// exactly one connection. With nobody there it ends at once.
func (s *Sim) send(e *envelope) {
	if e.id == "" {
		e.id = s.state.mintUUID()
	}
	if s.collect != nil && e.copyOf == nil && e.attempt == 0 {
		s.collect.envelopes = append(s.collect.envelopes, e)
	}
	e.state, e.sent = statePending, s.clock.Now()
	s.hub.inflight[e.id] = e
	if e.kind == kindEvent && s.holdBack(faultEventReorder, e) {
		return
	}
	s.route(e)
}

func (s *Sim) route(e *envelope) {
	if s.signed.url != "" {
		s.sendSigned(e)
		return
	}
	if s.holdBack(faultSocketReorder, e) {
		return
	}
	if hit := s.originalFault(e, faultSocketDelay); hit != nil {
		e.mark(hit)
		s.after(hit.delay(), func() { s.dispatch(e) })
		return
	}
	s.dispatch(e)
}

// dispatch puts an envelope on a connection.
func (s *Sim) dispatch(e *envelope) {
	if e.state != statePending {
		return
	}
	e.sent = s.clock.Now()
	if e.conn == nil || !s.hub.open(e.conn) {
		e.conn = s.hub.pick()
	}
	t := Traffic{Kind: "envelope", Name: e.name, Dir: "to_app", OK: e.conn != nil, Request: e.frame()}
	if e.conn == nil {
		t.Error, t.Fault = stateNoConnection, e.fault
		s.record(t)
		e.why = "connection_failed"
		s.end(e, stateNoConnection, nil)
		return
	}
	e.match.Connection = e.conn.number
	if drop := s.originalFault(e, faultDropAck); drop != nil {
		e.dropAck = true
		e.mark(drop)
	}
	dup := s.originalFault(e, faultDuplicate)
	e.mark(dup)
	t.Fault = e.fault
	// The time runs before the app can know: a clock that is moved the moment the
	// app has heard must not be moved past the start.
	e.timer = s.after(ackLimit, func() { s.end(e, stateTimeout, nil) })
	e.conn.write(e.frame())
	s.record(t)
	if dup != nil {
		for range max(dup.Copies, 1) {
			s.send(&envelope{kind: e.kind, payload: e.payload, name: e.name, match: e.match, attempt: e.attempt, reason: e.reason, accepts: e.accepts, copyOf: e, fault: dup.Kind})
		}
	}
}

// originalFault finds a fault for an envelope that is not itself made by one.
func (s *Sim) originalFault(e *envelope, kind string) *fault {
	if e.copyOf != nil {
		return nil
	}
	return s.faultFor(kind, e.match)
}

func (e *envelope) frame() object {
	f := object{"envelope_id": e.id, "type": e.kind, "payload": e.payload, "accepts_response_payload": e.accepts}
	if e.kind == kindEvent {
		f["retry_attempt"], f["retry_reason"] = e.attempt, e.reason
	}
	return f
}

// acknowledged takes an acknowledgement: the first on the same connection within
// three seconds counts, anything else is written down and ignored.
func (s *Sim) acknowledged(c *socket, id string, size int, answer json.RawMessage) {
	e := s.hub.inflight[id]
	var why string
	switch {
	case e == nil:
		why = "unknown_or_late"
	case e.conn != c:
		why = "other_connection"
	case size >= maxAckFrame:
		why = "too_large"
	case e.dropAck:
		why = "dropped"
	}
	t := Traffic{Kind: "ack", Dir: "from_app", OK: why == "", Error: why}
	if why == "dropped" {
		t.Fault = faultDropAck
	}
	if e != nil {
		t.Name, t.MS = e.name, s.clock.Now().Sub(e.sent).Milliseconds()
	}
	var body object
	if json.Unmarshal(answer, &body) == nil {
		t.Request = body
	}
	n := s.record(t)
	if why != "" {
		s.log.Warn("an acknowledgement was ignored", "why", why, "bytes", size)
		return
	}
	s.end(e, stateAcked, answer)
	s.markLate(n)
}

// end settles an envelope, once, and sends the one that waits for it.
func (s *Sim) end(e *envelope, state string, answer json.RawMessage) {
	if e.state != statePending {
		return
	}
	e.timer.Stop()
	delete(s.hub.inflight, e.id)
	e.state, e.waits, e.took = state, false, s.clock.Now().Sub(e.sent)
	if state == stateTimeout && e.why == "" {
		e.why = map[bool]string{true: "http_timeout", false: "timeout"}[e.http]
	}
	if e.ended != nil {
		e.ended(e, answer)
	}
	if e.next != nil {
		s.route(e.next)
	}
	s.changed()
}
