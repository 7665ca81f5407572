package slacksim

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Act is what became of something a person did.
type Act struct {
	ID          string     `json:"act"`
	Deliveries  []Delivery `json:"deliveries"`
	TriggerID   string     `json:"trigger_id,omitempty"`
	ResponseURL string     `json:"response_url,omitempty"`
	Shown       string     `json:"shown"` // what the person reads at once, "" if nothing
}

// deed is an act under way.
type deed struct {
	act       Act
	envelopes []*envelope
	shown     string
	result    Result
}

// begin starts an act: whatever is sent until its end belongs to it.
func (s *Sim) begin() *deed {
	s.state.seq++
	d := &deed{act: Act{ID: "a" + strconv.Itoa(s.state.seq)}}
	s.collect = d
	return d
}

// settle waits until the app has acknowledged the act, or did not in time.
func (s *Sim) settle(ctx context.Context, d *deed) (Act, error) {
	err := s.wait(ctx, "the app to acknowledge", func() bool {
		for _, e := range d.envelopes {
			if !e.settled() {
				return false
			}
		}
		return true
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	d.act.Deliveries = []Delivery{}
	for _, e := range d.envelopes {
		d.act.Deliveries = append(d.act.Deliveries, e.delivery())
	}
	d.act.Shown = d.shown
	return d.act, err
}

// do runs an act under the lock and waits for its acknowledgements.
func (s *Sim) do(ctx context.Context, f func(d *deed) error) (*deed, error) {
	d, err := s.start(f)
	if err != nil {
		return nil, err
	}
	_, err = s.settle(ctx, d)
	return d, err
}

func (s *Sim) start(f func(d *deed) error) (*deed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	d := s.begin()
	err := f(d)
	s.collect = nil
	s.changed()
	return d, err
}

func (s *Sim) userRef(p *person) object {
	return object{"id": p.ID, "username": p.Name, "name": p.Name, "team_id": p.TeamID}
}

// interaction is what all interactive payloads have in common.
func (s *Sim) interaction(kind string, p *person) object {
	t := s.state.Team
	out := object{
		"type": kind, "team": object{"id": t.ID, "domain": t.Domain}, "user": s.userRef(p), "api_app_id": s.state.App.ID,
		"token": "simulated", "enterprise": nil, "is_enterprise_install": false,
	}
	if t.EnterpriseID != "" {
		out["enterprise"] = object{"id": t.EnterpriseID, "name": t.EnterpriseName}
	}
	return out
}

func (s *Sim) channelRef(ch *channel) object {
	return object{"id": ch.ID, "name": hiddenName(ch)}
}

// hiddenName is the name of a channel where Slack hides it.
func hiddenName(ch *channel) string {
	switch ch.Kind {
	case kindDM:
		return "directmessage"
	case kindPrivate:
		return "privategroup"
	}
	return ch.Name
}

// slash types a command into a channel.
func (s *Sim) slash(d *deed, p *person, ch *channel, line string) error {
	name, words, _ := strings.Cut(line, " ")
	cmd, known := s.state.App.command(name)
	if err := s.canWrite(p, ch); err != nil {
		return err
	}
	if !strings.HasPrefix(name, "/") || !known {
		return notPossible("%s is not a command of this workspace", name)
	}
	words = strings.TrimSpace(words)
	if cmd.Escape {
		words = s.escapeTyped(words, true)
	}
	o := origin{person: p.ID, channel: ch.ID}
	o.entry = s.say(entry{Kind: entryAct, Channel: ch.ID, Person: p.ID, Text: line, Opens: true})
	d.act.TriggerID, d.act.ResponseURL = s.newTrigger(o), s.newResponseURL(o, "")
	t := s.state.Team
	payload := object{
		"token": "simulated", "team_id": t.ID, "team_domain": t.Domain, "channel_id": ch.ID, "channel_name": hiddenName(ch),
		"user_id": p.ID, "user_name": p.Name, "command": name, "text": words, "api_app_id": s.state.App.ID,
		"is_enterprise_install": "false", "response_url": d.act.ResponseURL, "trigger_id": d.act.TriggerID,
	}
	if t.EnterpriseID != "" {
		payload["enterprise_id"], payload["enterprise_name"] = t.EnterpriseID, t.EnterpriseName
	}
	s.send(&envelope{
		kind: kindCommand, name: name, payload: payload, accepts: true,
		match: match{Channel: ch.ID, Person: p.ID, Command: name},
		ended: func(e *envelope, answer json.RawMessage) { s.commandEnded(d, o, name, e, answer) },
	})
	return nil
}

func (s *Sim) commandEnded(d *deed, o origin, name string, e *envelope, answer json.RawMessage) {
	switch e.state {
	case stateNoConnection, stateHTTPError:
		s.failed(d, o, fmt.Sprintf("%s failed with the error %q", name, "dispatch_failed"))
		return
	case stateTimeout:
		s.failed(d, o, fmt.Sprintf("%s failed with the error %q", name, "operation_timeout"))
		return
	}
	body, words := object{}, ""
	if len(answer) == 0 || json.Unmarshal(answer, &words) == nil && words == "" {
		return
	}
	if words != "" {
		body["text"] = words
	} else if json.Unmarshal(answer, &body) != nil || len(body) == 0 {
		return
	}
	ch := s.state.byID[o.channel]
	before := len(ch.messages)
	if status, why := s.answerTo(&responseURL{origin: o}, body); status != 200 {
		s.failed(d, o, fmt.Sprintf("%s failed with the error %q", name, why))
		return
	}
	for _, m := range ch.messages[before:] {
		d.shown = s.plainMessage(m)
	}
}

// failed shows a person what Slack's client says when the app is not there.
func (s *Sim) failed(d *deed, o origin, words string) {
	d.shown = words
	if o.channel != "" {
		s.say(entry{Kind: entryTo, Channel: o.channel, Thread: o.thread, Person: o.person, Text: words})
	}
}

func (s *Sim) canWrite(p *person, ch *channel) error {
	switch {
	case p.Deactivated:
		return notPossible("@%s is deactivated", p.Name)
	case !ch.has(p.ID):
		return notPossible("@%s is not in %s", p.Name, ch.label(s.state))
	case ch.Archived:
		return notPossible("%s is archived", ch.label(s.state))
	}
	return nil
}

// absent says how an app was not there for what a person did.
var absent = map[string]string{
	stateNoConnection: "the app is not there",
	stateHTTPError:    "the app answered with an error",
	stateTimeout:      "the app did not answer",
}

// pressed acts on an element of a message, a modal or a Home tab.
type pressed struct {
	ch     *channel
	m      *message
	v      *view
	block  string
	e      object
	values []string
	agreed bool // to the confirm dialog
}

// silent tells of an input that the app hears of with the form alone.
func (x pressed) silent() bool {
	var blocks []any
	if x.v != nil {
		blocks = x.v.blocks()
	} else {
		blocks = x.m.everyBlock()
	}
	return slices.ContainsFunc(blocks, func(raw any) bool {
		b, _ := raw.(object)
		return text(b, "type") == "input" && text(b, "block_id") == x.block && !truth(b, "dispatch_action")
	})
}

func (s *Sim) press(d *deed, p *person, x pressed) error {
	if p.Deactivated {
		return notPossible("@%s is deactivated", p.Name)
	}
	if x.v != nil && x.v.Type == "modal" && s.state.top(p.ID) != x.v {
		return notPossible("that view is not on top of @%s's screen any more", p.Name)
	}
	if x.silent() {
		return notPossible("%q is filled in, not pressed", labelOf(x.e))
	}
	if child(x.e, "confirm") != nil && !x.agreed {
		return notPossible("%q asks for confirmation first", labelOf(x.e))
	}
	value, err := s.valueOf(x.e, x.values)
	if err != nil {
		return err
	}
	action := clone(x.e)
	for _, k := range []string{"options", "option_groups", "placeholder", "confirm", "initial_option", "initial_options"} {
		delete(action, k)
	}
	for k, v := range value {
		action[k] = v
	}
	action["block_id"], action["action_ts"] = x.block, formatTS(micros(s.clock.Now()))
	payload := s.interaction("block_actions", p)
	payload["actions"] = []any{action}
	o := origin{person: p.ID, entry: -1}
	where := match{Person: p.ID, Event: "block_actions"}
	words := "presses " + labelOf(x.e)
	if len(x.values) > 0 && text(x.e, "type") != "button" {
		words = "picks " + strings.Join(x.values, ", ")
	}
	if x.m != nil {
		o.channel, o.thread = x.ch.ID, x.m.Thread
		where.Channel = x.ch.ID
		x.m.pick(p.ID, x.block, text(x.e, "action_id"), value)
		container := object{"type": "message", "message_ts": x.m.TS, "channel_id": x.ch.ID, "is_ephemeral": x.m.To != "", "is_app_unfurl": false}
		if n := x.m.attachmentOf(x.block, text(x.e, "action_id")); n > 0 {
			container["type"], container["attachment_id"] = "message_attachment", n
		}
		if x.m.Thread != "" {
			container["thread_ts"] = x.m.Thread
		}
		payload["container"], payload["channel"] = container, s.channelRef(x.ch)
		payload["state"] = object{"values": messageState(x.m, p.ID)}
		if x.m.To == "" {
			payload["message"] = s.messageObject(x.ch, x.m, true)
		}
	} else {
		o = x.v.origin
		o.view, o.entry = x.v.ID, -1
		where.Channel = o.channel
		if kind := text(x.e, "type"); kind != "button" && kind != "overflow" { // neither holds anything
			x.v.set(x.block, text(x.e, "action_id"), value)
		}
		payload["container"] = object{"type": "view", "view_id": x.v.ID}
		payload["view"] = s.viewObject(x.v)
		payload["state"] = object{"values": x.v.state()}
	}
	if o.channel != "" {
		o.entry = s.say(entry{Kind: entryAct, Channel: o.channel, Thread: o.thread, Person: p.ID, Text: words})
	}
	d.act.TriggerID = s.newTrigger(o)
	payload["trigger_id"] = d.act.TriggerID
	if x.m != nil {
		d.act.ResponseURL = s.newResponseURL(o, x.m.TS)
		payload["response_url"] = d.act.ResponseURL
	}
	s.send(&envelope{kind: kindInteractive, name: "block_actions", payload: clone(payload), match: where, ended: func(e *envelope, _ json.RawMessage) {
		if why := absent[e.state]; why != "" {
			s.failed(d, o, fmt.Sprintf("%q did not work: %s", labelOf(x.e), why))
		}
	}})
	return nil
}

// shortcut uses a global shortcut, or one of a message.
func (s *Sim) shortcut(d *deed, p *person, callback string, ch *channel, m *message) error {
	if err := s.state.App.offers(callback, m != nil); err != nil {
		return err
	}
	payload := s.interaction("shortcut", p)
	o := origin{person: p.ID, entry: -1}
	where := match{Person: p.ID, Event: "shortcut"}
	if m != nil {
		where.Event = "message_action"
		payload = s.interaction("message_action", p)
		o.channel, o.thread = ch.ID, m.Thread
		where.Channel = ch.ID
		payload["channel"], payload["message"], payload["message_ts"] = s.channelRef(ch), s.messageObject(ch, m, true), m.TS
		d.act.ResponseURL = s.newResponseURL(o, "")
		payload["response_url"] = d.act.ResponseURL
		o.entry = s.say(entry{Kind: entryAct, Channel: ch.ID, Thread: m.Thread, Person: p.ID, Text: "chooses " + s.shortcutName(callback) + " on a message"})
	}
	d.act.TriggerID = s.newTrigger(o)
	payload["callback_id"], payload["trigger_id"] = callback, d.act.TriggerID
	payload["action_ts"] = formatTS(micros(s.clock.Now()))
	s.send(&envelope{kind: kindInteractive, name: text(payload, "type"), payload: clone(payload), match: where, ended: func(e *envelope, _ json.RawMessage) {
		if why := absent[e.state]; why != "" {
			s.failed(d, o, fmt.Sprintf("%q did not work: %s", s.shortcutName(callback), why))
		}
	}})
	return nil
}

// offers refuses a shortcut that the manifest does not have. Without a manifest
// all are there.
func (a app) offers(callback string, onMessage bool) error {
	if a.AnyCommand {
		return nil
	}
	kind := map[bool]string{false: "global", true: "message"}[onMessage]
	for _, c := range a.Shortcuts {
		if c.CallbackID == callback && c.Type == kind {
			return nil
		}
	}
	return notPossible("the app has no %s shortcut %q", kind, callback)
}

func (s *Sim) shortcutName(callback string) string {
	for _, c := range s.state.App.Shortcuts {
		if c.CallbackID == callback {
			return c.Name
		}
	}
	return callback
}
