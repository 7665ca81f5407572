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
		return out, refuse("invalid_arguments", "[ERROR] must be an array [json-pointer:/attachments]")
	}
	if len(out.attachments) > maxAttachments {
		return out, refuse("too_many_attachments")
	}
	var err error
	if out.metadata, err = c.metadata(); err != nil {
		return out, err
	}
	if err := c.markdown(&out); err != nil {
		return out, err
	}
	check := checkMessage(out.blocks)
	for i, a := range out.attachments {
		attachment, ok := a.(object)
		if !ok {
			return out, refuse("invalid_arguments", fmt.Sprintf("[ERROR] must be an object [json-pointer:/attachments/%d]", i))
		}
		check.attached(fmt.Sprintf("/attachments/%d/blocks", i), attachment)
	}
	if len(check.problems) > 0 {
		return out, refuse("invalid_blocks", check.problems...)
	}
	for _, w := range check.warnings {
		c.warn(w)
	}
	if c.has("username") || c.has("icon_url") || c.has("icon_emoji") {
		c.note("name_and_icon_not_drawn")
	}
	out.blocks, out.attachments, out.metadata = clone(out.blocks), clone(out.attachments), clone(out.metadata)
	c.state.name(out)
	return out, nil
}

// metadata reads the metadata of a message. An empty object means none. So do
// empty keys in the answer to a payload, which slack-go always writes there.
func (c *call) metadata() (object, error) {
	wrong := refuse("invalid_metadata_format")
	if !documents(c.method, "invalid_metadata_format") {
		wrong = refuse("invalid_arguments", "[ERROR] must be metadata [json-pointer:/metadata]")
	}
	raw, err := c.decoded("metadata")
	if err != nil {
		return nil, wrong
	}
	meta, ok := raw.(object)
	switch {
	case raw == nil, ok && len(meta) == 0:
		return nil, nil
	case c.method == "" && ok && text(meta, "event_type") == "" && meta["event_payload"] == nil:
		return nil, nil
	case !ok, text(meta, "event_type") == "", child(meta, "event_payload") == nil:
		return nil, wrong
	case sizeOf(meta) > maxMetadata:
		if !documents(c.method, "metadata_too_large") {
			return nil, wrong
		}
		return nil, refuse("metadata_too_large", fmt.Sprintf("[ERROR] the simulated Slack takes %d bytes; Slack publishes no number [json-pointer:/metadata]", maxMetadata))
	}
	return meta, nil
}

// markdown reads the text of a message that is written in Markdown, which stands
// alone and is drawn as a block.
func (c *call) markdown(out *content) error {
	if !c.has("markdown_text") {
		return nil
	}
	words := c.str("markdown_text")
	switch {
	case out.has.text || out.has.blocks:
		return refuse("markdown_text_conflict")
	case units(words) > maxMarkdown:
		return refuse("invalid_arguments", "[ERROR] must be no more than 12000 characters [json-pointer:/markdown_text]")
	}
	out.text, out.blocks = words, []any{object{"type": "markdown", "text": words}}
	out.has.text, out.has.blocks = true, true
	return nil
}

func (w content) empty() bool { return w.text == "" && len(w.blocks) == 0 && len(w.attachments) == 0 }

// cut shortens a text that is too long for a post, with the warning that Slack
// gives.
func (c *call) cut(w *content) {
	if units(w.text) > maxPostText {
		w.text = cutUnits(w.text, maxPostText)
		c.warn("message_truncated")
	}
}

// destination finds where a post goes: a channel by id or name, or a person.
func (c *call) destination() *channel {
	ref := c.str("channel")
	if p := c.state.human(ref); p != nil && !p.Bot {
		return c.state.byID[p.DM]
	}
	return c.state.room(ref)
}

// postable tells whether an app may post into a channel that it is no member of.
func (ch *channel) postable(a app) bool {
	return ch.Kind == kindPublic && a.hasScope("chat:write.public")
}

// addressee finds where a post goes, and whether it may.
func (c *call) addressee() (*channel, error) {
	ch, bot := c.destination(), c.state.App.BotUser
	switch {
	case ch == nil, ch.Kind == kindPrivate && !ch.has(bot):
		return nil, refuse("channel_not_found")
	case !ch.has(bot) && !ch.postable(c.state.App):
		return nil, refuse("not_in_channel")
	case ch.Archived:
		return nil, refuse("is_archived")
	}
	return ch, nil
}

// thread finds the root of the thread that a post answers, "" if it answers none.
func (c *call) thread(ch *channel) (string, error) {
	ts := c.str("thread_ts")
	if ts == "" {
		return "", nil
	}
	root := ch.message(ts)
	if root == nil {
		return "", refuse("cannot_reply_to_message", "[ERROR] no message "+ts+" in this channel")
	}
	return or(root.Thread, ts), nil
}

func chatPostMessage(c *call) (object, error) {
	if c.flag("as_user") {
		return nil, refuse("as_user_not_supported")
	}
	words, err := c.content()
	if err != nil {
		return nil, err
	}
	ch, err := c.addressee()
	switch {
	case err != nil:
		return nil, err
	case words.empty():
		return nil, refuse("no_text")
	case blockText(words.blocks) > maxMessageText:
		return nil, refuse("msg_blocks_too_long")
	}
	m := &message{User: c.state.App.BotUser, Broadcast: c.flag("reply_broadcast")}
	if m.Thread, err = c.thread(ch); err != nil {
		return nil, err
	}
	c.cut(&words)
	c.post(ch, m, words)
	return object{"channel": ch.ID, "ts": m.TS, "message": c.messageObject(ch, m, true)}, nil
}

