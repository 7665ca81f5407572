package slacksim_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// triggered connects an app that acknowledges commands and presses and hands out
// their triggers; submissions go to the handler.
func (d *desk) triggered(submitted func(in slack.InteractionCallback) any) chan string {
	triggers := make(chan string, 10)
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		in, interactive := ev.Data.(slack.InteractionCallback)
		if interactive && in.Type == slack.InteractionTypeViewSubmission {
			if answer := submitted(in); answer != nil {
				_ = sock.Ack(*ev.Request, answer)
			} else {
				_ = sock.Ack(*ev.Request)
			}
			return
		}
		_ = sock.Ack(*ev.Request)
		if cmd, ok := ev.Data.(slack.SlashCommand); ok {
			triggers <- cmd.TriggerID
		} else if interactive {
			triggers <- in.TriggerID
		}
	})
	return triggers
}

func TestATriggerOpensOneViewWithinThreeSeconds(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	triggers := d.triggered(nil)
	ana := d.sim.As("ana")
	trigger := func() string {
		_, err := ana.Slash(d.ctx(), "#general", "/snafu form")
		require.NoError(t, err)
		return <-triggers
	}
	open := func(id string) error {
		_, err := d.api.OpenView(id, form("T", field("b", "L")))
		return err
	}
	first := trigger()
	require.Regexp(t, `^\d{13}\.\d{13}\.[0-9a-f]{32}$`, first)
	require.NoError(t, open(first))
	require.EqualError(t, open(first), "exchanged_trigger_id")
	require.EqualError(t, open("1.2.3"), "invalid_trigger_id")

	onTime, late := trigger(), trigger()
	require.NoError(t, d.sim.Advance(3*time.Second))
	require.NoError(t, open(onTime))
	require.NoError(t, d.sim.Advance(time.Millisecond))
	require.EqualError(t, open(late), "expired_trigger_id")
}

func TestFormsAnswerInEveryWay(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Log: quiet()})
	var answer func(in slack.InteractionCallback) any
	triggers := d.triggered(func(in slack.InteractionCallback) any { return answer(in) })
	ctx, ana := d.ctx(), d.sim.As("ana")
	open := func() *slacksim.View {
		_, err := ana.Slash(ctx, "#general", "/snafu form")
		require.NoError(t, err)
		_, err = d.api.OpenView(<-triggers, form("Root", field("b", "Reason")))
		require.NoError(t, err)
		v, err := ana.Modal(ctx, slacksim.Shows("Reason"))
		require.NoError(t, err)
		return v
	}
	submit := func(v *slacksim.View) slacksim.Result {
		res, err := v.Submit(ctx, slacksim.Values{"Reason": "because"})
		require.NoError(t, err)
		return res
	}

	t.Run("a required input is asked for before anything is sent", func(t *testing.T) {
		answer = func(slack.InteractionCallback) any { t.Error("it was sent"); return nil }
		res, err := open().Submit(ctx, nil)
		require.NoError(t, err)
		require.Equal(t, "invalid", res.Result)
		require.Equal(t, "Please complete this required field.", res.Errors["b"])
		require.Empty(t, res.Deliveries)
	})
	t.Run("what is closed is not waited for", func(t *testing.T) {
		shut := open()
		_, err := shut.CloseAll(ctx)
		require.NoError(t, err)
		_, err = shut.Submit(ctx, slacksim.Values{"Reason": "because"})
		require.EqualError(t, err, `the view "Root" is closed`)
		_, err = shut.Press(ctx, "Go")
		require.EqualError(t, err, `the view "Root" is closed`)
	})
	t.Run("an unknown input is named with those there are", func(t *testing.T) {
		short, cancel := contextFor(50 * time.Millisecond)
		defer cancel()
		_, err := open().Submit(short, slacksim.Values{"Rows": "1"})
		require.ErrorContains(t, err, `the form has no input "Rows"; it has [Reason]`)
	})
	t.Run("update", func(t *testing.T) {
		answer = func(in slack.InteractionCallback) any {
			require.Equal(t, "because", in.View.State.Values["b"]["text"].Value)
			v := form("Recording…", section("Recording…"))
			v.Submit = nil
			return slack.NewUpdateViewSubmissionResponse(&v)
		}
		res := submit(open())
		require.Equal(t, "updated", res.Result)
		require.Equal(t, "Recording…", res.View.Plain)

		done := form("Done", section("Approved by <@"+d.id("ana")+">"))
		done.Submit = nil
		_, err := d.api.UpdateView(done, "", "stale", res.View.ID)
		require.EqualError(t, err, "hash_conflict")
		_, err = d.api.UpdateView(done, "", res.View.Hash, res.View.ID)
		require.NoError(t, err)
		v, err := ana.Modal(ctx, slacksim.Contains("Approved by @ana"))
		require.NoError(t, err)
		_, err = v.Close(ctx)
		require.NoError(t, err)
		_, err = d.api.UpdateView(done, "", "", res.View.ID)
		require.EqualError(t, err, "not_found")
	})
	t.Run("push, three deep and no deeper", func(t *testing.T) {
		answer = func(slack.InteractionCallback) any {
			v := form("Above", field("b", "Reason"))
			return slack.NewPushViewSubmissionResponse(&v)
		}
		res := submit(open())
		require.Equal(t, "pushed", res.Result)
		res = submit(res.View)
		require.Equal(t, "pushed", res.Result)
		require.Len(t, ana.Views(), 3)
		require.Equal(t, "failed", submit(res.View).Result)
		answer = func(slack.InteractionCallback) any { return slack.NewClearViewSubmissionResponse() }
		res = submit(res.View)
		require.Equal(t, "cleared", res.Result)
		require.Empty(t, ana.Views())
	})
	t.Run("errors for a block that is no input show only trouble", func(t *testing.T) {
		answer = func(slack.InteractionCallback) any {
			return slack.NewErrorsViewSubmissionResponse(map[string]string{"wrong": "No."})
		}
		res := submit(open())
		require.Equal(t, "failed", res.Result)
		require.Equal(t, "We had some trouble connecting. Try again?", res.Shown)
	})
}

