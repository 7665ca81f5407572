package slacksim

import (
	"slices"
	"strconv"
	"time"
)

const (
	scheduleAhead  = 120 * 24 * time.Hour
	scheduleWindow = 5 * time.Minute
	scheduleMost   = 30 // in a channel and window
)

// scheduled is a message that waits for its time.
type scheduled struct {
	ID, Channel string
	At          int64 // Unix seconds
	Message     message
	Gone        bool // posted, or given up
}

// chatScheduleMessage keeps a message until post_at, on the workspace's clock.
func chatScheduleMessage(c *call) (object, error) {
	words, err := c.content()
	if err != nil {
		return nil, err
	}
	at, err := strconv.ParseInt(c.str("post_at"), 10, 64)
	if err != nil {
		return nil, refuse("invalid_time")
	}
	ch, err := c.addressee()
	if err != nil {
		return nil, err
	}
	due, now := time.Unix(at, 0), c.clock.Now()
	switch {
	case words.empty():
		return nil, refuse("no_text")
	case blockText(words.blocks) > maxMessageText:
		return nil, refuse("msg_too_long")
	case !due.After(now):
		return nil, refuse("time_in_past")
	case due.Sub(now) > scheduleAhead:
		return nil, refuse("time_too_far")
	case c.state.scheduledAround(ch.ID, due) >= scheduleMost:
		return nil, refuse("restricted_too_many")
	}
	c.cut(&words)
	m := message{
		Channel: ch.ID, User: c.state.App.BotUser, Thread: c.str("thread_ts"), Broadcast: c.flag("reply_broadcast"),
		Text: words.text, Blocks: words.blocks, Attachments: words.attachments, Metadata: words.metadata,
	}
	p := &scheduled{ID: c.state.mintID("Q"), Channel: ch.ID, At: at, Message: m}
	c.state.Scheduled = append(c.state.Scheduled, p)
	c.save("scheduled", p.ID, p)
	c.arm(p)
	out := c.messageObject(ch, &m, true)
	out["type"], out["subtype"] = "delayed_message", "bot_message"
	delete(out, "ts")
	return object{"channel": ch.ID, "scheduled_message_id": p.ID, "post_at": at, "message": out}, nil
}

// scheduledAround counts the messages that wait for a channel in the window
// around an instant.
func (st *state) scheduledAround(channel string, at time.Time) int {
	n := 0
	for _, p := range st.Scheduled {
		if p.Channel == channel && !p.Gone && time.Unix(p.At, 0).Sub(at).Abs() < scheduleWindow {
			n++
		}
	}
	return n
}

// arm posts a message when its time has come. What cannot be posted any more is
// given up, as in Slack, and said in the log.
func (s *Sim) arm(p *scheduled) {
	st := s.state
	s.after(max(time.Unix(p.At, 0).Sub(s.clock.Now()), 0), func() {
		if s.state != st || p.Gone {
			return
		}
		p.Gone = true
		s.save("scheduled", p.ID, p)
		st.Scheduled = slices.DeleteFunc(st.Scheduled, func(q *scheduled) bool { return q == p })
		ch, m := st.byID[p.Channel], p.Message
		if ch == nil || ch.Deleted || ch.Archived || !ch.has(st.App.BotUser) && !ch.postable(st.App) {
			s.log.Warn("a scheduled message could not be posted", "id", p.ID, "channel", p.Channel)
			return
		}
		s.post(ch, &m, content{text: m.Text, blocks: m.Blocks, attachments: m.Attachments, metadata: m.Metadata})
	})
}

// armAll takes up what waited when the workspace was last closed.
func (s *Sim) armAll() {
	for _, p := range s.state.Scheduled {
		if !p.Gone {
			s.arm(p)
		}
	}
}
