package slacksim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Traffic is one exchange between the app and the workspace. Tokens are left out.
type Traffic struct {
	N        int       `json:"n"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"` // api, envelope, ack, http, response_url, upload, socket
	Name     string    `json:"name"`
	Dir      string    `json:"dir"` // to_app or from_app
	OK       bool      `json:"ok"`
	Error    string    `json:"error"`
	MS       int64     `json:"ms"`
	Fault    string    `json:"fault,omitempty"`
	Request  any       `json:"request,omitempty"`
	Response any       `json:"response,omitempty"`
	Warnings []string  `json:"warnings,omitempty"`

	size int64 // of what was said, in bytes
}

// MarshalJSON tells an exchange with all its keys: no fault is null, nothing sent
// is an empty object.
func (t Traffic) MarshalJSON() ([]byte, error) {
	type plain Traffic
	out := struct {
		plain
		Fault    *string `json:"fault"`
		Request  any     `json:"request"`
		Response any     `json:"response"`
	}{plain: plain(t), Request: t.Request, Response: t.Response}
	if t.Fault != "" {
		out.Fault = &t.Fault
	}
	if out.Request == nil {
		out.Request = object{}
	}
	if out.Response == nil {
		out.Response = object{}
	}
	return json.Marshal(out)
}

const (
	trafficKept  = 10_000
	trafficBytes = 64 << 20
)

// record writes an exchange down and returns its number. The lock is held. What a
// fault did to it unseen, like hiding an ephemeral, is marked here.
func (s *Sim) record(t Traffic) int {
	if t.Fault == "" {
		t.Fault = s.struck
	}
	s.struck = ""
	s.frameSeq++
	t.N, t.At = s.frameSeq, s.clock.Now().UTC()
	t.size = sizeOf(t.Request) + sizeOf(t.Response)
	s.traffic = append(s.traffic, t)
	s.trafficSize += t.size
	s.forgetTraffic()
	s.frameAt(Frame{N: t.N, Kind: "traffic"})
	return t.N
}

func sizeOf(v any) int64 {
	if v == nil {
		return 0
	}
	raw, _ := json.Marshal(v) // what is no JSON has no size
	return int64(len(raw))
}

// forgetTraffic keeps the newest exchanges, by number and by size. It cuts
// seldom, since every cut moves them all.
func (s *Sim) forgetTraffic() {
	if len(s.traffic) < 2*trafficKept && s.trafficSize < 2*s.trafficMost {
		return
	}
	from, size := len(s.traffic), int64(0)
	for from > 0 && len(s.traffic)-from < trafficKept && (size == 0 || size+s.traffic[from-1].size <= s.trafficMost) {
		from--
		size += s.traffic[from].size
	}
	s.traffic, s.trafficSize = slices.Delete(s.traffic, 0, from), size
}

// markLate marks an exchange with what a fault did to its consequences.
func (s *Sim) markLate(n int) {
	if s.struck == "" {
		return
	}
	for i := range s.traffic {
		if s.traffic[i].N == n {
			s.traffic[i].Fault = s.struck
		}
	}
	s.struck = ""
}

// lastOf keeps at least the last n of a list. It cuts seldom, since every cut
// moves them all.
func lastOf[T any](list []T, n int) []T {
	if len(list) < 2*n {
		return list
	}
	return slices.Delete(list, 0, len(list)-n)
}

// Traffic returns the exchanges of the given kind, or all, oldest first. The last
// 10,000 are kept, or those that make 64 MiB.
func (s *Sim) Traffic(kind string) []Traffic {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Traffic
	for _, t := range s.traffic {
		if kind == "" || t.Kind == kind {
			out = append(out, t)
		}
	}
	return out
}

// redacted copies arguments without secrets.
func redacted(o object) object {
	out := object{}
	for k, v := range o {
		if strings.Contains(k, "token") {
			v = "(redacted)"
		}
		out[k] = v
	}
	return out
}
