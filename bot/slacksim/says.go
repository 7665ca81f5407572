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
			return nil, notPossible("no message %s in %s", thread, ch.label(s.state))
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
	s.post(ch, m, content{text: s.escapeTyped(words)})
	return m, nil
}

// own finds a message that the person wrote.
func (s *Sim) own(me *person, ch *channel, ts string) (*message, error) {
	m := ch.message(ts)
	if m == nil || m.User != me.ID {
		return nil, notPossible("@%s wrote no message %s in %s", me.Name, ts, ch.label(s.state))
	}
	return m, nil
}

// Edits changes a message of the person.
func (p *Person) Edits(ctx context.Context, in, ts, words string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		m, err := p.sim.own(me, ch, ts)
		if err != nil {
			return err
		}
		p.sim.edit(ch, m, content{text: p.sim.escapeTyped(words)}, me.ID)
		return nil
	}))
}

// Deletes removes a message of the person.
func (p *Person) Deletes(ctx context.Context, in, ts string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		m, err := p.sim.own(me, ch, ts)
		if err != nil {
			return err
		}
		p.sim.remove(ch, m, me.ID)
		return nil
	}))
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
		m := ch.message(ts)
		emoji = strings.Trim(emoji, ":")
		switch {
		case m == nil:
			return notPossible("no message %s in %s", ts, ch.label(p.sim.state))
		case !emojiName.MatchString(emoji):
			return notPossible("%q is no emoji name", emoji)
		case away && !p.sim.unreact(ch, m, me, emoji):
			return notPossible("@%s did not react with %s", me.Name, emoji)
		case !away && !p.sim.react(ch, m, me, emoji):
			return notPossible("@%s has reacted with %s already", me.Name, emoji)
		}
		return nil
	}))
}

// Shortcut uses a global shortcut, or with channel and ts one of a message. The
// shortcut is named by its callback id.
func (p *Person) Shortcut(ctx context.Context, callback, in, ts string) (Act, error) {
	return outcome(p.act(ctx, in, func(d *deed, me *person, ch *channel) error {
		if ch == nil {
			return p.sim.shortcut(d, me, callback, nil, nil)
		}
		m := ch.message(ts)
		if m == nil {
			return notPossible("no message %s in %s", ts, ch.label(p.sim.state))
		}
		return p.sim.shortcut(d, me, callback, ch, m)
	}))
}

// OpensHome looks at the Home tab of the app.
func (p *Person) OpensHome(ctx context.Context) (Act, error) {
	return outcome(p.act(ctx, "", func(_ *deed, me *person, _ *channel) error {
		event := object{"type": "app_home_opened", "user": me.ID, "channel": me.DM, "tab": "home"}
		if v := p.sim.state.homes[me.ID]; v != nil {
			event["view"] = p.sim.viewObject(v)
		}
		p.sim.emit(nil, event)
		return nil
	}))
}

// Joins enters a public channel.
func (p *Person) Joins(ctx context.Context, in string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		switch {
		case ch.has(me.ID):
			return notPossible("@%s is in %s already", me.Name, ch.label(p.sim.state))
		case ch.Archived:
			return notPossible("%s is archived", ch.label(p.sim.state))
		}
		p.sim.enter(ch, me, "")
		return nil
	}))
}

// Leaves leaves a channel.
func (p *Person) Leaves(ctx context.Context, in string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		if !ch.has(me.ID) || ch.General || ch.Kind == kindDM {
			return notPossible("@%s cannot leave %s", me.Name, ch.label(p.sim.state))
		}
		p.sim.exit(ch, me)
		return nil
	}))
}

// Invites brings people, or the app by its name, into a channel.
func (p *Person) Invites(ctx context.Context, in string, names ...string) (Act, error) {
	return outcome(p.act(ctx, in, func(_ *deed, me *person, ch *channel) error {
		if err := p.sim.canWrite(me, ch); err != nil {
			return err
		}
		for _, name := range names {
			who, err := p.sim.who(name)
			if err != nil {
				return err
			}
			p.sim.enter(ch, who, me.ID)
		}
		return nil
	}))
}

// Uploads shares a file in a channel, or in the thread of ts.
func (p *Person) Uploads(ctx context.Context, in, ts, name string, body []byte) (Message, error) {
	var ch *channel
	var m *message
	_, err := p.act(ctx, in, func(_ *deed, me *person, at *channel) error {
		ch = at
		if err := p.sim.canWrite(me, at); err != nil {
			return err
		}
		f := &file{
			ID: p.sim.state.mintID("F"), Name: name, Title: name, Mimetype: mimeOf(name), User: me.ID, Size: int64(len(body)),
			Created: unixNow(p.sim.clock), Content: slices.Clone(body), Done: true, Channels: []string{at.ID},
		}
		p.sim.state.Files = append(p.sim.state.Files, f)
		p.sim.save("file", f.ID, f)
		var err error
		m, err = p.sim.writes(me, at, ts, "", []string{f.ID})
		return err
	})
	if m == nil {
		return Message{}, err
	}
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.sim.messageInfo(ch, m), err
}

func mimeOf(name string) string {
	kind, _, _ := mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(name)))
	return or(kind, "application/octet-stream")
}
