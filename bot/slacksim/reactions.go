package slacksim

import (
	"regexp"
	"slices"
)

var emojiName = regexp.MustCompile(`^[a-z0-9_+'-]+(::skin-tone-[2-6])?$`)

// reactedTo finds the message of a call about a reaction.
func (c *call) reactedTo() (*channel, *message, error) {
	if !c.has("channel") || !c.has("timestamp") {
		return nil, nil, refuse("no_item_specified")
	}
	return c.pointed("timestamp")
}

func reactionsAdd(c *call) (object, error) {
	if !emojiName.MatchString(c.str("name")) {
		return nil, refuse("invalid_name")
	}
	ch, m, err := c.reactedTo()
	if err != nil {
		return nil, err
	}
	bot := c.state.bot()
	mine := func(r reaction) bool { return slices.Contains(r.Users, bot.ID) }
	there := func(r reaction) bool { return r.Name == c.str("name") }
	given := 0
	for _, r := range m.Reactions {
		if mine(r) {
			given++
		}
	}
	switch {
	case !ch.has(bot.ID):
		return nil, refuse("no_access")
	case ch.Archived:
		return nil, refuse("is_archived")
	case slices.ContainsFunc(m.Reactions, func(r reaction) bool { return there(r) && mine(r) }):
		return nil, refuse("already_reacted")
	case given >= maxReactions:
		return nil, refuse("too_many_reactions")
	case len(m.Reactions) >= maxEmoji && !slices.ContainsFunc(m.Reactions, there):
		return nil, refuse("too_many_emoji")
	}
	c.react(ch, m, bot, c.str("name"))
	return nil, nil
}

func reactionsRemove(c *call) (object, error) {
	if !emojiName.MatchString(c.str("name")) {
		return nil, refuse("invalid_name")
	}
	ch, m, err := c.reactedTo()
	switch {
	case err != nil:
		return nil, err
	case !ch.has(c.state.App.BotUser), ch.Archived:
		return nil, refuse("no_access")
	case !c.unreact(ch, m, c.state.bot(), c.str("name")):
		return nil, refuse("no_reaction")
	}
	return nil, nil
}

func reactionsGet(c *call) (object, error) {
	ch, m, err := c.reactedTo()
	if err != nil {
		return nil, err
	}
	out := c.messageObject(ch, m, false)
	out["permalink"] = c.permalink(ch, m)
	return object{"type": "message", "channel": ch.ID, "message": out}, nil
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
