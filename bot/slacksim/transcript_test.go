package slacksim_test

import (
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestATranscriptReadsAsThePeopleRead(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{
		Clock:     slacksim.FrozenClock(noon),
		Workspace: slacksim.Workspace{Team: slacksim.WorkspaceTeam{TZ: "Europe/Madrid"}},
	})
	general := d.room("general")
	ctx, ana, ben := d.ctx(), d.sim.As("ana"), d.sim.As("ben")
	say := func(thread, mrkdwn string, more ...slack.Block) string {
		_, ts, err := d.api.PostMessage(general, slack.MsgOptionText("fallback", false), slack.MsgOptionTS(thread),
			slack.MsgOptionBlocks(append([]slack.Block{section(mrkdwn)}, more...)...))
		require.NoError(t, err)
		return ts
	}
	root := say("", "*Stopped* by <@"+d.id("ana")+"> in <#"+general+"> at <!date^1774699500^{time}|12:05 UTC> &amp; counted: _2,926_, `run_by` stays `a_b_c`")
	say(root, "in the thread\nsecond line", slack.NewActionBlock("b", button("Yes", "y", ""), button("No", "n", "")))
	say(root, "one button under two lines\nof text", slack.NewActionBlock("b", button("Done", "d", "")))
	say("", "```was   is\nMQL   SQL```after")
	_, err := ana.Replies(ctx, "#general", root, "thank you @ben, see https://example.com/x")
	require.NoError(t, err)
	said, err := ben.Says(ctx, "#general", "2 < 3 & @nobody")
	require.NoError(t, err)
	_, err = ben.Edits(ctx, "#general", said.TS, "2 < 4")
	require.NoError(t, err)
	_, err = ben.Deletes(ctx, "#general", said.TS)
	require.NoError(t, err)
	bar := say("", "written 20")
	for _, words := range []string{"written 120", "written 220"} {
		_, _, _, err = d.api.UpdateMessage(general, bar, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(section(words)))
		require.NoError(t, err)
	}
	_, err = d.api.PostEphemeral(general, d.id("ana"), slack.MsgOptionTS(root), slack.MsgOptionText("only you see this", false))
	require.NoError(t, err)
	golden(t, "words", d.sim.Transcript("#general"))
}

func TestAViewThatOnlyTellsIsToldOnce(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		_ = sock.Ack(*ev.Request)
		cmd, ok := ev.Data.(slack.SlashCommand)
		if !ok {
			return
		}
		loading := form("R1", section("Loading…"))
		loading.Submit = nil
		v, err := d.api.OpenView(cmd.TriggerID, loading)
		require.NoError(t, err)
		told := form("R1", section("Guests cannot approve. <@"+d.id("ben")+"> can."))
		told.Submit = nil
		if cmd.Text == "form" {
			told = form("R1", field("rows", "Rows to write"), field("why", "Reason"))
		}
		_, err = d.api.UpdateView(told, "", v.Hash, v.ID)
		require.NoError(t, err)
	})
	ctx, ana, gus := d.ctx(), d.sim.As("ana"), d.sim.As("gus")
	_, err := gus.Slash(ctx, "#general", "/snafu approve")
	require.NoError(t, err)
	_, err = gus.Modal(ctx, slacksim.Contains("@ben can"))
	require.NoError(t, err)
	_, err = ana.Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	v, err := ana.Modal(ctx, slacksim.Shows("Reason"))
	require.NoError(t, err)
	_, err = v.Submit(ctx, slacksim.Values{"Rows to write": "5", "Reason": "copied"})
	require.NoError(t, err)
	golden(t, "views", d.sim.Transcript("#general"))
}
