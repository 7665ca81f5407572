package slacksim_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// approver is a small app in one function: a command opens a channel with a plan,
// a button opens a form, and the form wants the number of rows.
func (d *desk) approver(sock *socketmode.Client, ev socketmode.Event) {
	switch ev.Type {
	case socketmode.EventTypeSlashCommand:
		cmd := ev.Data.(slack.SlashCommand)
		_ = sock.Ack(*ev.Request)
		ch, err := d.api.CreateConversation(slack.CreateConversationParams{ChannelName: "snafu-42-mqls-became-sqls"})
		require.NoError(d.t, err)
		_, err = d.api.InviteUsersToConversation(ch.ID, cmd.UserID)
		require.NoError(d.t, err)
		_, ts, err := d.api.PostMessage(ch.ID, slack.MsgOptionText("SNAFU-42", false), slack.MsgOptionBlocks(
			section("*SNAFU-42* · MQLs became SQLs · SEV2 · Triage · lead <@"+cmd.UserID+">")))
		require.NoError(d.t, err)
		require.NoError(d.t, d.api.AddPin(ch.ID, slack.ItemRef{Channel: ch.ID, Timestamp: ts}))
		_, _, err = d.api.PostMessage(ch.ID, slack.MsgOptionText("R1", false), slack.MsgOptionBlocks(
			section("R1 r1 by <@"+cmd.UserID+"> waits for 2 of 2 approvals · 1,169 to write"),
			slack.NewActionBlock("plan", button("Review and approve", "plan.review", "R1"), button("Reject", "plan.reject", "R1"))))
		require.NoError(d.t, err)
	case socketmode.EventTypeInteractive:
		d.approverPressed(sock, ev)
	default:
		_ = sock.Ack(*ev.Request)
	}
}

func (d *desk) approverPressed(sock *socketmode.Client, ev socketmode.Event) {
	in := ev.Data.(slack.InteractionCallback)
	switch in.Type {
	case slack.InteractionTypeBlockActions:
		_ = sock.Ack(*ev.Request)
		if in.User.Name == "ana" {
			_, err := d.api.PostEphemeral(in.Channel.ID, in.User.ID, slack.MsgOptionText("You asked for R1, so your approval cannot count.", false))
			require.NoError(d.t, err)
			return
		}
		view := form("Approve R1", field("rows", "Rows to write"))
		view.PrivateMetadata = in.Channel.ID + " " + in.Message.Timestamp
		_, err := d.api.OpenView(in.TriggerID, view)
		require.NoError(d.t, err)
	case slack.InteractionTypeViewSubmission:
		typed := in.View.State.Values["rows"]["text"].Value
		if typed != "1169" {
			_ = sock.Ack(*ev.Request, slack.NewErrorsViewSubmissionResponse(map[string]string{"rows": "R1 writes 1,169 leads; you typed " + typed + "."}))
			return
		}
		_ = sock.Ack(*ev.Request)
		channel, ts := in.View.PrivateMetadata[:11], in.View.PrivateMetadata[12:]
		_, _, _, err := d.api.UpdateMessage(channel, ts, slack.MsgOptionText("R1", false), slack.MsgOptionBlocks(
			section("R1 is approved by <@"+in.User.ID+">"), slack.NewActionBlock("plan", button("Run", "plan.run", "R1"))))
		require.NoError(d.t, err)
	}
}

func TestAStoryReadsLikeTheConversation(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.connect(d.approver)
	ctx := d.ctx()
	ana, ben := d.sim.As("ana"), d.sim.As("ben")

	act, err := ana.Slash(ctx, "#general", "/snafu open sev2 MQLs became SQLs")
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	ch, err := ana.AwaitChannel(ctx, "#snafu-42")
	require.NoError(t, err)
	plan, err := ana.Await(ctx, ch.Name, slacksim.Shows("Reject"))
	require.NoError(t, err)
	require.Equal(t, "R1 r1 by @ana waits for 2 of 2 approvals · 1,169 to write", plan.Plain)

	_, err = ana.Press(ctx, ch.Name, "Review and approve")
	require.NoError(t, err)
	only, err := ana.Await(ctx, ch.Name, slacksim.OnlyForMe())
	require.NoError(t, err)
	require.Equal(t, "You asked for R1, so your approval cannot count.", only.Plain)

	_, err = ben.Joins(ctx, ch.Name)
	require.NoError(t, err)
	_, err = ben.Press(ctx, ch.Name, "Review and approve")
	require.NoError(t, err)
	view, err := ben.Modal(ctx)
	require.NoError(t, err)
	res, err := view.Submit(ctx, slacksim.Values{"Rows to write": "1176"})
	require.NoError(t, err)
	require.Equal(t, "errors", res.Result)
	require.Equal(t, map[string]string{"rows": "R1 writes 1,169 leads; you typed 1176."}, res.Errors)
	res, err = view.Submit(ctx, slacksim.Values{"Rows to write": "1169"})
	require.NoError(t, err)
	require.Equal(t, "closed", res.Result)
	require.Nil(t, res.View)
	_, err = ana.Await(ctx, ch.Name, slacksim.Shows("Run"))
	require.NoError(t, err)
	require.NoError(t, d.sim.Idle(ctx))

	golden(t, "story", d.sim.Transcript(ch.Name, "#general"))
}
