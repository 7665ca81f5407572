package slacksim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// hub holds the open Socket Mode connections and the envelopes under way.
type hub struct {
	conns    []*socket
	halves   []*socket            // closed as WebSockets, but not as TCP connections
	tickets  map[string]time.Time // when they were given out
	inflight map[string]*envelope
	number   int // of the last connection
	next     int // round robin
}

func (h *hub) init() { h.tickets, h.inflight = map[string]time.Time{}, map[string]*envelope{} }

// socket is one Socket Mode connection. One goroutine writes, one reads.
type socket struct {
	number  int
	conn    *websocket.Conn
	out     chan any
	done    chan struct{}
	once    sync.Once
	leaving bool        // was told to leave: it gets no more envelopes
	half    bool        // was closed, but for its TCP connection
	mute    atomic.Bool // sends no pings
}

// closing asks the writer to say goodbye; half leaves the TCP connection open.
type closing struct{ half bool }

func (c *socket) cut() {
	c.once.Do(func() {
		close(c.done)
		_ = c.conn.Close()
	})
}

// write hands a frame to the connection. A reader so slow that 1,000 frames wait
// is cut off, as a full TCP window would.
func (c *socket) write(frame any) {
	select {
	case c.out <- frame:
	case <-c.done:
	default:
		c.cut()
	}
}

func connectionsOpen(c *call) (object, error) {
	if hit := c.faultFor(faultRefuse, match{}); hit != nil {
		return nil, refuse("internal_error")
	}
	ticket := c.state.mintUUID()
	now := c.clock.Now()
	maps.DeleteFunc(c.hub.tickets, func(_ string, at time.Time) bool { return now.Sub(at) > ticketKept })
	c.hub.tickets[ticket] = now
	return object{"url": "ws" + c.base[len("http"):] + "/link/?ticket=" + ticket + "&app_id=" + c.state.App.ID}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveLink answers /link/: a ticket opens one connection, once.
func (s *Sim) serveLink(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	_, ok := s.hub.tickets[ticket]
	ok = ok && !s.closed
	delete(s.hub.tickets, ticket)
	s.mu.Unlock()
	if !ok {
		http.Error(w, "the ticket is unknown or used", http.StatusForbidden)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(maxAppFrame)
	c := &socket{conn: conn, out: make(chan any, 1000), done: make(chan struct{})}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		c.cut()
		return
	}
	s.greet(c)
	s.goes.Go(func() { s.writeFrames(c) })
	s.goes.Go(func() { s.readFrames(c) })
	s.mu.Unlock()
}

// greet takes a connection in. Of more than ten the newest is sent away.
func (s *Sim) greet(c *socket) {
	h := &s.hub
	h.number++
	c.number = h.number
	if len(h.conns) >= maxConnections {
		c.write(s.disconnect("too_many_websockets"))
		c.write(closing{})
		return
	}
	h.conns = append(h.conns, c)
	c.write(object{
		"type": "hello", "num_connections": len(h.conns),
		"connection_info": object{"app_id": s.state.App.ID},
		"debug_info":      object{"host": "applink-simulated", "build_number": 1, "approximate_connection_time": connectionSecond},
	})
	s.record(Traffic{Kind: "socket", Name: "hello", Dir: "to_app", OK: true, Request: object{"connection": c.number}})
	s.frame(Frame{Kind: "connection"})
	s.changed()
}

func (s *Sim) disconnect(reason string) object {
	return object{"type": "disconnect", "reason": reason, "debug_info": object{"host": "applink-simulated"}}
}

func (s *Sim) writeFrames(c *socket) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-ping.C:
			if !c.mute.Load() {
				_ = c.conn.WriteControl(websocket.PingMessage, []byte("Ping from the simulated Slack"), time.Now().Add(time.Second))
			}
		case frame := <-c.out:
			if end, ok := frame.(closing); ok {
				_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
				if !end.half {
					c.cut()
				}
				return
			}
			_ = c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if err := c.conn.WriteJSON(frame); err != nil {
				c.cut()
				return
			}
		}
	}
}

func (s *Sim) readFrames(c *socket) {
	defer s.lost(c)
	for {
		kind, raw, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage {
			continue
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(raw, &ack); err != nil || ack.EnvelopeID == "" {
			s.log.Warn("a frame from the app is no acknowledgement", "connection", c.number, "bytes", len(raw))
			continue
		}
		s.mu.Lock()
		s.acknowledged(c, ack.EnvelopeID, len(raw), ack.Payload)
		s.changed()
		s.mu.Unlock()
	}
}

// lost forgets a connection. What was sent on it and not acknowledged cannot be
// any more, since only the same connection may.
func (s *Sim) lost(c *socket) {
	if !s.halfClosed(c) {
		c.cut()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(c)
	s.changed()
}

func (s *Sim) drop(c *socket) {
	for i, other := range s.hub.conns {
		if other == c {
			s.hub.conns = append(s.hub.conns[:i], s.hub.conns[i+1:]...)
			s.record(Traffic{Kind: "socket", Name: "closed", Dir: "from_app", OK: true, Request: object{"connection": c.number}})
			s.frame(Frame{Kind: "connection"})
			break
		}
	}
}

// pick chooses the connection for an envelope, round robin.
func (h *hub) pick() *socket {
	for range h.conns {
		h.next++
		if c := h.conns[h.next%len(h.conns)]; !c.leaving {
			return c
		}
	}
	return nil
}

// open tells whether an envelope may be put on a connection.
func (h *hub) open(c *socket) bool { return slices.Contains(h.conns, c) && !c.leaving }

// refresh asks a connection to leave: a warning first, then the request ten
// seconds later, then the end.
func (s *Sim) refresh(c *socket, warn bool) {
	request := func() {
		c.leaving = true
		c.write(s.disconnect("refresh_requested"))
		c.write(closing{})
	}
	if !warn {
		request()
		return
	}
	c.write(s.disconnect("warning"))
	s.after(10*time.Second, request)
}
