package slacksim_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// presses collects the presses that the app hears of.
func (d *desk) presses() chan slack.InteractionCallback {
	heard := make(chan slack.InteractionCallback, 100)
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		ackAll(sock, ev)
		if cb, ok := ev.Data.(slack.InteractionCallback); ok {
			heard <- cb
		}
	})
	return heard
}

func TestElementsOfAnAttachmentArePressed(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general, heard := d.room("general"), d.presses()
	menu := args{"type": "static_select", "action_id": "pick", "placeholder": args{"type": "plain_text", "text": "Pick"}, "options": []any{
		args{"text": args{"type": "plain_text", "text": "One"}, "value": "1"}, args{"text": args{"type": "plain_text", "text": "Two"}, "value": "2"},
	}}
	go1 := args{"type": "button", "action_id": "go", "value": "7", "text": args{"type": "plain_text", "text": "Go"}}
	posted := d.fine("chat.postMessage", args{"channel": general, "text": "look", "attachments": []any{
		args{"color": "#a00", "text": "words only"},
		args{"color": "#0a0", "blocks": []any{args{"type": "actions", "block_id": "deep", "elements": []any{menu, go1}}}},
	}})
	ts, _ := posted["ts"].(string)
	require.EqualValues(t, 1, at(posted, "message", "attachments", 0, "id"))
	require.EqualValues(t, 2, at(posted, "message", "attachments", 1, "id"))

	seen, err := d.sim.As("ana").Await(d.ctx(), "#general", slacksim.Shows("Go"))
	require.NoError(t, err)
	require.Len(t, seen.Actions, 2)
	_, err = d.sim.As("ana").Press(d.ctx(), "#general", "Pick", slacksim.Choosing("Two"))
	require.NoError(t, err)
	require.Equal(t, "2", (<-heard).ActionCallback.BlockActions[0].SelectedOption.Value)
	d.ok("POST", "/sim/as/ana/press", `{"channel":"#general","ts":"`+ts+`","action_id":"go","block_id":"deep"}`)
	cb := <-heard
	require.Equal(t, "7", cb.ActionCallback.BlockActions[0].Value)
	require.Equal(t, "deep", cb.ActionCallback.BlockActions[0].BlockID)
	require.Equal(t, "message_attachment", cb.Container.Type)
	require.EqualValues(t, "2", cb.Container.AttachmentID.String())
	require.Equal(t, ts, cb.Container.MessageTs)
	require.Equal(t, "2", cb.BlockActionState.Values["deep"]["pick"].SelectedOption.Value, "the state holds what was picked")
	require.Len(t, cb.Message.Attachments, 2)
}

// A button needs an id whatever way its message came.
func TestEveryButtonGetsAnID(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.room("general")
	heard := d.presses()
	nameless := `[{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"LABEL"}}]}]`
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu")
	require.NoError(t, err)
	for _, body := range []string{
		`{"response_type":"in_channel","text":"x","blocks":` + nameless + `}`,
		`{"text":"x","attachments":[{"blocks":` + nameless + `}]}`,
	} {
		resp := postJSON(t, act.ResponseURL, body)
		require.Equal(t, "ok", read(t, resp))
		_, err = d.sim.As("ana").Press(d.ctx(), "#general", "LABEL")
		require.NoError(t, err)
		action := (<-heard).ActionCallback.BlockActions[0]
		require.NotEmpty(t, action.BlockID)
		require.NotEmpty(t, action.ActionID)
	}
}

func TestAPersonWhoIsGonePressesAndSubmitsNothing(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	d.shows(general, "Go")
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu")
	require.NoError(t, err)
	_, err = d.api.OpenView(act.TriggerID, form("A form", field("b", "Why")))
	require.NoError(t, err)
	view, err := d.sim.As("ana").Modal(d.ctx())
	require.NoError(t, err)
	gone := true
	require.NoError(t, d.sim.Admin().Person("ana", slacksim.PersonChange{Deactivated: &gone}))
	var no *slacksim.NotPossible
	_, err = d.sim.As("ana").Press(d.ctx(), "#general", "Go")
	require.ErrorAs(t, err, &no)
	_, err = view.Submit(d.ctx(), slacksim.Values{"Why": "x"})
	require.ErrorAs(t, err, &no)
	_, err = view.Close(d.ctx())
	require.ErrorAs(t, err, &no)
}
