package slacksim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func many[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

func long(n int) string { return strings.Repeat("x", n) }

// Metadata is for ids. Slack publishes no size; this one is generous, and said.
func TestTheSizeOfMetadataHasAnEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	sized := func(n int) args { // n bytes as JSON
		return args{"event_type": "e", "event_payload": args{"a": long(n - len(`{"event_payload":{"a":""},"event_type":"e"}`))}}
	}
	for method, a := range map[string]args{
		"chat.postMessage":     {"channel": o.public, "text": "t"},
		"chat.update":          {"channel": o.public, "ts": o.ts, "text": "t"},
		"chat.scheduleMessage": {"channel": o.public, "text": "t", "post_at": noon.Unix() + 60},
	} {
		o.fine(method, a.but("metadata", sized(16384)))
		require.Contains(t, o.refusedWith("metadata_too_large", method, a.but("metadata", sized(16385))), "16384 bytes", method)
	}
}

// Each limit holds, and one more is refused with the name that Slack gives.
func TestLimitsOfMessages(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	blocks := func(b ...slack.Block) slack.MsgOption { return slack.MsgOptionBlocks(b...) }
	actions := func(e ...slack.BlockElement) slack.Block { return slack.NewActionBlock("b", e...) }
	options := func(n, label, value int) []*slack.OptionBlockObject {
		return many(n, func(i int) *slack.OptionBlockObject {
			v := fmt.Sprint(i)
			return slack.NewOptionBlockObject(v+long(value-len(v)), words(v+long(label-len(v))), nil)
		})
	}
	cases := []struct {
		name string
		most int
		with func(n int) slack.MsgOption
		want string
	}{
		{"blocks of a message", 50, func(n int) slack.MsgOption {
			return blocks(many(n, func(int) slack.Block { return slack.NewDividerBlock() })...)
		}, "invalid_blocks"},
		{"section text", 3000, func(n int) slack.MsgOption { return blocks(section(long(n))) }, "invalid_blocks"},
		{"fields of a section", 10, func(n int) slack.MsgOption {
			return blocks(slack.NewSectionBlock(nil, many(n, func(int) *slack.TextBlockObject { return words("f") }), nil))
		}, "invalid_blocks"},
		{"a field", 2000, func(n int) slack.MsgOption {
			return blocks(slack.NewSectionBlock(nil, []*slack.TextBlockObject{words(long(n))}, nil))
		}, "invalid_blocks"},
		{"header", 150, func(n int) slack.MsgOption { return blocks(slack.NewHeaderBlock(words(long(n)))) }, "invalid_blocks"},
		{"elements of a context", 10, func(n int) slack.MsgOption {
			return blocks(slack.NewContextBlock("", many(n, func(int) slack.MixedElement { return words("c") })...))
		}, "invalid_blocks"},
		{"elements of actions", 25, func(n int) slack.MsgOption {
			return blocks(actions(many(n, func(i int) slack.BlockElement { return button("b", fmt.Sprint("a", i), "") })...))
		}, "invalid_blocks"},
		{"button text", 75, func(n int) slack.MsgOption { return blocks(actions(button(long(n), "a", ""))) }, "invalid_blocks"},
		{"button value", 2000, func(n int) slack.MsgOption { return blocks(actions(button("b", "a", long(n)))) }, "invalid_blocks"},
		{"action_id", 255, func(n int) slack.MsgOption { return blocks(actions(button("b", long(n), ""))) }, "invalid_blocks"},
		{"block_id", 255, func(n int) slack.MsgOption { return blocks(slack.NewActionBlock(long(n), button("b", "a", ""))) }, "invalid_blocks"},
		{"image alt text", 2000, func(n int) slack.MsgOption {
			return blocks(slack.NewImageBlock("https://example.com/a.png", long(n), "", nil))
		}, "invalid_blocks"},
		{"options of a select", 100, func(n int) slack.MsgOption {
			return blocks(actions(slack.NewOptionsSelectBlockElement("static_select", words("p"), "a", options(n, 5, 5)...)))
		}, "invalid_blocks"},
		{"option text", 75, func(n int) slack.MsgOption {
			return blocks(actions(slack.NewOptionsSelectBlockElement("static_select", words("p"), "a", options(1, n, 5)...)))
		}, "invalid_blocks"},
		{"option value", 150, func(n int) slack.MsgOption {
			return blocks(actions(slack.NewOptionsSelectBlockElement("static_select", words("p"), "a", options(1, 5, n)...)))
		}, "invalid_blocks"},
		{"placeholder", 150, func(n int) slack.MsgOption {
			return blocks(actions(slack.NewOptionsSelectBlockElement("static_select", words(long(n)), "a", options(1, 5, 5)...)))
		}, "invalid_blocks"},
		{"options of an overflow menu", 5, func(n int) slack.MsgOption {
			return blocks(actions(slack.NewOverflowBlockElement("a", options(n, 5, 5)...)))
		}, "invalid_blocks"},
		{"radio buttons", 10, func(n int) slack.MsgOption {
			return blocks(actions(slack.NewRadioButtonsBlockElement("a", options(n, 5, 5)...)))
		}, "invalid_blocks"},
		{"all block text together", 13200, func(n int) slack.MsgOption {
			return blocks(section(long(3000)), section(long(3000)), section(long(3000)), section(long(3000)), section(long(n-12000)))
		}, "msg_blocks_too_long"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := d.api.PostMessage(general, slack.MsgOptionText("t", false), c.with(c.most))
			require.NoError(t, err)
			_, _, err = d.api.PostMessage(general, slack.MsgOptionText("t", false), c.with(c.most+1))
			require.EqualError(t, err, c.want)
		})
	}
	t.Run("text of an update", func(t *testing.T) {
		_, ts, err := d.api.PostMessage(general, slack.MsgOptionText("t", false))
		require.NoError(t, err)
		_, _, _, err = d.api.UpdateMessage(general, ts, slack.MsgOptionText(long(4000), false))
		require.NoError(t, err)
		_, _, _, err = d.api.UpdateMessage(general, ts, slack.MsgOptionText(long(4001), false))
		require.EqualError(t, err, "msg_too_long")
	})
	t.Run("text of a post is cut with a warning", func(t *testing.T) {
		_, ts, err := d.api.PostMessage(general, slack.MsgOptionText(long(40001), false))
		require.NoError(t, err)
		msg, err := d.sim.As("ana").Await(d.ctx(), "#general", slacksim.After("0"))
		require.NoError(t, err)
		require.Equal(t, ts, msg.TS)
		require.Len(t, msg.Text, 40000)
	})
	t.Run("ids must differ", func(t *testing.T) {
		_, _, err := d.api.PostMessage(general, blocks(slack.NewActionBlock("b", button("x", "a", ""), button("y", "a", ""))))
		require.EqualError(t, err, "invalid_blocks")
		_, _, err = d.api.PostMessage(general, blocks(slack.NewActionBlock("b", button("x", "a", "")), slack.NewActionBlock("b", button("y", "a", ""))))
		require.EqualError(t, err, "invalid_blocks")
	})
}

