package slacksim_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func (b *inbox) interactions() []slack.InteractionCallback {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []slack.InteractionCallback
	for _, ev := range b.got {
		if in, ok := ev.Data.(slack.InteractionCallback); ok {
			out = append(out, in)
		}
	}
	return out
}

func TestAPressCarriesWhatSlackSends(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	general := d.room("general")
	option := func(v string) *slack.OptionBlockObject { return slack.NewOptionBlockObject(v, words("Option "+v), nil) }
	_, ts, err := d.api.PostMessage(general, slack.MsgOptionText("plan", false), slack.MsgOptionBlocks(
		slack.NewActionBlock("plan",
			slack.NewOptionsSelectBlockElement("static_select", words("Which run?"), "run", option("41"), option("42")),
			button("Review", "review", "R1 3f9a"),
			slack.NewOverflowBlockElement("more", option("reject"), option("withdraw")))))
	require.NoError(t, err)
	ctx, ana := d.ctx(), d.sim.As("ana")

	_, err = ana.Press(ctx, "#general", "Which run?", slacksim.Choosing("Option 42"))
	require.NoError(t, err)
	_, err = ana.Press(ctx, "#general", "Review")
	require.NoError(t, err)
	_, err = ana.Press(ctx, "#general", "Option withdraw")
	require.NoError(t, err)

	got := in.interactions()
	require.Len(t, got, 3)
	require.Equal(t, "42", got[0].ActionCallback.BlockActions[0].SelectedOption.Value)
	press := got[1]
	require.Equal(t, slack.InteractionTypeBlockActions, press.Type)
	require.Equal(t, "R1 3f9a", press.ActionCallback.BlockActions[0].Value)
	require.Equal(t, "review", press.ActionCallback.BlockActions[0].ActionID)
	require.Equal(t, d.id("ana"), press.User.ID)
	require.NotEmpty(t, press.User.TeamID)
	require.Equal(t, general, press.Channel.ID)
	require.Equal(t, ts, press.Message.Timestamp)
	require.Equal(t, ts, press.Container.MessageTs)
	require.NotEmpty(t, press.ResponseURL)
	require.NotEmpty(t, press.TriggerID)
	require.Equal(t, "42", press.BlockActionState.Values["plan"]["run"].SelectedOption.Value)
	require.Equal(t, "withdraw", got[2].ActionCallback.BlockActions[0].SelectedOption.Value)

	resp := postJSON(t, press.ResponseURL, `{"text":"replaced","replace_original":true}`)
	require.Equal(t, "ok", read(t, resp))
	_, err = ana.Await(ctx, "#general", slacksim.Contains("replaced"))
	require.NoError(t, err)
}

func TestAPressOnAnEphemeralHasNoMessage(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	general := d.room("general")
	_, err := d.api.PostEphemeral(general, d.id("ana"), slack.MsgOptionText("again?", false), slack.MsgOptionBlocks(
		slack.NewActionBlock("b", button("Try again", "again", ""))))
	require.NoError(t, err)
	_, err = d.sim.As("ana").Press(d.ctx(), "#general", "Try again")
	require.NoError(t, err)
	got := in.interactions()[0]
	require.Empty(t, got.Message.Timestamp)
	require.True(t, got.Container.IsEphemeral)
	resp := postJSON(t, got.ResponseURL, `{"delete_original":true}`)
	require.Equal(t, "ok", read(t, resp))
	short, cancel := contextFor(20_000_000)
	defer cancel()
	_, err = d.sim.As("ana").Press(short, "#general", "Try again")
	require.ErrorContains(t, err, "nothing in #general shows @ana")
}

