package slacksim

import (
	"maps"
	"slices"
	"strings"
)

// APIMethods lists the methods of the Web API.
func APIMethods() []string { return slices.Sorted(maps.Keys(methods())) }

// APIScopes lists the scopes of a method, any of which suffices.
func APIScopes(method string) []string { return methods()[method].scopes }

// APINeeds lists the arguments without which a method refuses.
func APINeeds(method string) []string {
	var out []string
	for _, name := range methods()[method].needs {
		out = append(out, strings.TrimSuffix(name, "*"))
	}
	return out
}

// APIRate is how many calls a minute a method takes, and how many at once.
func APIRate(method string) (perMinute, atOnce int) {
	r := methods()[method].rate
	return int(r), r.burst()
}

// APIDocuments tells whether Slack documents an error for a method.
func APIDocuments(method, name string) bool { return documents(method, name) }

// Remembered counts the triggers, response addresses and tickets that are kept.
func (s *Sim) Remembered() (triggers, addresses, tickets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.state.triggers), len(s.state.responses), len(s.hub.tickets)
}

// KeepTraffic changes how large the traffic is at least when old parts go.
func (s *Sim) KeepTraffic(bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trafficMost = bytes
}

// TrafficBytes is how large the traffic is.
func (s *Sim) TrafficBytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trafficSize
}
