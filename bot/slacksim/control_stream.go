package slacksim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const (
	watcherPatience = 10 * time.Second
	maxWatcherFrame = 1 << 10 // watchers have nothing to say
)

// getStream tells what changes, over a WebSocket or as server-sent events. A
// browser allows six plain streams per host, and there is a tab per person, so
// the page uses the WebSocket.
func (s *Sim) getStream(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	s.mu.Lock()
	me, err := s.viewer(r)
	if err != nil {
		s.mu.Unlock()
		writeControl(w, nil, err)
		return
	}
	id := ""
	if me != nil {
		id = me.ID
	}
	watching := s.watch(id, after)
	s.mu.Unlock()
	defer s.unwatch(watching)

	switch {
	case strings.Contains(r.Header.Get("Accept"), "text/event-stream"):
		serveEvents(w, r, watching)
	case websocket.IsWebSocketUpgrade(r):
		s.serveFrames(w, r, watching)
	default:
		writeControl(w, nil, badRequest("ask for a WebSocket or for text/event-stream"))
	}
}

func serveEvents(w http.ResponseWriter, r *http.Request, watching *watcher) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	_ = out.Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case f, open := <-watching.out:
			if !open {
				return
			}
			raw, err := json.Marshal(f)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "id: %d\ndata: %s\n\n", f.N, raw); err != nil || out.Flush() != nil {
				return
			}
		}
	}
}

func (s *Sim) serveFrames(w http.ResponseWriter, r *http.Request, watching *watcher) {
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	conn.SetReadLimit(maxWatcherFrame)
	s.mu.Lock()
	watching.cut = func() { _ = conn.Close() }
	s.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	defer func() { _ = conn.Close(); <-gone }()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-gone:
			return
		case <-ping.C:
			if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)) != nil {
				return
			}
		case f, open := <-watching.out:
			// Who reads nothing for so long is cut off, and asks for the rest when
			// it comes back.
			_ = conn.SetWriteDeadline(time.Now().Add(watcherPatience))
			if !open || conn.WriteJSON(f) != nil {
				return
			}
		}
	}
}
