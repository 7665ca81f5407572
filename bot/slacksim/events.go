package slacksim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

func channelType(ch *channel) string {
	switch ch.Kind {
	case kindDM:
		return "im"
	case kindPrivate:
		return "group"
	}
	return "channel"
}

// emitMessage tells the app about a new message.
func (s *Sim) emitMessage(ch *channel, m *message) {
	event := s.messageObject(ch, m, true)
	event["channel"], event["channel_type"], event["event_ts"] = ch.ID, channelType(ch), m.TS
	s.emit(ch, event)
	mention := "<@" + s.state.App.BotUser + ">"
	if m.Subtype == "" && m.User != s.state.App.BotUser && ch.Kind != kindDM && strings.Contains(m.Text, mention) {
		again := maps.Clone(event)
		again["type"] = "app_mention"
		delete(again, "channel_type")
		s.emit(ch, again)
	}
}

// emit sends an event to the app, if it subscribed to it and sees the channel.
// The channel is nil for events of the workspace.
func (s *Sim) emit(ch *channel, event object) {
	kind := text(event, "type")
	subscription := kind
	if kind == "message" {
		subscription = "message." + map[string]string{kindPublic: "channels", kindPrivate: "groups", kindDM: "im"}[ch.Kind]
	}
	if !s.state.App.subscribed(subscription) || s.state.App.Revoked {
		return
	}
	if ch != nil && !ch.has(s.state.App.BotUser) {
		return
	}
	if text(event, "event_ts") == "" {
		event["event_ts"] = formatTS(micros(s.clock.Now()))
	}
	where := match{Event: kind}
	if ch != nil {
		where.Channel = ch.ID
	}
	if s.faultFor(faultEventDrop, where) != nil {
		return
	}
	t := s.state.Team
	payload := clone(object{
		"token": "simulated", "team_id": t.ID, "api_app_id": s.state.App.ID, "event": event, "type": "event_callback",
		"event_id": s.state.mintID("Ev"), "event_time": unixNow(s.clock),
		"authorizations": []any{object{
			"enterprise_id": nil, "team_id": t.ID, "user_id": s.state.App.BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": ch != nil && ch.Shared == "external",
		"event_context":         "4-" + s.state.mintHex("context", 32),
	})
	copies := 1
	hit := s.faultFor(faultEventDuplicate, where)
	if hit != nil {
		copies += max(hit.Copies, 1)
	}
	for range copies {
		s.sendEvent(&envelope{kind: kindEvent, name: kind, payload: payload, match: where, fault: hit.name()})
	}
}

// retries are the pauses before an unacknowledged event comes again.
var retries = []time.Duration{0, time.Minute, 5 * time.Minute}

// sendEvent sends an event. Without an acknowledgement it comes again, with a new
// envelope and the same event id.
func (s *Sim) sendEvent(e *envelope) {
	e.ended = func(e *envelope, _ json.RawMessage) {
		if e.state == stateAcked || e.noRetry || e.attempt >= len(retries) {
			return
		}
		again := &envelope{kind: e.kind, name: e.name, payload: e.payload, match: e.match, attempt: e.attempt + 1, reason: e.why}
		again.match.Connection = 0
		if pause := retries[e.attempt]; pause > 0 {
			s.after(pause, func() { s.sendEvent(again) })
			return
		}
		s.sendEvent(again)
	}
	s.send(e)
}

// notice is a line of a channel that tells a change of the channel itself.
func (s *Sim) notice(ch *channel, subtype string, extra object, words string) {
	m := &message{Channel: ch.ID, TS: s.state.nextTS(s.clock.Now()), User: s.state.App.BotUser, Subtype: subtype, Text: "<@" + s.state.App.BotUser + "> " + words}
	s.store1(ch, m)
	event := s.messageObject(ch, m, false)
	for _, k := range slices.Sorted(maps.Keys(extra)) {
		event[k] = extra[k]
	}
	event["channel"], event["channel_type"], event["event_ts"] = ch.ID, channelType(ch), m.TS
	s.emit(ch, event)
}
