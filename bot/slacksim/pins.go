package slacksim

import "slices"

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
	switch {
	case err != nil:
		return nil, err
	case !ch.has(c.state.App.BotUser), ch.Archived:
		return nil, refuse("restricted_action")
	case !c.unpin(ch, m.TS):
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
			words := c.messageObject(ch, m, false)
			words["permalink"] = c.permalink(ch, m)
			list = append(list, object{"type": "message", "channel": ch.ID, "created": p.Created, "created_by": p.By, "message": words})
		}
	}
	return object{"items": list}, nil
}
