package slacksim_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestARestartLosesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "slack.jsonl")
	first, err := slacksim.Start(slacksim.Options{StateFile: file, Clock: slacksim.FrozenClock(noon), Log: logTo(t)})
	require.NoError(t, err)
	where, err := url.Parse(first.APIURL())
	require.NoError(t, err)
	d := &desk{t: t, sim: first, api: slack.New("xoxb-simulated", slack.OptionAPIURL(first.APIURL()), slack.OptionAppLevelToken("xapp-simulated"))}
	d.connect(d.approver)

	ctx, ana := d.ctx(), first.As("ana")
	_, err = ana.Slash(ctx, "#general", "/snafu open x")
	require.NoError(t, err)
	ch, err := ana.AwaitChannel(ctx, "snafu-42")
	require.NoError(t, err)
	_, err = ana.Await(ctx, ch.Name, slacksim.Shows("Reject"))
	require.NoError(t, err)
	require.NoError(t, first.Admin().AddPerson(slacksim.WorkspacePerson{Name: "fay"}))
	require.NoError(t, first.Admin().Usergroup("oncall", "ben"))
	_, err = ana.Says(ctx, "@snafu", "in private")
	require.NoError(t, err)
	require.NoError(t, first.Idle(ctx))
	before, messages := first.Transcript(ch.Name), must(ana.Sees(ch.Name))
	require.NoError(t, first.Close())

	// A kill may cut the last line short.
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"kind":"mess`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	again, err := slacksim.Start(slacksim.Options{StateFile: file, Listen: where.Host, Clock: slacksim.FrozenClock(noon), Log: logTo(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, again.Close()) })
	require.Equal(t, before, again.Transcript(ch.Name))
	require.Equal(t, messages, must(again.As("ana").Sees(ch.Name)))
	_, err = again.As("fay").Profile()
	require.NoError(t, err)
	private, err := again.As("ana").Await(ctx, "@snafu", slacksim.Contains("in private"))
	require.NoError(t, err)

	d.sim = again
	require.NoError(t, again.AwaitConnections(d.ctx(), 1), "the app comes back by itself")
	_, err = again.As("ben").Joins(ctx, ch.Name)
	require.NoError(t, err)
	act, err := again.As("ben").Press(ctx, ch.Name, "Review and approve")
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	later, err := again.As("ana").Says(ctx, "@snafu", "and later")
	require.NoError(t, err)
	require.Greater(t, later.TS, private.TS)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
