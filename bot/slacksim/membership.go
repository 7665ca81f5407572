package slacksim

import "slices"

func conversationsInvite(c *call) (object, error) {
	users := c.list("users")
	switch {
	case len(users) == 0:
		return nil, refuse("no_user")
	case len(users) > maxInvited:
		return nil, refuse("invalid_arguments", "[ERROR] no more than 100 items allowed [json-pointer:/users]")
	}
	ch, err := c.managed("is_archived")
	if err != nil {
		return nil, err
	}
	var wrong []any
	var good []string
	for _, id := range users {
		if name := c.cannotInvite(ch, id); name != "" {
			wrong = append(wrong, object{"user": id, "ok": false, "error": name})
		} else {
			good = append(good, id)
		}
	}
	// Without force a single bad id refuses all of them; with it, the good ones
	// come in.
	if len(wrong) > 0 && (!c.flag("force") || len(good) == 0) {
		first, _ := wrong[0].(object)
		return nil, &refused{name: text(first, "error"), extra: object{"errors": wrong}}
	}
	for _, id := range good {
		if ch.FirstGuest == "" {
			ch.FirstGuest = id
		}
		c.enter(ch, c.state.human(id), c.state.App.BotUser)
	}
	out := object{"channel": c.conversationObject(ch)}
	if len(wrong) > 0 {
		out["errors"] = wrong
	}
	return out, nil
}

func (s *Sim) cannotInvite(ch *channel, id string) string {
	p := s.state.human(id)
	switch {
	case p == nil:
		return "user_not_found"
	case id == s.state.App.BotUser:
		return "cant_invite_self"
	case ch.has(id):
		return "already_in_channel"
	case p.Deactivated, p.Stranger:
		return "cant_invite"
	case p.Guest == "single" && s.rooms(id) > 0:
		return "ura_max_channels"
	}
	return ""
}

// rooms counts the named channels of a person.
func (s *Sim) rooms(id string) int {
	n := 0
	for _, ch := range s.state.Channels {
		if ch.Kind != kindDM && ch.has(id) && !ch.Archived {
			n++
		}
	}
	return n
}

// enter makes somebody a member and tells the channel and the app.
func (s *Sim) enter(ch *channel, p *person, inviter string) {
	if ch.has(p.ID) {
		return
	}
	ch.Members = append(ch.Members, p.ID)
	s.touch(ch)
	words := "has joined the channel"
	m := &message{Channel: ch.ID, TS: s.state.nextTS(s.clock.Now()), User: p.ID, Subtype: "channel_join", Inviter: inviter}
	m.Text = "<@" + p.ID + "> " + words
	s.store1(ch, m)
	event := object{"type": "member_joined_channel", "user": p.ID, "channel": ch.ID, "channel_type": channelType(ch), "team": p.TeamID}
	if inviter != "" {
		event["inviter"] = inviter
	}
	s.emit(ch, event)
	s.emitMessage(ch, m)
}

// exit ends a membership and tells the channel and the app.
func (s *Sim) exit(ch *channel, p *person) {
	if !ch.has(p.ID) {
		return
	}
	event := object{"type": "member_left_channel", "user": p.ID, "channel": ch.ID, "channel_type": channelType(ch), "team": p.TeamID}
	s.emit(ch, event)
	if p.ID == s.state.App.BotUser {
		s.emit(ch, object{"type": lifecycle(ch, "left"), "channel": ch.ID, "actor_id": p.ID})
	}
	ch.Members = slices.DeleteFunc(ch.Members, func(id string) bool { return id == p.ID })
	s.touch(ch)
	s.noticeBy(ch, p.ID, "channel_leave", nil, "has left the channel")
}

func conversationsKick(c *call) (object, error) {
	ch, err := c.managed("")
	if err != nil {
		return nil, err
	}
	p := c.state.human(c.str("user"))
	switch {
	case p == nil:
		return nil, refuse("user_not_found")
	case p.ID == c.state.App.BotUser:
		return nil, refuse("cant_kick_self")
	case ch.General:
		return nil, refuse("cant_kick_from_general")
	case !ch.has(p.ID):
		return nil, refuse("not_in_channel")
	case ch.Archived:
		return nil, refuse("restricted_action")
	}
	c.exit(ch, p)
	return object{"errors": object{}}, nil
}

func conversationsJoin(c *call) (object, error) {
	ch, err := c.target()
	switch {
	case err != nil:
		return nil, err
	case ch.Kind != kindPublic:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.has(c.state.App.BotUser):
		c.warn("already_in_channel")
	default:
		c.enter(ch, c.state.bot(), "")
	}
	return object{"channel": c.conversationObject(ch)}, nil
}

func conversationsLeave(c *call) (object, error) {
	ch, err := c.target()
	switch {
	case err != nil:
		return nil, err
	case ch.Kind == kindDM:
		return nil, refuse("method_not_supported_for_channel_type")
	case ch.General:
		return nil, refuse("cant_leave_general")
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.has(c.state.App.BotUser):
		return object{"not_in_channel": true}, nil
	case len(ch.Members) == 1:
		return nil, refuse("last_member")
	}
	c.exit(ch, c.state.bot())
	return nil, nil
}
