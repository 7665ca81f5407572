package slacksim

import (
	"context"
	"mime"
	"path/filepath"
	"slices"
	"strings"
)

// Says writes a message into a channel. Names become references, as in Slack.
func (p *Person) Says(ctx context.Context, in, words string) (Message, error) {
	return p.says(ctx, in, "", words)
}

// Replies writes into the thread of a message.
func (p *Person) Replies(ctx context.Context, in, ts, words string) (Message, error) {
	return p.says(ctx, in, ts, words)
}

func (p *Person) says(ctx context.Context, in, thread, words string) (Message, error) {
	var ch *channel
	var m *message
	_, err := p.act(ctx, in, func(_ *deed, me *person, at *channel) error {
		var err error
		ch = at
		m, err = p.sim.writes(me, at, thread, words, nil)
		return err
	})
	if m == nil {
		return Message{}, err
	}
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.messageInfo(ch, m), err
}

// writes posts for a person.
func (s *Sim) writes(me *person, ch *channel, thread, words string, files []string) (*message, error) {
	if err := s.canWrite(me, ch); err != nil {
		return nil, err
	}
	if thread != "" {
		root := ch.message(thread)
		if root == nil {
			return nil, notFound("no message %s in %s", thread, ch.label(s.state))
		}
		thread = or(root.Thread, root.TS)
	}
	if strings.HasPrefix(words, "/") && thread != "" {
		return nil, notPossible("slash commands do not work in threads")
	}
	m := &message{User: me.ID, Thread: thread, Files: files}
	if len(files) > 0 {
		m.Subtype = "file_share"
	}
	s.post(ch, m, content{text: s.escapeTyped(words, false)})
	return m, nil
}

// own finds a message that the person wrote.
func (s *Sim) own(me *person, ch *channel, ts string) (*message, error) {
	m := ch.message(ts)
	if m == nil || m.User != me.ID {
		return nil, notFound("@%s wrote no message %s in %s", me.Name, ts, ch.label(s.state))
	}
	return m, nil
}

// Edits changes a message of the person.
func (p *Person) Edits(ctx context.Context, in, ts, words string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		return p.sim.edits(me, ch, ts, words)
	}))
}

func (s *Sim) edits(me *person, ch *channel, ts, words string) error {
	m, err := s.own(me, ch, ts)
	if err == nil {
		s.edit(ch, m, content{text: s.escapeTyped(words, false)}, me.ID)
	}
	return err
}

// Deletes removes a message of the person.
func (p *Person) Deletes(ctx context.Context, in, ts string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		return p.sim.deletes(me, ch, ts)
	}))
}

func (s *Sim) deletes(me *person, ch *channel, ts string) error {
	m, err := s.own(me, ch, ts)
	if err == nil {
		s.remove(ch, m, me.ID)
	}
	return err
}

// Reacts adds a reaction, by its name without colons.
func (p *Person) Reacts(ctx context.Context, in, ts, emoji string) (Act, error) {
	return p.reacts(ctx, in, ts, emoji, false)
}

// Unreacts takes a reaction away.
func (p *Person) Unreacts(ctx context.Context, in, ts, emoji string) (Act, error) {
	return p.reacts(ctx, in, ts, emoji, true)
}

func (p *Person) reacts(ctx context.Context, in, ts, emoji string, away bool) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		return p.sim.reacts(me, ch, ts, emoji, away)
	}))
}

func (s *Sim) reacts(me *person, ch *channel, ts, emoji string, away bool) error {
	m := ch.message(ts)
	emoji = strings.Trim(emoji, ":")
	switch {
	case m == nil:
		return notFound("no message %s in %s", ts, ch.label(s.state))
	case !emojiName.MatchString(emoji):
		return notPossible("%q is no emoji name", emoji)
	case away && !s.unreact(ch, m, me, emoji):
		return notPossible("@%s did not react with %s", me.Name, emoji)
	case !away && !s.react(ch, m, me, emoji):
		return notPossible("@%s has reacted with %s already", me.Name, emoji)
	}
	words := "reacts with :" + emoji + ":"
	if away {
		words = "takes :" + emoji + ": back"
	}
	s.say(entry{Kind: entryAct, Channel: ch.ID, Thread: m.Thread, Person: me.ID, Text: words})
	return nil
}

