package slacksim

import (
	"fmt"
	"net/url"
	"strings"
)

// content is what a message says.
type content struct {
	text                string
	blocks, attachments []any
	metadata            object
	has                 struct{ text, blocks, attachments, metadata bool }
}

// content reads and checks the words of a post. Block problems come with a
// pointer to the place.
func (c *call) content() (content, error) {
	out := content{text: c.str("text")}
	out.has.text = c.has("text")
	_, out.has.blocks = c.args["blocks"]
	_, out.has.attachments = c.args["attachments"]
	_, out.has.metadata = c.args["metadata"]
	var ok bool
	if out.blocks, ok = c.array("blocks"); !ok {
		return out, refuse("invalid_blocks_format")
	}
	if out.attachments, ok = c.array("attachments"); !ok {
		return out, refuse("invalid_arguments", "[ERROR] attachments must be a JSON array")
	}
	if len(out.attachments) > maxAttachments {
		return out, refuse("too_many_attachments")
	}
	meta, err := c.decoded("metadata")
	if err != nil {
		return out, refuse("invalid_metadata_format")
	}
	if meta != nil {
		if out.metadata, ok = meta.(object); !ok || text(out.metadata, "event_type") == "" || child(out.metadata, "event_payload") == nil {
			return out, refuse("invalid_metadata_format")
		}
	}
	check := checkMessage(out.blocks)
	for _, a := range out.attachments {
		attachment, _ := a.(object)
		if len(items(attachment, "blocks")) > 0 {
			check.problems = append(check.problems, checkMessage(items(attachment, "blocks")).problems...)
		}
	}
	if len(check.problems) > 0 {
		return out, refuse("invalid_blocks", check.problems...)
	}
	for _, w := range check.warnings {
		c.warn(w)
	}
	giveIDs(c.state, out.blocks)
	out.blocks, out.attachments, out.metadata = clone(out.blocks), clone(out.attachments), clone(out.metadata)
	return out, nil
}

func (w content) empty() bool { return w.text == "" && len(w.blocks) == 0 && len(w.attachments) == 0 }

// addressee finds where a post goes: a channel by id or name, or a person.
func (c *call) addressee() (*channel, error) {
	ref := c.str("channel")
	ch := c.state.room(ref)
	if p := c.state.human(ref); p != nil && !p.Bot {
		ch = c.state.byID[p.DM]
	}
	bot := c.state.App.BotUser
	switch {
	case ch == nil, ch.Kind == kindPrivate && !ch.has(bot):
		return nil, refuse("channel_not_found")
	case ch.Archived:
		return nil, refuse("is_archived")
	case !ch.has(bot) && !(ch.Kind == kindPublic && c.state.App.hasScope("chat:write.public")):
		return nil, refuse("not_in_channel")
	}
	return ch, nil
}

func chatPostMessage(c *call) (object, error) {
	ch, err := c.addressee()
	if err != nil {
		return nil, err
	}
	words, err := c.content()
	switch {
	case err != nil:
		return nil, err
	case words.empty():
		return nil, refuse("no_text")
	case blockText(words.blocks) > maxMessageText:
		return nil, refuse("msg_blocks_too_long")
	}
	if units(words.text) > maxPostText {
		words.text = cutUnits(words.text, maxPostText)
		c.warn("message_truncated")
	}
	m := &message{User: c.state.App.BotUser, Thread: c.str("thread_ts"), Broadcast: c.flag("reply_broadcast")}
	if m.Thread != "" {
		root := ch.message(m.Thread)
		switch {
		case root == nil:
			return nil, refuse("cannot_reply_to_message", "[ERROR] no message "+m.Thread+" in this channel")
		case root.Thread != "":
			m.Thread = root.Thread
		}
	}
	c.post(ch, m, words)
	return object{"channel": ch.ID, "ts": m.TS, "message": c.messageObject(ch, m, true)}, nil
}

// post puts a message into a channel and tells everybody.
func (s *Sim) post(ch *channel, m *message, words content) {
	m.Channel, m.TS = ch.ID, s.state.nextTS(s.clock.Now())
	m.Text, m.Blocks, m.Attachments, m.Metadata = words.text, words.blocks, words.attachments, words.metadata
	s.store1(ch, m)
	s.say(entry{Kind: entryPost, Channel: ch.ID, Thread: m.Thread, TS: m.TS, Person: m.User, Text: s.plainMessage(m), Buttons: s.buttons(m.Blocks)})
	s.emitMessage(ch, m)
}

func chatUpdate(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	m := ch.message(c.str("ts"))
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case m.User != c.state.App.BotUser || m.Subtype != "":
		return nil, refuse("cant_update_message")
	case ch.Archived:
		return nil, refuse("is_inactive")
	}
	words, err := c.content()
	switch {
	case err != nil:
		return nil, err
	case !words.has.text && !words.has.blocks && !words.has.attachments:
		return nil, refuse("no_text")
	case units(words.text) > maxUpdateText, blockText(words.blocks) > maxMessageText:
		return nil, refuse("msg_too_long")
	}
	// Blocks survive an update that brings neither text nor blocks; text alone
	// replaces them. Attachments and metadata survive unless they are named.
	if !words.has.blocks && !words.has.text {
		words.blocks = m.Blocks
	}
	if !words.has.text && !words.has.blocks {
		words.text = m.Text
	}
	if !words.has.attachments {
		words.attachments = m.Attachments
	}
	if !words.has.metadata {
		words.metadata = m.Metadata
	}
	if words.empty() {
		return nil, refuse("no_text")
	}
	c.edit(ch, m, words, c.state.App.BotUser)
	return object{"channel": ch.ID, "ts": m.TS, "text": m.Text, "message": c.messageObject(ch, m, true)}, nil
}

