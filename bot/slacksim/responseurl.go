package slacksim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// responseURL lets an app answer an interaction without being a member of the
// channel: five times in thirty minutes.
type responseURL struct {
	origin
	at   time.Time
	uses int
	ts   string // the message that was pressed
}

// newResponseURL makes one whose address begins as the one by which the app
// reaches the workspace: clients compare them as text.
func (s *Sim) newResponseURL(o origin, ts string) string {
	id := s.state.mintHex("response", 24)
	s.state.responses[id] = &responseURL{origin: o, at: s.clock.Now(), ts: ts}
	return s.baseURL() + "/response/" + id
}

// serveResponse answers a POST to a response URL.
func (s *Sim) serveResponse(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var body object
	if err == nil {
		err = json.Unmarshal(raw, &body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strings.TrimPrefix(r.URL.Path, "/response/")
	hit := s.responseFault(id)
	status, words := http.StatusInternalServerError, "server_error"
	switch {
	case hit == nil:
		status, words = s.respond(id, body, err)
	case hit.Status != 0:
		status = hit.Status
	}
	s.record(Traffic{
		Kind: "response_url", Name: "response_url", Dir: "from_app", OK: status == http.StatusOK, Error: map[bool]string{false: words}[status == http.StatusOK],
		Fault: hit.name(), Request: body,
	})
	s.changed()
	w.WriteHeader(status)
	_, _ = io.WriteString(w, words)
}

func (s *Sim) responseFault(id string) *fault {
	at := match{}
	if u := s.state.responses[id]; u != nil {
		at.Channel, at.Person = u.channel, u.person
	}
	return s.faultFor(faultResponseError, at)
}

func (s *Sim) respond(id string, body object, err error) (int, string) {
	u := s.state.responses[id]
	switch {
	case u == nil, s.clock.Now().Sub(u.at) > responseLimit:
		return http.StatusNotFound, "expired_url"
	case u.uses >= responseUses:
		return http.StatusNotFound, "used_url"
	case err != nil:
		return http.StatusBadRequest, "invalid_payload"
	}
	u.uses++
	return s.answerTo(u, body)
}

// answerTo does what the body of a response URL, or of an acknowledged command,
// asks for.
func (s *Sim) answerTo(u *responseURL, body object) (int, string) {
	ch, p := s.state.byID[u.channel], s.state.person(u.person)
	// These two are documented for webhooks, and for response addresses nothing is.
	switch {
	case ch.Deleted:
		return http.StatusNotFound, "channel_not_found"
	case ch.Archived:
		return http.StatusGone, "channel_is_archived"
	}
	original := s.messageFor(ch, p, u.ts)
	if truth(body, "delete_original") {
		if original == nil {
			return http.StatusNotFound, "message_not_found"
		}
		s.remove(ch, original, s.state.App.BotUser)
		return http.StatusOK, "ok"
	}
	c := &call{Sim: s, args: args(body)}
	words, err := c.content()
	switch {
	case err != nil:
		return http.StatusBadRequest, err.Error()
	case words.empty():
		return http.StatusBadRequest, "no_text"
	case units(words.text) > maxPostText, blockText(words.blocks) > maxMessageText:
		return http.StatusBadRequest, "msg_too_long"
	}
	if truth(body, "replace_original") {
		if original == nil {
			return http.StatusNotFound, "message_not_found"
		}
		s.edit(ch, original, words, s.state.App.BotUser)
		return http.StatusOK, "ok"
	}
	thread := or(text(body, "thread_ts"), u.thread)
	if text(body, "response_type") == "in_channel" {
		s.post(ch, &message{User: s.state.App.BotUser, Thread: thread}, words)
		return http.StatusOK, "ok"
	}
	if s.faultFor(faultEphemeralLost, match{Channel: ch.ID, Person: p.ID}) == nil {
		s.whisper(ch, p, thread, words)
	}
	return http.StatusOK, "ok"
}

// messageFor finds a message as one person sees it, ephemerals included.
func (s *Sim) messageFor(ch *channel, p *person, ts string) *message {
	for _, m := range ch.messages {
		if ts != "" && m.TS == ts && !m.Deleted && (m.To == "" || m.To == p.ID) {
			return m
		}
	}
	return nil
}
