package slacksim_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func plain(n int) args { return args{"type": "plain_text", "text": long(n)} }

func option(label, value int) args { return args{"text": plain(label), "value": long(value)} }

func acting(elements ...any) []any {
	return []any{args{"type": "actions", "elements": elements}}
}

func selecting(kind string, more args) args {
	out := args{"type": kind, "action_id": "a"}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// What the client library cannot say, or bends before it is sent.
func TestLimitsOfEveryBlockAndElement(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	options := func(n int) []any {
		return many(n, func(i int) any { return args{"text": plain(1), "value": fmt.Sprint("v", i)} })
	}
	groups := func(n int) []any {
		return many(n, func(int) any { return args{"label": plain(1), "options": options(2)} })
	}
	input := func(more args) []any {
		b := args{"type": "input", "label": plain(3), "element": args{"type": "plain_text_input", "action_id": "a"}}
		for k, v := range more {
			b[k] = v
		}
		return []any{b}
	}
	address := func(n int) string { return "https://example.com/" + long(n-20) }
	for _, c := range []struct {
		name string
		most int
		of   func(n int) []any
	}{
		{"title of an image", 2000, func(n int) []any {
			return []any{args{"type": "image", "image_url": "https://example.com/a", "alt_text": "a", "title": plain(n)}}
		}},
		{"address of an image", 3000, func(n int) []any {
			return []any{args{"type": "image", "image_url": address(n), "alt_text": "a"}}
		}},
		{"alt text of a small image", 2000, func(n int) []any {
			return []any{args{"type": "context", "elements": []any{args{"type": "image", "image_url": "https://example.com/a", "alt_text": long(n)}}}}
		}},
		{"hint", 2000, func(n int) []any { return input(args{"hint": plain(n)}) }},
		{"label", 2000, func(n int) []any { return input(args{"label": plain(n)}) }},
		{"placeholder of a text", 150, func(n int) []any {
			return input(args{"element": selecting("plain_text_input", args{"placeholder": plain(n)})})
		}},
		{"length of a text at least", 3000, func(n int) []any {
			return input(args{"element": selecting("plain_text_input", args{"min_length": n})})
		}},
		{"text to begin with", 3000, func(n int) []any {
			return input(args{"element": selecting("plain_text_input", args{"initial_value": long(n)})})
		}},
		{"address of a button", 3000, func(n int) []any {
			return acting(selecting("button", args{"text": plain(1), "url": address(n)}))
		}},
		{"description of an option", 75, func(n int) []any {
			o := option(1, 1)
			o["description"] = plain(n)
			return acting(selecting("radio_buttons", args{"options": []any{o}}))
		}},
		{"label of a group", 75, func(n int) []any {
			return acting(selecting("static_select", args{"option_groups": []any{args{"label": plain(n), "options": options(1)}}}))
		}},
		{"groups", 100, func(n int) []any {
			return acting(selecting("static_select", args{"option_groups": groups(n)}))
		}},
		{"options of a group", 100, func(n int) []any {
			return acting(selecting("multi_static_select", args{"option_groups": []any{args{"label": plain(1), "options": options(n)}}}))
		}},
		{"checkboxes", 10, func(n int) []any { return acting(selecting("checkboxes", args{"options": options(n)})) }},
		{"options of a multiple select", 100, func(n int) []any {
			return acting(selecting("multi_static_select", args{"options": options(n)}))
		}},
		{"markdown in all blocks", 12000, func(n int) []any {
			return []any{args{"type": "markdown", "text": long(6000)}, args{"type": "markdown", "text": long(n - 6000)}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d.fine("chat.postMessage", args{"channel": general, "text": "t", "blocks": c.of(c.most)})
			d.refusedWith("invalid_blocks", "chat.postMessage", args{"channel": general, "text": "t", "blocks": c.of(c.most + 1)})
		})
	}
	for _, c := range []struct {
		name   string
		blocks []any
		where  string
	}{
		{"an empty select", acting(selecting("static_select", nil)), "/blocks/0/elements/0/options"},
		{"no elements", acting(), "/blocks/0/elements"},
		{"an input among actions", acting(selecting("plain_text_input", nil)), "/blocks/0/elements/0/type"},
		{"an input beside text", []any{args{"type": "section", "text": plain(1), "accessory": selecting("email_text_input", nil)}}, "/blocks/0/accessory/type"},
		{"a button in an input", input(args{"element": selecting("button", args{"text": plain(1)})}), "/blocks/0/element/type"},
		{"an input without an element", input(args{"element": nil}), "/blocks/0/element"},
		{"a number that may or may not be whole", input(args{"element": selecting("number_input", nil)}), "/blocks/0/element/is_decimal_allowed"},
		{"a date that is none", acting(selecting("datepicker", args{"initial_date": "tomorrow"})), "/blocks/0/elements/0/initial_date"},
		{"a time that is none", acting(selecting("timepicker", args{"initial_time": "25:00"})), "/blocks/0/elements/0/initial_time"},
		{"an instant that is none", acting(selecting("datetimepicker", args{"initial_date_time": 7})), "/blocks/0/elements/0/initial_date_time"},
		{"none to be picked", acting(selecting("multi_users_select", args{"max_selected_items": 0})), "/blocks/0/elements/0/max_selected_items"},
		{"a choice that is not offered", acting(selecting("radio_buttons", args{"options": options(1), "initial_option": option(1, 1)})), "/blocks/0/elements/0"},
		{"a question that is no object", acting(selecting("button", args{"text": plain(1), "confirm": "sure?"})), "/blocks/0/elements/0/confirm/title"},
		{"a colour of its own", acting(selecting("button", args{"text": plain(1), "style": "pink"})), "/blocks/0/elements/0/style"},
		{"a header in mrkdwn", []any{args{"type": "header", "text": args{"type": "mrkdwn", "text": "x"}}}, "/blocks/0/text/type"},
		{"a section of nothing", []any{args{"type": "section"}}, "/blocks/0"},
		{"an image from nowhere", []any{args{"type": "image", "alt_text": "a", "image_url": "a.png"}}, "/blocks/0/image_url"},
		{"rich text of nothing", []any{args{"type": "rich_text"}}, "/blocks/0/elements"},
		{"rich text of text alone", []any{args{"type": "rich_text", "elements": []any{args{"type": "text", "text": "x"}}}}, "/blocks/0/elements/0/type"},
		{"a cell of nothing", []any{args{"type": "table", "rows": []any{[]any{args{"type": "cell"}}}}}, "/blocks/0/rows/0/0/type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			where := d.refusedWith("invalid_blocks", "chat.postMessage", args{"channel": general, "text": "t", "blocks": c.blocks})
			require.Contains(t, where, "[json-pointer:"+c.where+"]")
		})
	}
}

func TestLimitsOfLists(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	attachments := func(n int) []any { return many(n, func(int) any { return args{"text": "a"} }) }
	d.fine("chat.postMessage", args{"channel": general, "attachments": attachments(100)})
	d.refusedWith("too_many_attachments", "chat.postMessage", args{"channel": general, "attachments": attachments(101)})

	people := many(101, func(i int) string { return fmt.Sprintf("U%010d", i) })
	d.refusedWith("user_not_found", "conversations.invite", args{"channel": general, "users": people[:100]})
	d.refusedWith("invalid_arguments", "conversations.invite", args{"channel": general, "users": people})

	for range 100 {
		d.fine("pins.add", args{"channel": general, "timestamp": d.posted(general, "x")})
	}
	last := d.posted(general, "x")
	d.refusedWith("too_many_pins", "pins.add", args{"channel": general, "timestamp": last})
	for i := range 23 {
		d.fine("reactions.add", args{"channel": general, "timestamp": last, "name": fmt.Sprint("e", i)})
	}
	d.refusedWith("too_many_reactions", "reactions.add", args{"channel": general, "timestamp": last, "name": "more"})

	d.fine("conversations.setPurpose", args{"channel": general, "purpose": long(250)})
	d.refusedWith("too_long", "conversations.setPurpose", args{"channel": general, "purpose": long(251)})
	d.fine("chat.postMessage", args{"channel": general, "markdown_text": long(12000)})
	d.refusedWith("invalid_arguments", "chat.postMessage", args{"channel": general, "markdown_text": long(12001)})
	cut := d.fine("chat.postMessage", args{"channel": general, "text": long(40001)})
	require.Equal(t, "message_truncated", cut["warning"])
	require.Len(t, at(cut, "message", "text"), 40000)
}

func TestLimitsOfAManifest(t *testing.T) {
	t.Parallel()
	made := func(m args) error {
		raw, err := json.Marshal(m)
		require.NoError(t, err)
		ws := slacksim.DefaultWorkspace()
		ws.App.Manifest = raw
		sim, err := slacksim.Start(slacksim.Options{Workspace: ws})
		if err == nil {
			require.NoError(t, sim.Close())
		}
		return err
	}
	shown := func(key string) func(n int) args {
		return func(n int) args { return args{"display_information": args{key: long(n)}} }
	}
	shortcuts := func(n, name, words int) args {
		one := args{"type": "global", "name": long(name), "description": long(words), "callback_id": "c"}
		return args{"features": args{"shortcuts": many(n, func(int) args { return one })}}
	}
	for _, c := range []struct {
		what string
		most int
		of   func(n int) args
	}{
		{"the name", 35, shown("name")},
		{"the description", 140, shown("description")},
		{"the long description", 4000, shown("long_description")},
		{"the command", 32, func(n int) args {
			return args{"features": args{"slash_commands": []any{args{"command": "/" + long(n-1)}}}}
		}},
		{"the name of the shortcut", 24, func(n int) args { return shortcuts(1, n, 3) }},
		{"the description of the shortcut", 150, func(n int) args { return shortcuts(1, 3, n) }},
		{"shortcuts", 10, func(n int) args { return shortcuts(n, 3, 3) }},
	} {
		require.NoError(t, made(c.of(c.most)), c.what)
		require.ErrorContains(t, made(c.of(c.most+1)), c.what)
	}
	require.NoError(t, made(shown("long_description")(175)))
	require.ErrorContains(t, made(shown("long_description")(174)), "at least 175")
}