func TestEveryInputOfAFormReachesTheApp(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	got := make(chan slack.InteractionCallback, 1)
	triggers := d.triggered(func(in slack.InteractionCallback) any { got <- in; return nil })
	option := func(v string) *slack.OptionBlockObject { return slack.NewOptionBlockObject(v, words("Option "+v), nil) }
	in := func(label string, e slack.BlockElement) slack.Block {
		b := slack.NewInputBlock(label, words(label), nil, e)
		b.Optional = true
		return b
	}
	number := slack.NewNumberInputBlockElement(nil, "x", false)
	number.MaxValue = "100"
	ctx, ana := d.ctx(), d.sim.As("ana")
	_, err := ana.Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	_, err = d.api.OpenView(<-triggers, form("All",
		in("select", slack.NewOptionsSelectBlockElement("static_select", nil, "x", option("a"), option("b"))),
		in("multi", slack.NewOptionsMultiSelectBlockElement("multi_static_select", nil, "x", option("a"), option("b"))),
		in("radio", slack.NewRadioButtonsBlockElement("x", option("a"), option("b"))),
		in("boxes", slack.NewCheckboxGroupsBlockElement("x", option("a"), option("b"))),
		in("person", slack.NewOptionsSelectBlockElement("users_select", nil, "x")),
		in("people", slack.NewOptionsMultiSelectBlockElement("multi_users_select", nil, "x")),
		in("channel", slack.NewOptionsSelectBlockElement("channels_select", nil, "x")),
		in("date", slack.NewDatePickerBlockElement("x")),
		in("time", slack.NewTimePickerBlockElement("x")),
		in("number", number),
		in("mail", slack.NewEmailTextInputBlockElement(nil, "x")),
	))
	require.NoError(t, err)
	v, err := ana.Modal(ctx)
	require.NoError(t, err)
	values := slacksim.Values{
		"select": "Option a", "multi": []string{"a", "Option b"}, "radio": "b", "boxes": []string{"a"}, "person": "ben", "people": []string{"ben", "@chi"},
		"channel": "#random", "date": "2026-03-28", "time": "09:30", "number": 101, "mail": "ana",
	}
	res, err := v.Submit(ctx, values)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"number": "Must be no more than 100.", "mail": "Please enter a valid email address."}, res.Errors)
	res, err = v.Submit(ctx, slacksim.Values{"number": 99, "mail": "ana@example.com"})
	require.NoError(t, err)
	require.Equal(t, "closed", res.Result)

	state := (<-got).View.State.Values
	require.Equal(t, "a", state["select"]["x"].SelectedOption.Value)
	require.Len(t, state["multi"]["x"].SelectedOptions, 2)
	require.Equal(t, "b", state["radio"]["x"].SelectedOption.Value)
	require.Equal(t, "a", state["boxes"]["x"].SelectedOptions[0].Value)
	require.Equal(t, d.id("ben"), state["person"]["x"].SelectedUser)
	require.Equal(t, []string{d.id("ben"), d.id("chi")}, state["people"]["x"].SelectedUsers)
	require.Regexp(t, "^C", state["channel"]["x"].SelectedChannel)
	require.Equal(t, "2026-03-28", state["date"]["x"].SelectedDate)
	require.Equal(t, "09:30", state["time"]["x"].SelectedTime)
	require.Equal(t, "99", state["number"]["x"].Value)
	require.Equal(t, "ana@example.com", state["mail"]["x"].Value)
}

func TestShortcutsAndAClosedView(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	closed := make(chan slack.InteractionCallback, 1)
	triggers := make(chan slack.InteractionCallback, 2)
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		_ = sock.Ack(*ev.Request)
		in, ok := ev.Data.(slack.InteractionCallback)
		switch {
		case ok && in.Type == slack.InteractionTypeViewClosed:
			closed <- in
		case ok:
			triggers <- in
		}
	})
	ctx, ana := d.ctx(), d.sim.As("ana")
	said, err := ana.Says(ctx, "#general", "leads look wrong")
	require.NoError(t, err)
	_, err = ana.Shortcut(ctx, "open.message", "#general", said.TS)
	require.NoError(t, err)
	in := <-triggers
	require.Equal(t, slack.InteractionTypeMessageAction, in.Type)
	require.Equal(t, "leads look wrong", in.Message.Text)
	_, err = ana.Shortcut(ctx, "open", "", "")
	require.NoError(t, err)
	in = <-triggers
	require.Equal(t, slack.InteractionTypeShortcut, in.Type)
	view := form("Open", field("b", "What happened"))
	view.NotifyOnClose = true
	_, err = d.api.OpenView(in.TriggerID, view)
	require.NoError(t, err)
	v, err := ana.Modal(ctx)
	require.NoError(t, err)
	_, err = v.Close(ctx)
	require.NoError(t, err)
	require.Equal(t, v.ID, (<-closed).View.ID)
	require.Empty(t, ana.Views())
}

func TestWhatAPersonCannotDo(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Workspace: slacksim.Workspace{App: slacksim.WorkspaceApp{
		Manifest: []byte(`{"features":{"slash_commands":[{"command":"/snafu"}]},"oauth_config":{"scopes":{"bot":["chat:write"]}}}`),
	}}})
	ctx := d.ctx()
	for name, try := range map[string]func() error{
		"a command that the app does not have": func() error { _, err := d.sim.As("ana").Slash(ctx, "#general", "/other"); return err },
		"an unknown person":                    func() error { _, err := d.sim.As("zoe").Slash(ctx, "#general", "/snafu"); return err },
		"a guest elsewhere":                    func() error { _, err := d.sim.As("gus").Says(ctx, "#random", "hi"); return err },
		"a command in a thread": func() error {
			m, err := d.sim.As("ana").Says(ctx, "#general", "root")
			require.NoError(t, err)
			_, err = d.sim.As("ana").Replies(ctx, "#general", m.TS, "/snafu status")
			return err
		},
		"somebody deactivated": func() error {
			yes := true
			require.NoError(t, d.sim.Admin().Person("ben", slacksim.PersonChange{Deactivated: &yes}))
			_, err := d.sim.As("ben").Says(ctx, "#general", "hi")
			return err
		},
	} {
		var no *slacksim.NotPossible
		require.ErrorAs(t, try(), &no, name)
	}
	_, err := d.api.GetTeamInfo()
	require.EqualError(t, err, "missing_scope", "the manifest does not ask for it")
}
