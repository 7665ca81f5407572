package slacksim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestFaultsOfSignedRequests(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	ctx, ana := d.ctx(), d.sim.As("ana")
	require.NoError(t, d.sim.Idle(ctx))
	only := slacksim.Match{Command: "/snafu", Person: "ana"}
	slash := func() slacksim.Act {
		act, err := ana.Slash(ctx, "#general", "/snafu status")
		require.NoError(t, err)
		require.NoError(t, d.sim.Idle(ctx))
		return act
	}
	marked := func(kind string) int {
		n := 0
		for _, x := range d.sim.Traffic("http") {
			if x.Fault == kind {
				n++
			}
		}
		return n
	}

	t.Run("a wrong signature", func(t *testing.T) {
		d.fault(slacksim.Fault{Kind: "http.bad_signature", Match: only})
		act := slash()
		require.Equal(t, "http_error", act.Deliveries[0].State)
		got := h.of("command")
		require.False(t, got[len(got)-1].valid)
		require.Equal(t, 1, marked("http.bad_signature"))
		require.Equal(t, "acked", slash().Deliveries[0].State, "it strikes once")
	})
	t.Run("an old time, signed well", func(t *testing.T) {
		for _, skew := range []string{"", "6m"} {
			d.fault(slacksim.Fault{Kind: "http.old_timestamp", Match: only, Skew: skew})
			require.Equal(t, "http_error", slash().Deliveries[0].State)
			got := h.of("command")
			require.True(t, got[len(got)-1].valid)
			require.Greater(t, got[len(got)-1].age, 5*time.Minute)
		}
		require.Equal(t, 2, marked("http.old_timestamp"))
	})
	t.Run("a replay, byte for byte", func(t *testing.T) {
		before := len(h.of("command"))
		d.fault(slacksim.Fault{Kind: "http.replay", Match: only, Copies: 3})
		require.Equal(t, "acked", slash().Deliveries[0].State)
		got := h.of("command")[before:]
		require.Len(t, got, 4)
		for _, again := range got {
			require.True(t, again.valid)
			require.Equal(t, got[0].form, again.form)
			require.Equal(t, got[0].header.Get("X-Slack-Signature"), again.header.Get("X-Slack-Signature"))
		}
		require.Equal(t, 4, marked("http.replay"))
	})
	t.Run("a body that stops halfway", func(t *testing.T) {
		begun := make(chan struct{}, 1)
		wrapped := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { begun <- struct{}{}; h.ServeHTTP(w, r) })
		slow := serve(t, wrapped)
		require.NoError(t, d.sim.SetRequestURL(slow+"/slack/events"))
		<-begun // the challenge
		require.NoError(t, d.sim.Idle(ctx))
		for _, c := range []struct {
			delay, state string
			advance      time.Duration
		}{{"2s", "acked", 2 * time.Second}, {"30s", "timeout", 3 * time.Second}} {
			d.fault(slacksim.Fault{Kind: "http.slow_body", Match: only, Delay: c.delay})
			done := make(chan slacksim.Act, 1)
			go func() { act, _ := ana.Slash(ctx, "#general", "/snafu status"); done <- act }()
			<-begun
			require.NoError(t, d.sim.Advance(c.advance))
			require.Equal(t, c.state, (<-done).Deliveries[0].State)
		}
		require.Equal(t, 2, marked("http.slow_body"))
	})
}

func TestEventsInReverseOverHTTP(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.room("general")
	require.NoError(t, d.sim.Idle(d.ctx()))
	before := len(h.of("message"))
	d.fault(slacksim.Fault{Kind: "event.reorder", Match: slacksim.Match{Event: "message"}, Window: 3})
	for _, words := range []string{"one", "two", "three"} {
		d.ok("POST", "/sim/as/ana/message", `{"channel":"#general","text":"`+words+`","wait":false}`)
	}
	require.NoError(t, d.sim.Idle(d.ctx()))
	var order []any
	for _, got := range h.of("message")[before:] {
		order = append(order, got.payload["event"].(map[string]any)["text"])
	}
	require.Equal(t, []any{"three", "two", "one"}, order)
}
