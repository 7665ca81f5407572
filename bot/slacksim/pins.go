package slacksim

import (
	"regexp"
	"slices"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

// pointed finds the message that channel and timestamp name.
func (c *call) pointed(key string) (*channel, *message, error) {
	ch, err := c.target()
	if err != nil {
		return nil, nil, err
	}
	ts := c.str(key)
	if ts == "" {
		return nil, nil, refuse("no_item_specified")
	}
	if _, ok := parseTS(ts); !ok {
		return nil, nil, refuse("bad_timestamp")
	}
	m := ch.message(ts)
	if m == nil {
		return nil, nil, refuse("message_not_found")
	}
	return ch, m, nil
}

func pinsAdd(c *call) (object, error) {
	ch, m, err := c.pointed("timestamp")
	switch {
	case err != nil:
		return nil, err
	case !ch.has(c.state.App.BotUser):
		return nil, refuse("not_in_channel")
	case ch.Archived:
		return nil, refuse("restricted_action")
	case ch.pinned(m.TS):
		return nil, refuse("already_pinned")
	case len(ch.Pins) >= maxPins:
		return nil, refuse("too_many_pins")
	}
	ch.Pins = append(ch.Pins, pin{TS: m.TS, By: c.state.App.BotUser, Created: unixNow(c.clock)})
	c.touch(ch)
	c.frame(Frame{Kind: "message", Channel: ch.ID, TS: m.TS})
	c.emit(ch, object{"type": "pin_added", "user": c.state.App.BotUser, "channel_id": ch.ID, "pin_count": len(ch.Pins), "item": object{
		"type": "message", "channel": ch.ID, "created": unixNow(c.clock), "created_by": c.state.App.BotUser, "message": c.messageObject(ch, m, false),
	}})
	return nil, nil
}

func (s *Sim) unpin(ch *channel, ts string) bool {
	if !ch.pinned(ts) {
		return false
	}
	ch.Pins = slices.DeleteFunc(ch.Pins, func(p pin) bool { return p.TS == ts })
	s.touch(ch)
	s.frame(Frame{Kind: "message", Channel: ch.ID, TS: ts})
	return true
}

func pinsRemove(c *call) (object, error) {
	ch, m, err := c.pointed("timestamp")
	if err != nil {
		return nil, err
	}
	if !c.unpin(ch, m.TS) {
		return nil, refuse("no_pin")
	}
	c.emit(ch, object{"type": "pin_removed", "user": c.state.App.BotUser, "channel_id": ch.ID, "has_pins": len(ch.Pins) > 0, "item": object{
		"type": "message", "channel": ch.ID, "message": c.messageObject(ch, m, false),
	}})
	return nil, nil
}

func pinsList(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, p := range slices.Backward(ch.Pins) {
		if m := ch.message(p.TS); m != nil {
			list = append(list, object{
				"type": "message", "channel": ch.ID, "created": p.Created, "created_by": p.By, "message": c.messageObject(ch, m, false),
			})
		}
	}
	return object{"items": list}, nil
}

func reactionsAdd(c *call) (object, error) {
	ch, m, err := c.pointed("timestamp")
	switch {
	case err != nil:
		return nil, err
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.has(c.state.App.BotUser):
		return nil, refuse("no_access")
	case !emojiName.MatchString(c.str("name")):
		return nil, refuse("invalid_name")
	case !c.react(ch, m, c.state.bot(), c.str("name")):
		return nil, refuse("already_reacted")
	}
	return nil, nil
}

func reactionsRemove(c *call) (object, error) {
	ch, m, err := c.pointed("timestamp")
	switch {
	case err != nil:
		return nil, err
	case !c.unreact(ch, m, c.state.bot(), c.str("name")):
		return nil, refuse("no_reaction")
	}
	return nil, nil
}

func reactionsGet(c *call) (object, error) {
	ch, m, err := c.pointed("timestamp")
	if err != nil {
		return nil, err
	}
	return object{"type": "message", "channel": ch.ID, "message": c.messageObject(ch, m, false)}, nil
}

// react adds a reaction. It reports false if it was there.
func (s *Sim) react(ch *channel, m *message, p *person, name string) bool {
	i := slices.IndexFunc(m.Reactions, func(r reaction) bool { return r.Name == name })
	if i < 0 {
		m.Reactions = append(m.Reactions, reaction{Name: name})
		i = len(m.Reactions) - 1
	}
	if slices.Contains(m.Reactions[i].Users, p.ID) {
		return false
	}
	m.Reactions[i].Users = append(m.Reactions[i].Users, p.ID)
	s.touchMessage(ch, m)
	s.emitReaction("reaction_added", ch, m, p, name)
	return true
}

// unreact takes a reaction away. It reports false if there was none.
func (s *Sim) unreact(ch *channel, m *message, p *person, name string) bool {
	i := slices.IndexFunc(m.Reactions, func(r reaction) bool { return r.Name == name && slices.Contains(r.Users, p.ID) })
	if i < 0 {
		return false
	}
	m.Reactions[i].Users = slices.DeleteFunc(m.Reactions[i].Users, func(id string) bool { return id == p.ID })
	if len(m.Reactions[i].Users) == 0 {
		m.Reactions = slices.Delete(m.Reactions, i, i+1)
	}
	s.touchMessage(ch, m)
	s.emitReaction("reaction_removed", ch, m, p, name)
	return true
}

func (s *Sim) emitReaction(kind string, ch *channel, m *message, p *person, name string) {
	s.emit(ch, object{
		"type": kind, "user": p.ID, "reaction": name, "item_user": m.User,
		"item": object{"type": "message", "channel": ch.ID, "ts": m.TS},
	})
}
