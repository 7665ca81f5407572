package slacksim_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func home(words string) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{section(words)}}}
}

func TestAStackOfThreeViews(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	triggers := make(chan string, 10)
	closed := make(chan slack.InteractionCallback, 10)
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		_ = sock.Ack(*ev.Request)
		in, ok := ev.Data.(slack.InteractionCallback)
		cmd, isCommand := ev.Data.(slack.SlashCommand)
		switch {
		case isCommand:
			triggers <- cmd.TriggerID
		case ok && in.Type == slack.InteractionTypeViewClosed:
			closed <- in
		case ok:
			triggers <- in.TriggerID
		}
	})
	ctx, ana := d.ctx(), d.sim.As("ana")
	view := func(title string) slack.ModalViewRequest {
		v := form(title, field("b", "Reason"), slack.NewActionBlock("more", button("More", "more", "1")))
		v.NotifyOnClose, v.ExternalID = true, "x-"+title
		return v
	}
	slash := func() string {
		_, err := ana.Slash(ctx, "#general", "/snafu form")
		require.NoError(t, err)
		return <-triggers
	}
	more := func() string {
		v, err := ana.Modal(ctx)
		require.NoError(t, err)
		_, err = v.Press(ctx, "More")
		require.NoError(t, err)
		return <-triggers
	}
	_, err := d.api.PushView(slash(), view("none"))
	require.EqualError(t, err, "not_found", "there is nothing to push upon")
	_, err = d.api.OpenView(slash(), view("one"))
	require.NoError(t, err)
	one := ana.Views()[0]
	_, err = d.api.PushView(more(), view("one"))
	require.EqualError(t, err, "duplicate_external_id")
	_, err = d.api.PushView(more(), view("two"))
	require.NoError(t, err)
	_, err = one.Press(ctx, "More")
	require.ErrorContains(t, err, "not on top")
	_, err = d.api.PushView(more(), view("three"))
	require.NoError(t, err)
	_, err = d.api.PushView(more(), view("four"))
	require.EqualError(t, err, "push_limit_reached")

	changed := view("two")
	changed.Title = words("Changed")
	_, err = d.api.UpdateView(changed, "x-two", "", "")
	require.NoError(t, err, "an update finds a view below the top by its external id")
	require.Equal(t, "Changed", ana.Views()[1].Title)

	v, err := ana.Modal(ctx)
	require.NoError(t, err)
	_, err = v.Close(ctx)
	require.NoError(t, err)
	require.False(t, (<-closed).IsCleared)
	require.Len(t, ana.Views(), 2)
	v, err = ana.Modal(ctx)
	require.NoError(t, err)
	_, err = v.CloseAll(ctx)
	require.NoError(t, err)
	require.True(t, (<-closed).IsCleared)
	require.True(t, (<-closed).IsCleared)
	require.Empty(t, ana.Views())

	_, err = d.api.OpenView(slash(), view("one"))
	require.NoError(t, err)
	_, err = d.api.OpenView(more(), view("root"))
	require.NoError(t, err, "a new root replaces what is open")
	require.Len(t, ana.Views(), 1)
	require.Equal(t, "root", ana.Views()[0].Title)
	api := d.sim.Traffic("api")
	require.Contains(t, api[len(api)-1].Warnings, "modal_replaced")
}

func TestAnElementThatAsksIsAnsweredFirst(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	general := d.room("general")
	run := button("Run", "run", "1")
	run.Confirm = slack.NewConfirmationBlockObject(words("Sure?"), words("It writes."), words("Yes"), words("No"))
	_, _, err := d.api.PostMessage(general, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(slack.NewActionBlock("b", run)))
	require.NoError(t, err)
	code, out := d.ask("POST", "/sim/as/ana/press", `{"channel":"#general","label":"Run"}`)
	require.Equal(t, 409, code, out)
	require.Contains(t, out["detail"], "confirmation")
	d.ok("POST", "/sim/as/ana/press", `{"channel":"#general","label":"Run","confirm":true}`)
	require.Len(t, in.interactions(), 1)
}

func TestAManifestSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Workspace: slacksim.Workspace{App: slacksim.WorkspaceApp{
		Name: "snafu", Manifest: manifest(t, nil, []string{"commands", "chat:write"}),
	}}})
	var in inbox
	d.connect(in.handle)
	ctx, ana := d.ctx(), d.sim.As("ana")
	said, err := ana.Says(ctx, "#general", "x")
	require.NoError(t, err)
	for name, try := range map[string]func() error{
		"no such shortcut":              func() error { _, err := ana.Shortcut(ctx, "other", "", ""); return err },
		"a global one on a message":     func() error { _, err := ana.Shortcut(ctx, "open", "#general", said.TS); return err },
		"one of messages on no message": func() error { _, err := ana.Shortcut(ctx, "note", "", ""); return err },
	} {
		require.ErrorContains(t, try(), "shortcut", name)
	}
	_, err = ana.Shortcut(ctx, "open", "", "")
	require.NoError(t, err)
	_, err = ana.Shortcut(ctx, "note", "#general", said.TS)
	require.NoError(t, err)
	_, err = ana.Slash(ctx, "#general", "/snafu tell @ben <b> & #random")
	require.NoError(t, err)
	require.Equal(t, "tell @ben <b> & #random", in.commands()[0].Text, "should_escape is false")
}

func TestAResponseURLChangesWhatWasPressed(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.connect(ackAll)
	general := d.room("general")
	ana := d.sim.As("ana")
	d.shows(general, "Run")
	act, err := ana.Press(d.ctx(), "#general", "Run")
	require.NoError(t, err)
	require.Contains(t, act.ResponseURL, d.sim.APIURL()[:len(d.sim.APIURL())-len("/api/")], "the app knows the host")
	say := func(body, want string) {
		t.Helper()
		require.Equal(t, want, read(t, postJSON(t, act.ResponseURL, body)))
	}
	seen := func() []slacksim.Message {
		all, err := ana.Sees("#general")
		require.NoError(t, err)
		return all
	}
	root := seen()[len(seen())-1].TS
	say(`{"text":"only ana"}`, "ok")
	require.NotEmpty(t, seen()[len(seen())-1].EphemeralTo)
	say(`{"text":"in the thread","response_type":"in_channel","thread_ts":"`+root+`"}`, "ok")
	require.Equal(t, root, seen()[len(seen())-1].ThreadTS)
	say(`{"replace_original":true,"text":"done"}`, "ok")
	say(`{"delete_original":true}`, "ok")
	say(`{"replace_original":true,"text":"gone"}`, "message_not_found")
	for _, m := range seen() {
		require.NotEqual(t, root, m.TS)
	}
	require.NoError(t, d.sim.Advance(31*time.Minute))
}
