package slacksim

import "slices"

// Profile is an account as people see it.
type Profile struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	RealName         string `json:"real_name"`
	Email            string `json:"email"`
	TZ               string `json:"tz"`
	Title            string `json:"title"`
	TeamID           string `json:"team_id"`
	EnterpriseUserID string `json:"enterprise_user_id"`
	Guest            string `json:"guest"` // none, single or multi
	Stranger         bool   `json:"stranger"`
	Bot              bool   `json:"bot"`
	Deactivated      bool   `json:"deactivated"`
	Color            string `json:"color"`
	DM               string `json:"dm"` // the conversation with the app
}

// Channel is a channel as people see it.
type Channel struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Kind     string `json:"kind"` // public, private or dm
	Topic    string `json:"topic"`
	Purpose  string `json:"purpose"`
	Creator  string `json:"creator"`
	Created  int64  `json:"created"`
	Archived bool   `json:"archived"`
	Shared   string `json:"shared"`  // none, pending or external
	Member   bool   `json:"member"`  // the person who looks
	App      bool   `json:"app"`     // the app is a member
	Members  int    `json:"members"` // how many there are
	LastTS   string `json:"last_ts"`
}

// Choice is an option of an element.
type Choice struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Action is an element that can be pressed or chosen from.
type Action struct {
	Label    string   `json:"label"`
	Type     string   `json:"type"`
	ActionID string   `json:"action_id"`
	BlockID  string   `json:"block_id"`
	Value    string   `json:"value"`
	Style    string   `json:"style"`
	URL      string   `json:"url,omitempty"`
	Confirm  bool     `json:"confirm,omitempty"` // it asks for confirmation
	Options  []Choice `json:"options"`
}

// Input is an input of a form.
type Input struct {
	BlockID  string   `json:"block_id"`
	ActionID string   `json:"action_id"`
	Label    string   `json:"label"`
	Type     string   `json:"type"`
	Optional bool     `json:"optional"`
	Value    string   `json:"value"` // as a person reads it
	Options  []Choice `json:"options"`
}

// FileInfo is what one knows of a file without reading it.
type FileInfo struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Size     int64  `json:"size"` // in bytes
	Mimetype string `json:"mimetype"`
}

// Thread is what the message above a thread tells of it.
type Thread struct {
	TS          string   `json:"ts"`
	ReplyCount  int      `json:"reply_count"`
	ReplyUsers  []string `json:"reply_users"`
	LatestReply string   `json:"latest_reply"`
}

// Message is a message as one person sees it.
type Message struct {
	TS          string     `json:"ts"`
	Channel     string     `json:"channel"`
	ThreadTS    string     `json:"thread_ts"`
	User        string     `json:"user"`
	Bot         bool       `json:"bot"`
	Subtype     string     `json:"subtype"`
	Text        string     `json:"text"`
	Blocks      []any      `json:"blocks"`
	Attachments []any      `json:"attachments"`
	Files       []string   `json:"files"`
	Metadata    object     `json:"metadata"`
	EditedTS    string     `json:"edited_ts"`
	Deleted     bool       `json:"deleted"`
	EphemeralTo string     `json:"ephemeral_to"`
	Pinned      bool       `json:"pinned"`
	Reactions   []reaction `json:"reactions"`
	ReplyCount  int        `json:"reply_count"`
	ReplyUsers  []string   `json:"reply_users,omitempty"`
	LatestReply string     `json:"latest_reply,omitempty"`
	Broadcast   bool       `json:"broadcast,omitempty"` // a reply that the channel shows too
	FileList    []FileInfo `json:"file_list,omitempty"`
	Plain       string     `json:"plain"` // as a person reads it
	Actions     []Action   `json:"actions"`
}

func (s *Sim) profile(p *person) Profile {
	return Profile{
		ID: p.ID, Name: p.Name, RealName: p.RealName, Email: p.Email, TZ: p.TZ, Title: p.Title, TeamID: p.TeamID,
		EnterpriseUserID: p.EnterpriseUserID, Guest: or(p.Guest, "none"), Stranger: p.Stranger, Bot: p.Bot,
		Deactivated: p.Deactivated, Color: p.Color, DM: p.DM,
	}
}

func (s *Sim) channelInfo(ch *channel, p *person) Channel {
	out := Channel{
		ID: ch.ID, Name: ch.Name, Kind: ch.Kind, Topic: ch.Topic, Purpose: ch.Purpose, Creator: ch.Creator, Created: ch.Created,
		Archived: ch.Archived, Shared: or(ch.Shared, "none"), Member: p != nil && ch.has(p.ID),
		App: ch.has(s.state.App.BotUser), Members: len(ch.Members),
	}
	if ch.Kind == kindDM {
		out.Name = s.state.App.Name
	}
	for _, m := range slices.Backward(ch.messages) {
		if !m.Deleted && (m.To == "" || p != nil && m.To == p.ID) {
			out.LastTS = m.TS
			break
		}
	}
	return out
}