// edit changes a message. A change of nothing that a person can see leaves no
// trace in the transcript.
func (s *Sim) edit(ch *channel, m *message, words content, by string) {
	before := clone(s.messageObject(ch, m, false))
	wasText, wasButtons := s.plainMessage(m), strings.Join(s.buttons(m.Blocks), "\n")
	m.Text, m.Blocks, m.Attachments, m.Metadata = words.text, words.blocks, words.attachments, words.metadata
	if m.To == "" {
		m.EditedTS, m.EditedBy = formatTS(micros(s.clock.Now())), by
	}
	s.touchMessage(ch, m)
	if now := s.plainMessage(m); now != wasText || strings.Join(s.buttons(m.Blocks), "\n") != wasButtons {
		s.say(entry{Kind: entryEdit, Channel: ch.ID, Thread: m.Thread, TS: m.TS, Person: by, To: m.To, Text: now, Buttons: s.buttons(m.Blocks)})
	}
	if m.To != "" {
		return
	}
	s.emit(ch, object{
		"type": "message", "subtype": "message_changed", "channel": ch.ID, "channel_type": channelType(ch), "hidden": true,
		"ts": s.state.nextTS(s.clock.Now()), "message": s.messageObject(ch, m, false), "previous_message": before,
	})
}

func chatDelete(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	m := ch.message(c.str("ts"))
	switch {
	case m == nil:
		return nil, refuse("message_not_found")
	case m.User != c.state.App.BotUser || m.Subtype != "":
		return nil, refuse("cant_delete_message")
	}
	c.remove(ch, m, m.User)
	return object{"channel": ch.ID, "ts": m.TS}, nil
}

// remove deletes a message, its pin with it.
func (s *Sim) remove(ch *channel, m *message, by string) {
	before := clone(s.messageObject(ch, m, false))
	m.Deleted = true
	s.unpin(ch, m.TS)
	s.touchMessage(ch, m)
	s.say(entry{Kind: entryGone, Channel: ch.ID, Thread: m.Thread, TS: m.TS, Person: by, Text: s.plainMessage(m)})
	s.emit(ch, object{
		"type": "message", "subtype": "message_deleted", "channel": ch.ID, "channel_type": channelType(ch), "hidden": true,
		"ts": s.state.nextTS(s.clock.Now()), "deleted_ts": m.TS, "previous_message": before,
	})
}

func chatPostEphemeral(c *call) (object, error) {
	ch, err := c.addressee()
	if err != nil {
		return nil, err
	}
	p := c.state.human(c.str("user"))
	if p == nil || !ch.has(p.ID) {
		return nil, refuse("user_not_in_channel")
	}
	words, err := c.content()
	switch {
	case err != nil:
		return nil, err
	case words.empty():
		return nil, refuse("no_text")
	case units(words.text) > maxPostText, blockText(words.blocks) > maxMessageText:
		return nil, refuse("msg_too_long")
	}
	if hit := c.faultFor(faultEphemeralLost, match{Channel: ch.ID, Person: p.ID}); hit != nil {
		return object{"message_ts": c.state.nextTS(c.clock.Now())}, nil
	}
	m := c.whisper(ch, p, c.str("thread_ts"), words)
	return object{"message_ts": m.TS}, nil
}

// whisper shows words to one person alone.
func (s *Sim) whisper(ch *channel, p *person, thread string, words content) *message {
	m := &message{
		Channel: ch.ID, TS: s.state.nextTS(s.clock.Now()), Thread: thread, User: s.state.App.BotUser, To: p.ID,
		Text: words.text, Blocks: words.blocks, Attachments: words.attachments,
	}
	s.store1(ch, m)
	s.say(entry{Kind: entryTo, Channel: ch.ID, Thread: thread, TS: m.TS, Person: p.ID, Text: s.plainMessage(m), Buttons: s.buttons(m.Blocks)})
	return m
}

func chatGetPermalink(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	ts := c.str("message_ts")
	m := ch.message(ts)
	if m == nil {
		return nil, refuse("message_not_found")
	}
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", c.state.Team.Domain, ch.ID, strings.Replace(ts, ".", "", 1))
	if m.Thread != "" && m.Thread != m.TS {
		link += "?" + url.Values{"thread_ts": {m.Thread}, "cid": {ch.ID}}.Encode()
	}
	return object{"channel": ch.ID, "permalink": link}, nil
}

// store1 adds a new message to its channel.
func (s *Sim) store1(ch *channel, m *message) {
	if m.User != s.state.App.BotUser && m.Subtype == "" {
		m.ClientID = s.state.mintUUID()
	}
	ch.messages = append(ch.messages, m)
	s.touchMessage(ch, m)
}
