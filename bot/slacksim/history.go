package slacksim

import (
	"slices"
	"strings"
)

// baseURL is the address by which the app reached the workspace last: what is
// sent to it without being asked for names files by it.
func (s *Sim) baseURL() string {
	if s.state.base != "" {
		return s.state.base
	}
	return s.root()
}

// messageObject is a message as events and payloads tell it.
func (s *Sim) messageObject(ch *channel, m *message, metadata bool) object {
	return s.messageAt(s.baseURL(), ch, m, metadata)
}

// messageObject is a message as an answer tells it.
func (c *call) messageObject(ch *channel, m *message, metadata bool) object {
	return c.messageAt(c.base, ch, m, metadata)
}

func (s *Sim) messageAt(base string, ch *channel, m *message, metadata bool) object {
	st := s.state
	p := st.person(m.User)
	out := object{"type": "message", "user": m.User, "ts": m.TS, "text": m.Text, "team": st.Team.ID}
	if m.User == st.App.BotUser {
		out["bot_id"], out["app_id"] = st.App.BotID, st.App.ID
		out["bot_profile"] = object{
			"id": st.App.BotID, "app_id": st.App.ID, "name": st.App.Name, "icons": botIcons(), "deleted": false, "updated": 0, "team_id": st.Team.ID,
		}
	} else if p != nil && m.Subtype == "" {
		out["client_msg_id"], out["team"] = m.ClientID, p.TeamID
	}
	if m.Subtype != "" {
		out["subtype"] = m.Subtype
	}
	if m.Inviter != "" {
		out["inviter"] = m.Inviter
	}
	switch {
	case len(m.Blocks) > 0:
		out["blocks"] = m.Blocks
	case m.ClientID != "" && m.Text != "":
		out["blocks"] = typedBlocks(m)
	}
	if len(m.Attachments) > 0 {
		out["attachments"] = m.Attachments
	}
	if len(m.Files) > 0 {
		var files []any
		for _, id := range m.Files {
			if f := st.file(id); f != nil {
				files = append(files, s.fileObject(f, base))
			}
		}
		out["files"], out["upload"] = files, false
	}
	if metadata && m.Metadata != nil {
		out["metadata"] = m.Metadata
	}
	if m.EditedTS != "" {
		out["edited"] = object{"user": m.EditedBy, "ts": m.EditedTS}
	}
	if len(m.Reactions) > 0 {
		var reactions []any
		for _, r := range m.Reactions {
			reactions = append(reactions, object{"name": r.Name, "users": r.Users, "count": len(r.Users)})
		}
		out["reactions"] = reactions
	}
	if ch.pinned(m.TS) {
		out["pinned_to"] = []string{ch.ID}
	}
	s.threadKeys(ch, m, out)
	return out
}

func (s *Sim) threadKeys(ch *channel, m *message, out object) {
	if m.Thread != "" && m.Thread != m.TS {
		out["thread_ts"] = m.Thread
		root := ch.message(m.Thread)
		if root != nil {
			out["parent_user_id"] = root.User
		}
		if root != nil && m.Broadcast {
			out["subtype"] = "thread_broadcast"
			out["root"] = object{"type": "message", "user": root.User, "ts": root.TS, "thread_ts": root.TS, "text": root.Text}
		}
		return
	}
	replies := ch.replies(m.TS)
	if len(replies) == 0 {
		return
	}
	var users []string
	for _, r := range replies {
		if !slices.Contains(users, r.User) {
			users = append(users, r.User)
		}
	}
	out["thread_ts"], out["reply_count"], out["reply_users"] = m.TS, len(replies), users[:min(len(users), maxReplyUsers)]
	out["reply_users_count"], out["latest_reply"] = len(users), replies[len(replies)-1].TS
	out["is_locked"], out["subscribed"] = false, false
}

// window filters messages by oldest, latest and inclusive.
func (c *call) window(all []*message) ([]*message, error) {
	oldest, latest := int64(0), int64(1<<62)
	if c.has("oldest") {
		at, ok := parseTS(c.str("oldest"))
		if !ok {
			return nil, refuse("invalid_ts_oldest")
		}
		oldest = at
	}
	if c.has("latest") {
		at, ok := parseTS(c.str("latest"))
		if !ok {
			return nil, refuse("invalid_ts_latest")
		}
		latest = at
	}
	var out []*message
	for _, m := range all {
		at, _ := parseTS(m.TS)
		if at > oldest && at < latest || c.flag("inclusive") && (at == oldest || at == latest) {
			out = append(out, m)
		}
	}
	return out, nil
}

func conversationsHistory(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	if !ch.has(c.state.App.BotUser) {
		return nil, refuse("not_in_channel")
	}
	var all []*message
	for _, m := range slices.Backward(ch.messages) {
		if m.To == "" && !m.Deleted && (m.Thread == "" || m.Thread == m.TS || m.Broadcast) {
			all = append(all, m)
		}
	}
	if all, err = c.window(all); err != nil {
		return nil, err
	}
	return c.messagePage(ch, all, 100, object{"pin_count": len(ch.Pins), "channel_actions_ts": nil, "channel_actions_count": 0})
}

func conversationsReplies(c *call) (object, error) {
	ch, err := c.target()
	if err != nil {
		return nil, err
	}
	if !ch.has(c.state.App.BotUser) {
		return nil, refuse("channel_not_found")
	}
	root := ch.message(c.str("ts"))
	if root != nil && root.Thread != "" {
		root = ch.message(root.Thread)
	}
	if root == nil {
		return nil, refuse("thread_not_found")
	}
	replies, err := c.window(ch.replies(root.TS))
	if err != nil {
		return nil, err
	}
	return c.messagePage(ch, append([]*message{root}, replies...), 1000, object{})
}

func (c *call) messagePage(ch *channel, all []*message, usual int, out object) (object, error) {
	page, next, err := paged(c, paging{kind: "next_ts", usual: usual, most: max(usual, 999)}, all, func(m *message) string {
		return strings.Replace(m.TS, ".", "", 1)
	})
	if err != nil {
		return nil, err
	}
	messages := []any{}
	for _, m := range page {
		messages = append(messages, c.messageObject(ch, m, c.flag("include_all_metadata")))
	}
	out["messages"], out["has_more"] = messages, next != ""
	if next != "" {
		out["response_metadata"] = object{"next_cursor": next}
	}
	return out, nil
}