func (s *Sim) messageInfo(ch *channel, m *message) Message {
	out := Message{
		TS: m.TS, Channel: ch.ID, ThreadTS: m.Thread, User: m.User, Bot: m.User == s.state.App.BotUser, Subtype: m.Subtype,
		Text: m.Text, EditedTS: m.EditedTS, Deleted: m.Deleted, EphemeralTo: m.To, Pinned: ch.pinned(m.TS),
		Files: slices.Clone(m.Files), Plain: s.plainMessage(m), Actions: actionsOf(m.everyBlock()), Broadcast: m.Broadcast,
	}
	t := threadInfo(ch, m.TS)
	out.ReplyCount, out.ReplyUsers, out.LatestReply = t.ReplyCount, t.ReplyUsers, t.LatestReply
	if m.Deleted {
		// Of a deleted message the place in its thread stays, and no word.
		out.Text, out.Plain, out.Files, out.Actions = "", "", nil, []Action{}
		return out
	}
	out.Blocks, out.Attachments, out.Metadata = clone(m.Blocks), clone(m.Attachments), clone(m.Metadata)
	out.Reactions = clone(m.Reactions)
	for _, id := range m.Files {
		if f := s.state.file(id); f != nil {
			out.FileList = append(out.FileList, FileInfo{ID: f.ID, Name: f.Name, Size: f.Size, Mimetype: f.Mimetype})
		}
	}
	return out
}

func threadInfo(ch *channel, root string) Thread {
	t := Thread{TS: root, ReplyUsers: []string{}}
	for _, m := range ch.replies(root) {
		t.ReplyCount, t.LatestReply = t.ReplyCount+1, m.TS
		if !slices.Contains(t.ReplyUsers, m.User) {
			t.ReplyUsers = append(t.ReplyUsers, m.User)
		}
	}
	return t
}

// seenBy lists the messages of a channel as a person sees them, oldest first.
func (s *Sim) seenBy(ch *channel, p *person) []*message {
	var out []*message
	for _, m := range ch.messages {
		if !m.Deleted && (m.To == "" || p != nil && m.To == p.ID) {
			out = append(out, m)
		}
	}
	return out
}

func choices(e object) []Choice {
	out := []Choice{}
	for _, o := range optionsOf(e) {
		out = append(out, Choice{Label: text(child(o, "text"), "text"), Value: text(o, "value")})
	}
	return out
}

func actionsOf(blocks []any) []Action {
	out := []Action{}
	for _, raw := range blocks {
		b, _ := raw.(object)
		if text(b, "type") == "input" {
			continue
		}
		for _, e := range interactive(b) {
			out = append(out, Action{
				Label: labelOf(e), Type: text(e, "type"), ActionID: text(e, "action_id"), BlockID: text(b, "block_id"),
				Value: text(e, "value"), Style: text(e, "style"), URL: text(e, "url"), Confirm: child(e, "confirm") != nil, Options: choices(e),
			})
		}
	}
	return out
}

// View is a modal or a Home tab as its person sees it. It is a picture: Refresh
// takes a new one.
type View struct {
	ID              string            `json:"id"`
	Type            string            `json:"type"`
	CallbackID      string            `json:"callback_id"`
	ExternalID      string            `json:"external_id"`
	Hash            string            `json:"hash"`
	Title           string            `json:"title"`
	SubmitLabel     string            `json:"submit"`
	CloseLabel      string            `json:"close"`
	Blocks          []any             `json:"blocks"`
	PrivateMetadata string            `json:"private_metadata"`
	State           object            `json:"state"`
	Errors          map[string]string `json:"errors"`
	Plain           string            `json:"plain"`
	Inputs          []Input           `json:"inputs"`
	Actions         []Action          `json:"actions"`

	sim    *Sim
	person string
}

func (s *Sim) viewInfo(v *view) *View {
	if v == nil {
		return nil
	}
	out := &View{
		ID: v.ID, Type: v.Type, CallbackID: text(v.body, "callback_id"), ExternalID: text(v.body, "external_id"), Hash: v.Hash,
		Title: text(child(v.body, "title"), "text"), SubmitLabel: text(child(v.body, "submit"), "text"),
		CloseLabel: text(child(v.body, "close"), "text"), Blocks: clone(v.blocks()), PrivateMetadata: text(v.body, "private_metadata"),
		State: clone(object{"values": v.state()}), Errors: clone(v.errors), Plain: s.plainView(v), Actions: actionsOf(v.blocks()),
		Inputs: []Input{}, sim: s, person: v.Person,
	}
	for _, b := range v.inputBlocks() {
		e := child(b, "element")
		out.Inputs = append(out.Inputs, Input{
			BlockID: text(b, "block_id"), ActionID: text(e, "action_id"), Label: text(child(b, "label"), "text"), Type: text(e, "type"),
			Optional: truth(b, "optional"), Value: s.valueText(v.values[text(b, "block_id")][text(e, "action_id")]), Options: choices(e),
		})
	}
	return out
}
