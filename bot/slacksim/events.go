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

// eventScopes are the scopes of which an app needs one to hear an event. Events
// of a channel's life need that of the kind of channel; those that are not here
// need none.
var eventScopes = map[string]string{
	"app_mention": "app_mentions:read", "reaction_added": "reactions:read", "reaction_removed": "reactions:read",
	"user_change": "users:read", "team_join": "users:read", "subteam_members_changed": "usergroups:read",
	"channel_created": "channels:read", "pin_added": "pins:read", "pin_removed": "pins:read",
	"file_shared": "files:read", "file_deleted": "files:read",
}

// hears tells whether the app gets an event: it subscribed, it holds the scope,
// and it is a member of the channel, if the event has one.
func (s *Sim) hears(ch *channel, kind string) bool {
	app := s.state.App
	subscription, scope := kind, eventScopes[kind]
	if ch != nil {
		kinds := map[string]string{kindPublic: "channels", kindPrivate: "groups", kindDM: "im"}
		switch {
		case kind == "message":
			subscription, scope = "message."+kinds[ch.Kind], kinds[ch.Kind]+":history"
		case scope == "":
			scope = kinds[ch.Kind] + ":read"
		}
		if !ch.has(app.BotUser) {
			return false
		}
	}
	return app.subscribed(subscription) && !app.Revoked && (scope == "" || app.hasScope(scope))
}

// emit sends an event to the app, if it hears of it. The channel is nil for events
// of the workspace.
func (s *Sim) emit(ch *channel, event object) {
	kind := text(event, "type")
	if !s.hears(ch, kind) {
		return
	}
	if text(event, "event_ts") == "" {
		event["event_ts"] = formatTS(micros(s.clock.Now()))
	}
	where := match{Event: kind, Person: or(text(event, "user"), or(text(child(event, "user"), "id"), text(event, "user_id")))}
	if ch != nil {
		where.Channel = ch.ID
	}
	payload := s.eventPayload(ch, event)
	if hit := s.faultFor(faultEventDrop, where); hit != nil {
		s.record(Traffic{Kind: "envelope", Name: kind, Dir: "to_app", Error: "dropped", Fault: hit.Kind, Request: payload})
		return
	}
	copies := 1
	hit := s.faultFor(faultEventDuplicate, where)
	if hit != nil {
		copies += max(hit.Copies, 1)
	}
	for range copies {
		s.sendEvent(&envelope{kind: kindEvent, name: kind, payload: payload, match: where, fault: hit.name()})
	}
}

// eventPayload wraps an event as the app gets it.
func (s *Sim) eventPayload(ch *channel, event object) object {
	t := s.state.Team
	var enterprise any
	if t.EnterpriseID != "" {
		enterprise = t.EnterpriseID
	}
	return clone(object{
		"token": "simulated", "team_id": t.ID, "context_team_id": t.ID, "context_enterprise_id": enterprise, "api_app_id": s.state.App.ID,
		"event": event, "type": "event_callback", "event_id": s.state.mintID("Ev"), "event_time": unixNow(s.clock),
		"authorizations": []any{object{
			"enterprise_id": enterprise, "team_id": t.ID, "user_id": s.state.App.BotUser, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": ch != nil && ch.Shared == "external",
		"event_context":         "4-" + s.state.mintHex("context", 32),
	})
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

// notice is a line of a channel that tells what the app changed of it.
func (s *Sim) notice(ch *channel, subtype string, extra object, words string) {
	s.noticeBy(ch, s.state.App.BotUser, subtype, extra, words)
}

// noticeBy is a line of a channel that tells what somebody did to the channel, or
// that they are gone.
func (s *Sim) noticeBy(ch *channel, who, subtype string, extra object, words string) {
	m := &message{Channel: ch.ID, TS: s.state.nextTS(s.clock.Now()), User: who, Subtype: subtype, Text: "<@" + who + "> " + words}
	s.store1(ch, m)
	event := s.messageObject(ch, m, false)
	for _, k := range slices.Sorted(maps.Keys(extra)) {
		event[k] = extra[k]
	}
	event["channel"], event["channel_type"], event["event_ts"] = ch.ID, channelType(ch), m.TS
	s.emit(ch, event)
}
