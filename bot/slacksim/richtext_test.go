package slacksim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// What a person types comes as rich text too, in events, payloads and history.
func TestWhatAPersonTypesComesAsRichTextToo(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	d.connect(ackAll)
	require.NoError(t, d.sim.Admin().Usergroup("oncall", "ben"))
	ids := strings.NewReplacer("ANA", d.id("ana"), "GENERAL", general, "GROUP", groupID(d, "oncall"))
	for typed, want := range map[string]string{
		"a < b & c": `[{"type":"rich_text_section","elements":[{"type":"text","text":"a < b & c"}]}]`,
		"ask @ana in #general, @oncall or @here": `[{"type":"rich_text_section","elements":[
			{"type":"text","text":"ask "},{"type":"user","user_id":"ANA"},{"type":"text","text":" in "},{"type":"channel","channel_id":"GENERAL"},
			{"type":"text","text":", "},{"type":"usergroup","usergroup_id":"GROUP"},{"type":"text","text":" or "},{"type":"broadcast","range":"here"}]}]`,
		"see https://example.com/a?b=1&c=2 :eyes:": `[{"type":"rich_text_section","elements":[
			{"type":"text","text":"see "},{"type":"link","url":"https://example.com/a?b=1&c=2"},{"type":"text","text":" "},{"type":"emoji","name":"eyes"}]}]`,
		"ana@example.com": `[{"type":"rich_text_section","elements":[{"type":"link","url":"mailto:ana@example.com","text":"ana@example.com"}]}]`,
		"*bold _and @ana said_*, ~gone~ `a*b*c`": `[{"type":"rich_text_section","elements":[
			{"type":"text","text":"bold ","style":{"bold":true}},{"type":"text","text":"and ","style":{"bold":true,"italic":true}},
			{"type":"user","user_id":"ANA","style":{"bold":true,"italic":true}},{"type":"text","text":" said","style":{"bold":true,"italic":true}},{"type":"text","text":", "},
			{"type":"text","text":"gone","style":{"strike":true}},{"type":"text","text":" "},{"type":"text","text":"a*b*c","style":{"code":true}}]}]`,
		"12:30:45 is 2*3*4, and lead_status_new": `[{"type":"rich_text_section","elements":[{"type":"text","text":"12:30:45 is 2*3*4, and lead_status_new"}]}]`,
		"> said\n> twice\nso I ran\n```\nselect *\n```": `[{"type":"rich_text_quote","elements":[{"type":"text","text":"said\ntwice"}]},
			{"type":"rich_text_section","elements":[{"type":"text","text":"so I ran"}]},
			{"type":"rich_text_preformatted","border":0,"elements":[{"type":"text","text":"select *"}]}]`,
	} {
		said, err := d.sim.As("ana").Says(d.ctx(), "#general", typed)
		require.NoError(t, err)
		require.Empty(t, said.Blocks, "people read the text")
		require.NoError(t, d.sim.Idle(d.ctx()))
		messages := d.events("message", "")
		event := messages[len(messages)-1]
		require.Equal(t, "rich_text", at(event, "blocks", 0, "type"))
		require.NotEmpty(t, at(event, "blocks", 0, "block_id"))
		elements, err := json.Marshal(at(event, "blocks", 0, "elements"))
		require.NoError(t, err)
		require.JSONEq(t, ids.Replace(want), string(elements), typed)
		read := d.fine("conversations.history", args{"channel": general, "limit": 1})
		require.Equal(t, at(event, "blocks"), at(read, "messages", 0, "blocks"))
	}

	// Slack's client for Go reads all of it.
	for _, x := range d.sim.Traffic("envelope") {
		raw, err := json.Marshal(at(x.Request, "payload"))
		require.NoError(t, err)
		_, err = slackevents.ParseEvent(raw, slackevents.OptionNoVerifyToken())
		require.NoError(t, err, string(raw))
	}
	history, err := d.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: general})
	require.NoError(t, err)
	require.Equal(t, slack.MBTRichText, history.Messages[0].Blocks.BlockSet[0].BlockType())

	// What nobody typed has none: lines of the channel, and what the app says.
	d.fine("chat.postMessage", args{"channel": general, "text": "plain"})
	read := d.fine("conversations.history", args{"channel": general, "limit": 1})
	require.Nil(t, at(read, "messages", 0, "blocks"))
	require.Nil(t, d.events("message", "channel_join")[0]["blocks"])
}