// post puts a message into a channel and tells everybody.
func (s *Sim) post(ch *channel, m *message, words content) {
	m.Channel, m.TS = ch.ID, s.state.nextTS(s.clock.Now())
	m.Text, m.Blocks, m.Attachments, m.Metadata = words.text, words.blocks, words.attachments, words.metadata
	if ch.Kind == kindDM && !ch.Open {
		ch.Open = true
		s.touch(ch)
	}
	s.shareFiles(ch, m)
	s.store1(ch, m)
	s.say(entry{Kind: entryPost, Channel: ch.ID, Thread: m.Thread, TS: m.TS, Person: m.User, Text: s.plainMessage(m), Buttons: s.buttons(m.everyBlock())})
	s.emitMessage(ch, m)
	for _, id := range m.Files {
		s.emit(ch, object{"type": "file_shared", "channel_id": ch.ID, "file_id": id, "user_id": m.User, "file": object{"id": id}})
	}
}

func chatUpdate(c *call) (object, error) {
	words, err := c.content()
	if err != nil {
		return nil, err
	}
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
	wasText, wasButtons := s.plainMessage(m), strings.Join(s.buttons(m.everyBlock()), "\n")
	m.Text, m.Blocks, m.Attachments, m.Metadata = words.text, words.blocks, words.attachments, words.metadata
	if m.To == "" {
		m.EditedTS, m.EditedBy = formatTS(micros(s.clock.Now())), by
	}
	s.touchMessage(ch, m)
	if words := s.plainMessage(m); words != wasText || strings.Join(s.buttons(m.everyBlock()), "\n") != wasButtons {
		s.say(entry{Kind: entryEdit, Channel: ch.ID, Thread: m.Thread, TS: m.TS, Person: by, To: m.To, Text: words, Buttons: s.buttons(m.everyBlock())})
	}
	if m.To != "" {
		return
	}
	now := s.state.nextTS(s.clock.Now())
	s.emit(ch, object{
		"type": "message", "subtype": "message_changed", "channel": ch.ID, "channel_type": channelType(ch), "hidden": true,
		"ts": now, "event_ts": now, "message": s.messageObject(ch, m, false), "previous_message": before,
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
	now := s.state.nextTS(s.clock.Now())
	s.emit(ch, object{
		"type": "message", "subtype": "message_deleted", "channel": ch.ID, "channel_type": channelType(ch), "hidden": true,
		"ts": now, "event_ts": now, "deleted_ts": m.TS, "previous_message": before,
	})
}

func chatPostEphemeral(c *call) (object, error) {
	words, err := c.content()
	if err != nil {
		return nil, err
	}
	ch, err := c.addressee()
	if err != nil {
		return nil, err
	}
	p := c.state.human(c.str("user"))
	switch {
	case p == nil, !ch.has(p.ID), p.Deactivated:
		return nil, refuse("user_not_in_channel")
	case words.empty():
		return nil, refuse("no_text")
	case units(words.text) > maxPostText, blockText(words.blocks) > maxMessageText:
		return nil, refuse("msg_too_long")
	}
	thread, err := c.thread(ch)
	if err != nil {
		return nil, err
	}
	if hit := c.faultFor(faultEphemeralLost, match{Channel: ch.ID, Person: p.ID}); hit != nil {
		return object{"message_ts": c.state.nextTS(c.clock.Now())}, nil
	}
	m := c.whisper(ch, p, thread, words)
	return object{"message_ts": m.TS}, nil
}

// whisper shows words to one person alone.
func (s *Sim) whisper(ch *channel, p *person, thread string, words content) *message {
	m := &message{
		Channel: ch.ID, TS: s.state.nextTS(s.clock.Now()), Thread: thread, User: s.state.App.BotUser, To: p.ID,
		Text: words.text, Blocks: words.blocks, Attachments: words.attachments,
	}
	s.store1(ch, m)
	s.say(entry{Kind: entryTo, Channel: ch.ID, Thread: thread, TS: m.TS, Person: p.ID, Text: s.plainMessage(m), Buttons: s.buttons(m.everyBlock())})
	return m
}

func chatGetPermalink(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	m := ch.message(c.str("message_ts"))
	if m == nil {
		return nil, refuse("message_not_found")
	}
	return object{"channel": ch.ID, "permalink": c.permalink(ch, m)}, nil
}

// permalink is the address of a message in a browser.
func (s *Sim) permalink(ch *channel, m *message) string {
	link := fmt.Sprintf("https://%s.slack.com/archives/%s/p%s", s.state.Team.Domain, ch.ID, strings.Replace(m.TS, ".", "", 1))
	if m.Thread != "" && m.Thread != m.TS {
		link += "?" + url.Values{"thread_ts": {m.Thread}, "cid": {ch.ID}}.Encode()
	}
	return link
}

// store1 adds a new message to its channel.
func (s *Sim) store1(ch *channel, m *message) {
	if m.User != s.state.App.BotUser && m.Subtype == "" {
		m.ClientID = s.state.mintUUID()
	}
	ch.messages = append(ch.messages, m)
	s.touchMessage(ch, m)
}
