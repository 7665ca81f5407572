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
)

// Delivery is one payload on its way to the app.
type Delivery struct {
	Type       string `json:"type"`
	Via        string `json:"via"`
	EnvelopeID string `json:"envelope_id"`
	State      string `json:"state"` // "acked", "timeout", "no_connection" or "pending"
	MS         int64  `json:"ms"`
}

// envelope is one payload under way, with what to do when its fate is known.
type envelope struct {
	id, kind string // kind: slash_commands, interactive or events_api
	payload  object
	name     string // command, interaction type or event type
	match    match
	attempt  int
	reason   string
	accepts  bool
	copyOf   *envelope

	conn    *socket
	timer   *Timer
	sent    time.Time
	state   string
	took    time.Duration
	dropAck bool
	ended   func(e *envelope, answer json.RawMessage) // once, under the lock
}

func (e *envelope) delivery() Delivery {
	kind := e.kind
	if t := text(e.payload, "type"); e.kind == "interactive" && t != "" {
		kind = t
	}
	return Delivery{Type: kind, Via: "socket", EnvelopeID: e.id, State: e.state, MS: e.took.Milliseconds()}
}

// send puts an envelope on exactly one connection. With none there, it ends at
// once.
func (s *Sim) send(e *envelope) {
	if e.id == "" {
		e.id = s.state.mintUUID()
	}
	if s.collect != nil && e.copyOf == nil {
		s.collect.envelopes = append(s.collect.envelopes, e)
	}
	if hit := s.originalFault(e, faultSocketDelay); hit != nil {
		e.state = statePending
		s.hub.inflight[e.id] = e
		s.after(hit.delay(), func() { s.dispatch(e, hit) })
		return
	}
	s.dispatch(e, nil)
}

func (s *Sim) dispatch(e *envelope, hit *fault) {
	e.sent = s.clock.Now()
	e.conn = s.hub.pick()
	t := Traffic{Kind: "envelope", Name: e.name, Dir: "to_app", OK: e.conn != nil, Fault: hit.name(), Request: e.frame()}
	if e.conn == nil {
		t.Error = stateNoConnection
		s.record(t)
		s.end(e, stateNoConnection, nil)
		return
	}
	if drop := s.originalFault(e, faultDropAck); drop != nil {
		e.dropAck, t.Fault = true, drop.name()
	}
	e.state = statePending
	s.hub.inflight[e.id] = e
	e.conn.write(e.frame())
	e.timer = s.after(ackLimit, func() { s.end(e, stateTimeout, nil) })
	s.record(t)
	if dup := s.originalFault(e, faultDuplicate); dup != nil {
		for range max(dup.Copies, 1) {
			again := *e
			again.id, again.copyOf, again.ended, again.timer, again.dropAck = "", e, nil, nil, false
			s.send(&again)
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
	if e.kind == "events_api" {
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
	if e != nil {
		t.Name, t.MS = e.name, s.clock.Now().Sub(e.sent).Milliseconds()
	}
	var body object
	if json.Unmarshal(answer, &body) == nil {
		t.Request = body
	}
	s.record(t)
	if why != "" {
		s.log.Warn("an acknowledgement was ignored", "why", why, "bytes", size)
		return
	}
	s.end(e, stateAcked, answer)
}

// end settles an envelope, once.
func (s *Sim) end(e *envelope, state string, answer json.RawMessage) {
	if e.state != "" && e.state != statePending {
		return
	}
	e.timer.Stop()
	delete(s.hub.inflight, e.id)
	e.state, e.took = state, s.clock.Now().Sub(e.sent)
	if e.ended != nil {
		e.ended(e, answer)
	}
	s.changed()
}