func TestLimitsOfChannels(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	create := func(name string) error {
		_, err := d.api.CreateConversation(slack.CreateConversationParams{ChannelName: name})
		return err
	}
	require.NoError(t, create(long(80)))
	for name, want := range map[string]string{
		long(81): "invalid_name_maxlength", "": "invalid_name_required", "Upper": "invalid_name_specials", "a b": "invalid_name_specials",
		"a.b": "invalid_name_specials", "--": "invalid_name_punctuation", "général": "invalid_name_specials",
	} {
		require.EqualError(t, create(name), want, name)
	}
	general := d.room("general")
	_, err := d.api.SetTopicOfConversation(general, long(250))
	require.NoError(t, err)
	_, err = d.api.SetTopicOfConversation(general, long(251))
	require.EqualError(t, err, "too_long")
	_, err = d.api.SetPurposeOfConversation(general, long(251))
	require.EqualError(t, err, "too_long")
	_, err = d.api.InviteUsersToConversation(general, many(101, func(i int) string { return fmt.Sprintf("U%010d", i) })...)
	require.EqualError(t, err, "invalid_arguments")
}

func TestLimitsOfViews(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	triggers := make(chan string, 1)
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		_ = sock.Ack(*ev.Request)
		if cmd, ok := ev.Data.(slack.SlashCommand); ok {
			triggers <- cmd.TriggerID
		}
	})
	open := func(change func(v *slack.ModalViewRequest)) error {
		_, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu form")
		require.NoError(t, err)
		v := form("Title", field("b", "Label"))
		change(&v)
		_, err = d.api.OpenView(<-triggers, v)
		return err
	}
	input := func(label string) slack.Blocks { return slack.Blocks{BlockSet: []slack.Block{field("b", label)}} }
	cases := []struct {
		name   string
		most   int
		change func(v *slack.ModalViewRequest, n int)
	}{
		{"title", 24, func(v *slack.ModalViewRequest, n int) { v.Title = words(long(n)) }},
		{"submit", 24, func(v *slack.ModalViewRequest, n int) { v.Submit = words(long(n)) }},
		{"close", 24, func(v *slack.ModalViewRequest, n int) { v.Close = words(long(n)) }},
		{"private_metadata", 3000, func(v *slack.ModalViewRequest, n int) { v.PrivateMetadata = long(n) }},
		{"callback_id", 255, func(v *slack.ModalViewRequest, n int) { v.CallbackID = long(n) }},
		{"external_id", 255, func(v *slack.ModalViewRequest, n int) { v.ExternalID = long(n) }},
		{"blocks", 100, func(v *slack.ModalViewRequest, n int) {
			v.Blocks = slack.Blocks{BlockSet: many(n, func(i int) slack.Block { return field(fmt.Sprint("b", i), "L") })}
		}},
		{"input label", 2000, func(v *slack.ModalViewRequest, n int) { v.Blocks = input(long(n)) }},
		{"max_length of a text", 3000, func(v *slack.ModalViewRequest, n int) {
			e := slack.NewPlainTextInputBlockElement(nil, "t")
			e.MaxLength = n
			v.Blocks = slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("b", words("L"), nil, e)}}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, open(func(v *slack.ModalViewRequest) { c.change(v, c.most) }))
			require.EqualError(t, open(func(v *slack.ModalViewRequest) { c.change(v, c.most+1) }), "invalid_arguments")
		})
	}
	t.Run("a form needs a submit button", func(t *testing.T) {
		require.EqualError(t, open(func(v *slack.ModalViewRequest) { v.Submit = nil }), "invalid_arguments")
	})
	t.Run("250 kB", func(t *testing.T) {
		require.EqualError(t, open(func(v *slack.ModalViewRequest) {
			v.Blocks = slack.Blocks{BlockSet: many(100, func(int) slack.Block { return section(long(2900)) })}
		}), "view_too_large")
	})
}

