package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"snafu/bot/view"
)

// kind says what a payload is about.
type kind string

const (
	kindCommand    kind = "command"
	kindPress      kind = "press"
	kindSubmission kind = "submission"
	kindShortcut   kind = "shortcut"
	kindClosed     kind = "closed"
	kindEvent      kind = "event"
)

// The envelope types of Socket Mode; HTTP request URLs carry the same payloads.
const (
	envelopeCommand     = "slash_commands"
	envelopeInteraction = "interactive"
	envelopeEvent       = "events_api"
)

// incoming is one payload of Slack, whichever way it came. It is decoded by
// hand: Slack writes is_enterprise_install as a string in commands and as a
// boolean elsewhere, and one malformed block must not lose a press.
type incoming struct {
	Envelope string
	Raw      json.RawMessage

	kind        kind
	key         string // the receipt's key; see receiptKey
	team, user  string
	enterprise  string // of the workspace, not of the person
	channel     string
	message     string // ts of the message that was pressed
	thread      string // ts of its thread
	trigger     string
	responseURL string

	command, text string // of a command

	quote view.Quote // of a message shortcut

	action, value string // of a press: the button's id and what it carries
	block         string

	callback string // of a submission or shortcut; the type of an event
	tab      string // of a look at the app: "home" or "messages"
	view     string
	viewHash string
	modal    bool   // the view is a form, and no Home tab
	acted    string // when an element was used, by Slack's clock
	meta     string // the modal's private_metadata
	fields   form
}

// form holds what a person typed into a modal: block id to values.
type form map[string][]string

// get returns the one value of a block, without blanks around it.
func (f form) get(block string) string {
	if len(f[block]) == 0 {
		return ""
	}
	return strings.TrimSpace(f[block][0])
}

type wireCommand struct {
	Command, Text string
	TeamID        string `json:"team_id"`
	EnterpriseID  string `json:"enterprise_id"`
	UserID        string `json:"user_id"`
	ChannelID     string `json:"channel_id"`
	TriggerID     string `json:"trigger_id"`
	ResponseURL   string `json:"response_url"`
}

type wireID struct {
	ID     string `json:"id"`
	TeamID string `json:"team_id"`
}

type wireOption struct {
	Value string `json:"value"`
}

// wireInput is the state of one element; which field is filled depends on
// what kind of element it is.
type wireInput struct {
	Type                  string       `json:"type"`
	ActionID              string       `json:"action_id"`
	ActionTS              string       `json:"action_ts"`
	BlockID               string       `json:"block_id"`
	Value                 string       `json:"value"`
	SelectedOption        *wireOption  `json:"selected_option"`
	SelectedOptions       []wireOption `json:"selected_options"`
	SelectedUser          string       `json:"selected_user"`
	SelectedUsers         []string     `json:"selected_users"`
	SelectedConversation  string       `json:"selected_conversation"`
	SelectedChannel       string       `json:"selected_channel"`
	SelectedConversations []string     `json:"selected_conversations"`
	SelectedDate          string       `json:"selected_date"`
	SelectedTime          string       `json:"selected_time"`
}

func (w wireInput) values() []string {
	if w.SelectedOption != nil {
		return []string{w.SelectedOption.Value}
	}
	if len(w.SelectedOptions) > 0 {
		all := make([]string, len(w.SelectedOptions))
		for i, o := range w.SelectedOptions {
			all[i] = o.Value
		}
		return all
	}
	if len(w.SelectedUsers) > 0 {
		return w.SelectedUsers
	}
	if len(w.SelectedConversations) > 0 {
		return w.SelectedConversations
	}
	for _, one := range []string{w.Value, w.SelectedUser, w.SelectedConversation, w.SelectedChannel, w.SelectedDate, w.SelectedTime} {
		if one != "" {
			return []string{one}
		}
	}
	return nil
}

type wireMessage struct {
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	User     string `json:"user"`
	Text     string `json:"text"`
	Files    []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"files"`
}

type wireInteraction struct {
	Type        string      `json:"type"`
	User        wireID      `json:"user"`
	Team        wireID      `json:"team"`
	Enterprise  *wireID     `json:"enterprise"`
	Channel     wireID      `json:"channel"`
	TriggerID   string      `json:"trigger_id"`
	ResponseURL string      `json:"response_url"`
	CallbackID  string      `json:"callback_id"`
	Actions     []wireInput `json:"actions"`
	Container   struct {
		ChannelID string `json:"channel_id"`
		MessageTS string `json:"message_ts"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Message wireMessage `json:"message"`
	View    struct {
		ID              string `json:"id"`
		Type            string `json:"type"`
		Hash            string `json:"hash"`
		CallbackID      string `json:"callback_id"`
		PrivateMetadata string `json:"private_metadata"`
		State           struct {
			Values map[string]map[string]wireInput `json:"values"`
		} `json:"state"`
	} `json:"view"`
}