// Shortcut uses a global shortcut, or with channel and ts one of a message. The
// shortcut is named by its callback id.
func (p *Person) Shortcut(ctx context.Context, callback, in, ts string) (Act, error) {
	return outcome(p.act(ctx, in, func(d *deed, me *person, ch *channel) error {
		return p.sim.shortcutOn(d, me, callback, ch, ts)
	}))
}

func (s *Sim) shortcutOn(d *deed, me *person, callback string, ch *channel, ts string) error {
	if ch == nil {
		return s.shortcut(d, me, callback, nil, nil)
	}
	m := ch.message(ts)
	if m == nil {
		return notFound("no message %s in %s", ts, ch.label(s.state))
	}
	return s.shortcut(d, me, callback, ch, m)
}

// OpensHome looks at the Home tab of the app.
func (p *Person) OpensHome(ctx context.Context) (Act, error) {
	return outcome(p.act(ctx, "", func(_ *deed, me *person, _ *channel) error {
		p.sim.opensApp(me, "home")
		return nil
	}))
}

// OpensMessages looks at the conversation with the app, which is the other tab
// beside its Home.
func (p *Person) OpensMessages(ctx context.Context) (Act, error) {
	return outcome(p.act(ctx, "", func(_ *deed, me *person, _ *channel) error {
		p.sim.opensApp(me, "messages")
		return nil
	}))
}

func (s *Sim) opensApp(me *person, tab string) {
	event := object{"type": "app_home_opened", "user": me.ID, "channel": me.DM, "tab": tab}
	if v := s.state.homes[me.ID]; v != nil {
		event["view"] = s.viewObject(v)
	}
	s.emit(nil, event)
}

// Joins enters a public channel.
func (p *Person) Joins(ctx context.Context, in string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		return p.sim.joins(me, ch)
	}))
}

func (s *Sim) joins(me *person, ch *channel) error {
	switch {
	case ch.has(me.ID):
		return notPossible("@%s is in %s already", me.Name, ch.label(s.state))
	case ch.Archived:
		return notPossible("%s is archived", ch.label(s.state))
	}
	s.enter(ch, me, "")
	return nil
}

// Leaves leaves a channel.
func (p *Person) Leaves(ctx context.Context, in string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		return p.sim.leaves(me, ch)
	}))
}

func (s *Sim) leaves(me *person, ch *channel) error {
	if !ch.has(me.ID) || ch.General || ch.Kind == kindDM {
		return notPossible("@%s cannot leave %s", me.Name, ch.label(s.state))
	}
	s.exit(ch, me)
	return nil
}

// Invites brings people, or the app by its name, into a channel.
func (p *Person) Invites(ctx context.Context, in string, names ...string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		return p.sim.invites(me, ch, names)
	}))
}

func (s *Sim) invites(me *person, ch *channel, names []string) error {
	if err := s.canWrite(me, ch); err != nil {
		return err
	}
	if ch.Kind == kindDM {
		return notPossible("nobody can be invited to %s", ch.label(s.state))
	}
	for _, name := range names {
		who, err := s.who(name)
		if err != nil {
			return err
		}
		s.enter(ch, who, me.ID)
	}
	return nil
}

// Uploads shares a file in a channel, or in the thread of ts.
func (p *Person) Uploads(ctx context.Context, in, ts, name string, body []byte) (Message, error) {
	var ch *channel
	var m *message
	_, err := p.act(ctx, in, func(_ *deed, me *person, at *channel) error {
		ch = at
		var err error
		m, err = p.sim.uploads(me, at, ts, name, body)
		return err
	})
	if m == nil {
		return Message{}, err
	}
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.messageInfo(ch, m), err
}

func (s *Sim) uploads(me *person, ch *channel, thread, name string, body []byte) (*message, error) {
	if err := s.canWrite(me, ch); err != nil {
		return nil, err
	}
	f := &file{
		ID: s.state.mintID("F"), Name: name, Title: name, Mimetype: mimeOf(name), User: me.ID, Size: int64(len(body)),
		Created: unixNow(s.clock), Content: slices.Clone(body), Done: true,
	}
	s.state.Files = append(s.state.Files, f)
	m, err := s.writes(me, ch, thread, "", []string{f.ID})
	if err != nil {
		s.state.Files = s.state.Files[:len(s.state.Files)-1]
	}
	return m, err
}

func mimeOf(name string) string {
	kind, _, _ := mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(name)))
	return or(kind, "application/octet-stream")
}