// Blocks as an app without a client library sends them.
func TestLimitsOfBlocksWrittenByHand(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	send := func(blocks string) string {
		resp := postJSON(t, d.sim.APIURL()+"chat.postMessage?token=xoxb-simulated", `{"channel":"`+general+`","text":"t","blocks":`+blocks+`}`)
		return read(t, resp)
	}
	cell := `{"type":"raw_text","text":"x"}`
	table := func(rows, columns int) string {
		row := "[" + strings.Join(many(columns, func(int) string { return cell }), ",") + "]"
		return `[{"type":"table","rows":[` + strings.Join(many(rows, func(int) string { return row }), ",") + `]}]`
	}
	ask := func(title, text, yes int) string {
		o := func(n int) string { return `{"type":"plain_text","text":"` + long(n) + `"}` }
		return `[{"type":"actions","elements":[{"type":"button","action_id":"a","text":` + o(3) + `,"confirm":{"title":` + o(title) +
			`,"text":` + o(text) + `,"confirm":` + o(yes) + `,"deny":` + o(3) + `}}]}]`
	}
	markdown := func(n int) string { return `[{"type":"markdown","text":"` + long(n) + `"}]` }
	for name, c := range map[string]struct{ fits, not, where string }{
		"rows of a table":    {table(100, 2), table(101, 2), "/blocks/0/rows"},
		"columns of a table": {table(2, 20), table(2, 21), "/blocks/0/rows/0"},
		"tables":             {table(1, 1), strings.Replace(table(1, 1), "]}]", "]},"+table(1, 1)[1:], 1), "/blocks/1"},
		"confirm title":      {ask(100, 3, 3), ask(101, 3, 3), "/blocks/0/elements/0/confirm/title/text"},
		"confirm text":       {ask(3, 300, 3), ask(3, 301, 3), "/blocks/0/elements/0/confirm/text/text"},
		"confirm button":     {ask(3, 3, 30), ask(3, 3, 31), "/blocks/0/elements/0/confirm/confirm/text"},
		"markdown":           {markdown(12000), markdown(12001), "/blocks/0/text"},
		"kinds of blocks":    {`[{"type":"divider"}]`, `[{"type":"sparkle"}]`, "/blocks/0/type"},
		"kinds of elements":  {ask(3, 3, 3), `[{"type":"actions","elements":[{"type":"lever"}]}]`, "/blocks/0/elements/0/type"},
	} {
		require.Contains(t, send(c.fits), `"ok":true`, name)
		refused := send(c.not)
		require.Contains(t, refused, `"error":"invalid_blocks"`, name)
		require.Contains(t, refused, "[json-pointer:"+c.where+"]", name)
	}
	require.Contains(t, send(`[{"type":"video"}]`), "block_not_drawn:video")
	require.Contains(t, send(`"no list"`), "invalid_blocks_format")
}