func TestViewsPushFromAButtonInAView(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	triggers := d.triggered(nil)
	ctx, ana := d.ctx(), d.sim.As("ana")
	_, err := ana.Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	root := form("Root", field("b", "Reason"), slack.NewActionBlock("more", button("More", "more", "1")))
	_, err = d.api.OpenView(<-triggers, root)
	require.NoError(t, err)
	v, err := ana.Modal(ctx)
	require.NoError(t, err)
	_, err = v.Press(ctx, "More")
	require.NoError(t, err)
	_, err = d.api.PushView(<-triggers, form("Second", field("c", "Detail")))
	require.NoError(t, err)
	views := ana.Views()
	require.Len(t, views, 2)
	require.Equal(t, "Second", views[1].Title)
}

func TestWhatSomebodyTypedSurvivesAnUpdate(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	triggers := d.triggered(func(slack.InteractionCallback) any {
		return slack.NewErrorsViewSubmissionResponse(map[string]string{"b": "Again."})
	})
	ctx, ana := d.ctx(), d.sim.As("ana")
	_, err := ana.Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	_, err = d.api.OpenView(<-triggers, form("F", field("b", "Reason")))
	require.NoError(t, err)
	v, err := ana.Modal(ctx)
	require.NoError(t, err)
	_, err = v.Submit(ctx, slacksim.Values{"b": "typed"})
	require.NoError(t, err)
	_, err = d.api.UpdateView(form("F", section("more"), field("b", "Reason")), "", "", v.ID)
	require.NoError(t, err)
	v, err = v.Refresh()
	require.NoError(t, err)
	require.Equal(t, "typed", v.Inputs[0].Value)
}

func TestTheHomeTab(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.connect(ackAll)
	ctx, ana := d.ctx(), d.sim.As("ana")
	act, err := ana.OpensHome(ctx)
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{section("No incident is open.")}}}
	_, err = d.api.PublishView(d.id("ana"), home, "")
	require.NoError(t, err)
	v, err := ana.Home(ctx, slacksim.Contains("No incident"))
	require.NoError(t, err)
	require.Equal(t, "home", v.Type)
	_, err = d.api.PublishView(d.id("ana"), home, "other")
	require.EqualError(t, err, "hash_conflict")
}
