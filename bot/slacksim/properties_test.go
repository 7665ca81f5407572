package slacksim_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAPropertyThatABlockDoesNotHaveIsRefused(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	for place, block := range map[string]string{
		"/blocks/0]":                                `{"type":"section","text":{"type":"mrkdwn","text":"x"},"accesory":{}}`,
		"/blocks/0/text]":                           `{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`,
		"/blocks/0/elements/0]":                     `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"x"},"label":"y"}]}`,
		"/blocks/0/elements/0/options/0]":           `{"type":"actions","elements":[{"type":"overflow","options":[{"text":{"type":"plain_text","text":"x"},"value":"1","colour":"red"}]}]}`,
		"/blocks/0/elements/0/confirm]":             `{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"x"},"confirm":{"title":{"type":"plain_text","text":"t"},"text":{"type":"plain_text","text":"t"},"confirm":{"type":"plain_text","text":"y"},"deny":{"type":"plain_text","text":"n"},"ok":1}}]}`,
		"/blocks/0/elements/0/option_groups/0]":     `{"type":"actions","elements":[{"type":"static_select","option_groups":[{"label":{"type":"plain_text","text":"x"},"name":"g","options":[{"text":{"type":"plain_text","text":"x"},"value":"1"}]}]}]}`,
		"/blocks/0/elements/0/filter]":              `{"type":"actions","elements":[{"type":"conversations_select","filter":{"only":"im"}}]}`,
		"/blocks/0/element/dispatch_action_config]": `{"type":"input","label":{"type":"plain_text","text":"x"},"element":{"type":"plain_text_input","dispatch_action_config":{"on":"enter"}}}`,
	} {
		said := d.refusedWith("invalid_blocks", "chat.postMessage", args{"channel": general, "text": "x", "blocks": "[" + block + "]"})
		require.Contains(t, said, "invalid additional property", block)
		require.Contains(t, said, "json-pointer:"+place, block)
	}
	// null is as good as absent.
	d.fine("chat.postMessage", args{"channel": general, "text": "x", "blocks": `[{"type":"divider","text":null}]`})
}

func TestAViewThatCameBackIsNotAViewToSend(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	home := args{"type": "home", "blocks": []any{args{"type": "divider"}}}
	got, _ := d.fine("views.publish", args{"user_id": d.id("ana"), "view": home})["view"].(map[string]any)
	said := d.refusedWith("invalid_arguments", "views.publish", args{"user_id": d.id("ana"), "view": got})
	require.Contains(t, said, "invalid additional property: hash [json-pointer:/view]")
}

// An app that changes a message often sends the blocks that it got with a press.
func TestBlocksOfAMessageCanBeSentAgain(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	posted := d.fine("chat.postMessage", args{"channel": general, "text": "x", "blocks": []any{
		args{"type": "section", "text": args{"type": "mrkdwn", "text": "x", "verbatim": false}},
		args{"type": "image", "image_url": "https://example.com/x.png", "alt_text": "x"},
		args{"type": "actions", "elements": []any{args{"type": "button", "text": args{"type": "plain_text", "text": "x", "emoji": true}}}},
		args{"type": "rich_text", "elements": []any{args{"type": "rich_text_section", "elements": []any{args{"type": "text", "text": "x"}}}}},
	}})
	blocks, err := json.Marshal(at(posted, "message", "blocks"))
	require.NoError(t, err)
	d.fine("chat.update", args{"channel": general, "ts": posted["ts"], "text": "x", "blocks": string(blocks)})
}
