package slacksim_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAScheduledMessageComesInItsTime(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	general := d.room("general")
	in := func(after time.Duration) int64 { return noon.Add(after).Unix() }
	later := args{"channel": general, "text": "later", "post_at": in(time.Hour)}
	out := d.fine("chat.scheduleMessage", later)
	require.Regexp(t, `^Q[0-9A-Z]{10}$`, out["scheduled_message_id"])
	require.EqualValues(t, in(time.Hour), out["post_at"])
	require.Equal(t, "delayed_message", at(out, "message", "type"))

	d.refusedWith("time_in_past", "chat.scheduleMessage", later.but("post_at", in(0)))
	d.refusedWith("time_too_far", "chat.scheduleMessage", later.but("post_at", in(121*24*time.Hour)))
	d.refusedWith("invalid_time", "chat.scheduleMessage", later.but("post_at", "soon"))
	d.refusedWith("no_text", "chat.scheduleMessage", later.but("text", nil))

	require.NotContains(t, d.saidIn(general), "later")
	require.NoError(t, d.sim.Advance(time.Hour))
	require.Contains(t, d.saidIn(general), "later")
}

func (d *desk) saidIn(channel string) []string {
	d.t.Helper()
	var out []string
	list, _ := d.fine("conversations.history", args{"channel": channel})["messages"].([]any)
	for _, m := range list {
		out = append(out, at(m, "text").(string))
	}
	return out
}

func TestNoMoreThanThirtyMessagesWaitForFiveMinutes(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	later := args{"channel": d.room("general"), "text": "later", "post_at": noon.Add(time.Hour).Unix()}
	for range 30 {
		d.fine("chat.scheduleMessage", later)
	}
	d.refusedWith("restricted_too_many", "chat.scheduleMessage", later)
	d.fine("chat.scheduleMessage", later.but("post_at", noon.Add(2*time.Hour).Unix()))
}

func TestWhatCannotBePostedAnyMoreIsGivenUp(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	room := at(d.fine("conversations.create", args{"name": "short-lived"}), "channel", "id").(string)
	d.fine("chat.scheduleMessage", args{"channel": room, "text": "later", "post_at": noon.Add(time.Hour).Unix()})
	d.fine("conversations.archive", args{"channel": room})
	require.NoError(t, d.sim.Advance(2*time.Hour))
	require.NotContains(t, d.saidIn(room), "later")
}

func TestAScheduledMessageOutlivesTheWorkspace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state")
	first := start(t, slacksim.Options{StateFile: file, Clock: slacksim.FrozenClock(noon)})
	general := first.room("general")
	first.fine("chat.scheduleMessage", args{"channel": general, "text": "once", "post_at": noon.Add(time.Hour).Unix()})
	require.NoError(t, first.sim.Close())

	again := start(t, slacksim.Options{StateFile: file, Clock: slacksim.FrozenClock(noon.Add(time.Minute))})
	require.NoError(t, again.sim.Advance(time.Hour))
	require.Contains(t, again.saidIn(general), "once")
	require.NoError(t, again.sim.Close())

	third := start(t, slacksim.Options{StateFile: file, Clock: slacksim.FrozenClock(noon.Add(3 * time.Hour))})
	require.NoError(t, third.sim.Advance(time.Hour))
	require.Len(t, third.saidIn(general), 2, "it is posted once; the other line is the app's entry")
}