type wireEvent struct {
	TeamID  string `json:"team_id"`
	EventID string `json:"event_id"`
	Event   struct {
		Type    string          `json:"type"`
		User    json.RawMessage `json:"user"`    // an id in some events, an object in others
		Channel json.RawMessage `json:"channel"` // likewise
		Tab     string          `json:"tab"`
		// Of a reaction.
		Reaction string `json:"reaction"`
		Item     struct {
			Type    string `json:"type"`
			Channel string `json:"channel"`
			TS      string `json:"ts"`
		} `json:"item"`
		View struct {
			ID string `json:"id"`
		} `json:"view"`
		// Of a message.
		Subtype  string      `json:"subtype"`
		Message  wireEdition `json:"message"`
		Previous wireEdition `json:"previous_message"`
	} `json:"event"`
}

// wireEdition is a message before or after it was edited.
type wireEdition struct {
	TS    string `json:"ts"`
	User  string `json:"user"`
	BotID string `json:"bot_id"`
	Text  string `json:"text"`
}

// decode reads a payload. Its error means that the payload is none that Slack
// documents; nothing can be done about it but to say so in the log.
func decode(envelope string, raw json.RawMessage) (incoming, error) {
	in := incoming{Envelope: envelope, Raw: raw}
	var err error
	switch envelope {
	case envelopeCommand:
		err = in.decodeCommand(raw)
	case envelopeInteraction:
		err = in.decodeInteraction(raw)
	case envelopeEvent:
		err = in.decodeEvent(raw)
	default:
		err = fmt.Errorf("unknown envelope %q", envelope)
	}
	if err != nil {
		return in, fmt.Errorf("read payload: %w", err)
	}
	if in.key == "" {
		in.key = receiptKey(in.trigger, raw)
	}
	return in, nil
}

// receiptKey names a payload for ever. An envelope id or a signature would not
// do: a redelivery may bring new ones.
func receiptKey(id string, raw []byte) string {
	if id != "" {
		return id
	}
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (in *incoming) decodeCommand(raw []byte) error {
	var w wireCommand
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	in.kind = kindCommand
	in.command, in.text = w.Command, w.Text
	in.team, in.user, in.enterprise = w.TeamID, w.UserID, w.EnterpriseID
	in.channel, in.trigger, in.responseURL = w.ChannelID, w.TriggerID, w.ResponseURL
	return nil
}

func (in *incoming) decodeInteraction(raw []byte) error {
	var w wireInteraction
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	// The person's own team, not the one where the press happened.
	in.team, in.user = w.User.TeamID, w.User.ID
	if in.team == "" {
		in.team = w.Team.ID
	}
	if w.Enterprise != nil {
		in.enterprise = w.Enterprise.ID
	}
	in.trigger, in.responseURL = w.TriggerID, w.ResponseURL
	in.channel = first(w.Channel.ID, w.Container.ChannelID)
	in.message = first(w.Message.TS, w.Container.MessageTS)
	in.thread = first(w.Message.ThreadTS, w.Container.ThreadTS)
	in.view, in.viewHash, in.meta = w.View.ID, w.View.Hash, w.View.PrivateMetadata
	in.modal = w.View.Type == "modal"
	switch w.Type {
	case "block_actions":
		in.decodeFields(w)
		return in.decodePress(w)
	case "view_submission":
		in.kind, in.callback = kindSubmission, w.View.CallbackID
		in.decodeFields(w)
		// The same view submitted again under a new trigger is the same act.
		if w.View.ID != "" {
			in.key = "view:" + w.View.ID + ":" + w.View.Hash
		}
	case "view_closed":
		in.kind, in.callback = kindClosed, w.View.CallbackID
	case "shortcut", "message_action":
		in.kind, in.callback = kindShortcut, w.CallbackID
		in.quote = quoteOf(in.channel, w.Message)
	default:
		return fmt.Errorf("unknown interaction %q", w.Type)
	}
	return nil
}

// decodeFields reads what a form holds, also when a button in it is pressed.
func (in *incoming) decodeFields(w wireInteraction) {
	in.fields = form{}
	for block, inputs := range w.View.State.Values {
		for _, input := range inputs {
			in.fields[block] = append(in.fields[block], input.values()...)
		}
	}
}

func (in *incoming) decodePress(w wireInteraction) error {
	if len(w.Actions) == 0 {
		return fmt.Errorf("a press without an action")
	}
	in.kind = kindPress
	in.action, in.block, in.acted = w.Actions[0].ActionID, w.Actions[0].BlockID, w.Actions[0].ActionTS
	if values := w.Actions[0].values(); len(values) > 0 {
		in.value = values[0]
	}
	return nil
}

func (in *incoming) decodeEvent(raw []byte) error {
	var w wireEvent
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	in.kind, in.team, in.callback = kindEvent, w.TeamID, w.Event.Type
	in.tab, in.view = w.Event.Tab, w.Event.View.ID
	if in.action = w.Event.Reaction; w.Event.Item.Type == "message" {
		in.channel, in.message = w.Event.Item.Channel, w.Event.Item.TS
	}
	if json.Unmarshal(w.Event.User, &in.user) != nil {
		in.user = ""
	}
	if in.channel == "" && json.Unmarshal(w.Event.Channel, &in.channel) != nil {
		in.channel = ""
	}
	if m := w.Event.Message; w.Event.Subtype == messageEdited && m.BotID == "" && m.Text != w.Event.Previous.Text {
		// Slack says the same where it unfurls a link, and of our own cards.
		in.callback, in.message = messageEdited, m.TS
	}
	in.key = receiptKey(w.EventID, raw)
	return nil
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
