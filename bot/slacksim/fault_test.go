package slacksim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func (d *desk) fault(f slacksim.Fault) string {
	d.t.Helper()
	id, err := d.sim.Fault(f)
	require.NoError(d.t, err)
	return id
}

func TestFaultsOfTheAPI(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	general := d.room("general")
	post := func() error {
		_, _, err := d.api.PostMessage(general, slack.MsgOptionText("hello", false))
		return err
	}
	only := slacksim.Match{Method: "chat.postMessage", Channel: "#general"}
	count := func() int {
		seen, err := d.sim.As("ana").Sees("#general")
		require.NoError(t, err)
		n := 0
		for _, m := range seen {
			if m.Plain == "hello" {
				n++
			}
		}
		return n
	}

	t.Run("a documented error, after one call let pass", func(t *testing.T) {
		d.fault(slacksim.Fault{Kind: "api.error", Match: only, Skip: 1, Error: "restricted_action"})
		require.NoError(t, post())
		require.EqualError(t, post(), "restricted_action")
		require.NoError(t, post())
	})
	t.Run("an error that Slack does not document is refused", func(t *testing.T) {
		_, err := d.sim.Fault(slacksim.Fault{Kind: "api.error", Match: only, Error: "hash_conflict"})
		require.ErrorContains(t, err, "does not document")
	})
	t.Run("too fast", func(t *testing.T) {
		d.fault(slacksim.Fault{Kind: "api.rate_limited", Match: only, RetryAfter: 7})
		var limited *slack.RateLimitedError
		require.ErrorAs(t, post(), &limited)
		require.Equal(t, 7*time.Second, limited.RetryAfter)
	})
	t.Run("the reply is lost, the message is there", func(t *testing.T) {
		before := count()
		d.fault(slacksim.Fault{Kind: "api.lost_reply", Match: only})
		require.Error(t, post())
		require.Equal(t, before+1, count())
	})
	t.Run("the request is lost", func(t *testing.T) {
		before := count()
		d.fault(slacksim.Fault{Kind: "api.lost_request", Match: only})
		require.Error(t, post())
		require.Equal(t, before, count())
	})
	t.Run("a broken server, until it is mended", func(t *testing.T) {
		id := d.fault(slacksim.Fault{Kind: "api.http_error", Status: 502, HTML: true, Always: true})
		for range 3 {
			var status slack.StatusCodeError
			require.True(t, errors.As(post(), &status))
			require.Equal(t, 502, status.Code)
		}
		d.sim.Unfault(id)
		require.NoError(t, post())
	})
	t.Run("nonsense is refused", func(t *testing.T) {
		_, err := d.sim.Fault(slacksim.Fault{Kind: "api.gremlin"})
		require.ErrorContains(t, err, "no fault")
	})
}

func TestAPayloadDeliveredTenTimes(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var a, b inbox
	d.connect(a.handle)
	d.connect(b.handle)
	d.fault(slacksim.Fault{Kind: "socket.duplicate", Match: slacksim.Match{Command: "/snafu"}, Copies: 9})
	_, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu open x")
	require.NoError(t, err)
	require.NoError(t, d.sim.Idle(d.ctx()))
	got := append(a.commands(), b.commands()...)
	require.Len(t, got, 10)
	require.NotEmpty(t, a.commands())
	require.NotEmpty(t, b.commands())
	for _, cmd := range got {
		require.Equal(t, got[0].TriggerID, cmd.TriggerID)
	}
	_, err = d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu open y")
	require.NoError(t, err)
	require.Len(t, append(a.commands(), b.commands()...), 11)
}

func TestADroppedAcknowledgementIsATimeout(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	var in inbox
	d.connect(in.handle)
	d.fault(slacksim.Fault{Kind: "socket.drop_ack"})
	shown := make(chan string)
	go func() {
		act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu open x")
		if err != nil {
			t.Error(err)
		}
		shown <- act.Shown
	}()
	require.Eventually(t, func() bool { return len(d.sim.Traffic("ack")) == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, d.sim.Advance(3*time.Second))
	require.Contains(t, <-shown, "operation_timeout")
}

func TestAnAcknowledgementTooLargeIsDropped(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		err := sock.Ack(*ev.Request, map[string]string{"text": strings.Repeat("x", 20480)})
		if err == nil {
			t.Error("the client let it pass")
		}
		_ = sock.Ack(*ev.Request, map[string]string{"text": strings.Repeat("x", 20000)})
	})
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu open x")
	require.NoError(t, err)
	require.Len(t, act.Shown, 20000)
}

func TestSlackIsAway(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	general := d.room("general")
	refuse := d.fault(slacksim.Fault{Kind: "socket.refuse", Always: true})
	broken := d.fault(slacksim.Fault{Kind: "api.http_error", Always: true})
	d.fault(slacksim.Fault{Kind: "socket.cut"})
	require.NoError(t, d.sim.AwaitConnections(d.ctx(), 0))
	_, _, err := d.api.PostMessage(general, slack.MsgOptionText("x", false))
	require.Error(t, err)
	d.sim.Unfault(refuse)
	d.sim.Unfault(broken)
	require.NoError(t, d.sim.AwaitConnections(d.ctx(), 1))
}
