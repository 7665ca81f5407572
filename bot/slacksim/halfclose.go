package slacksim

import (
	"io"
	"slices"
)

// halfClose ends a connection as Slack's servers have been seen to: the close
// handshake is done, and the TCP connection stays open. A client that waits for
// its end waits for ever.
func (s *Sim) halfClose(c *socket) {
	c.leaving, c.half = true, true
	s.hub.halves = append(s.hub.halves, c)
	c.write(closing{half: true})
}

// halfClosed keeps the TCP connection of a half closed one until the app or the
// simulator ends it. It reports false for any other.
func (s *Sim) halfClosed(c *socket) bool {
	s.mu.Lock()
	half := c.half
	if half {
		s.drop(c)
		s.changed()
	}
	s.mu.Unlock()
	if !half {
		return false
	}
	_, _ = io.Copy(io.Discard, c.conn.NetConn())
	c.cut()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hub.halves = slices.DeleteFunc(s.hub.halves, func(other *socket) bool { return other == c })
	return true
}
