package slacksim_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// limited is a workspace that holds the app to Slack's rates, its clock standing.
func limited(t *testing.T) *desk {
	t.Helper()
	ws := slacksim.DefaultWorkspace()
	ws.Limits.Rate = "slack"
	return start(t, slacksim.Options{Workspace: ws, Clock: slacksim.FrozenClock(noon)})
}

func TestAMethodTakesAMinutesWorthAtOnceAndThenItsRate(t *testing.T) {
	t.Parallel()
	d := limited(t)
	for method, perMinute := range map[string]int{"usergroups.list": 20, "team.info": 50, "users.info": 100} {
		rate, _ := slacksim.APIRate(method)
		require.Equal(t, perMinute, rate, method)
		a := args{"user": d.id("ana")}
		for range perMinute {
			d.fine(method, a)
		}
		each := time.Minute / time.Duration(perMinute)
		d.late(method, a, int((each+time.Second-1)/time.Second))
		require.NoError(t, d.sim.Advance(each))
		d.fine(method, a)
		d.late(method, a, int((each+time.Second-1)/time.Second))
	}
	d.fine("auth.test", nil) // a method of its own is not held up
}

// late calls a method once too often.
func (d *desk) late(method string, a args, seconds int) {
	d.t.Helper()
	query := "?"
	for k, v := range a {
		query += k + "=" + v.(string) + "&"
	}
	resp, out := d.send(http.MethodGet, method+query, d.sim.Tokens().Bot, "", "")
	require.Equal(d.t, http.StatusTooManyRequests, resp.StatusCode, "%s: %v", method, out)
	require.Equal(d.t, "ratelimited", out["error"])
	require.Equal(d.t, strconv.Itoa(seconds), resp.Header.Get("Retry-After"))
}

func TestPostsGoOutOncePerSecondAndChannel(t *testing.T) {
	t.Parallel()
	d := limited(t)
	general, random := d.room("general"), d.room("random")
	post := args{"channel": general, "text": "x"}
	for range 5 {
		d.fine("chat.postMessage", post)
	}
	d.late("chat.postMessage", post, 1)
	d.late("chat.postMessage", post.but("channel", "general"), 1) // by another name
	d.fine("chat.postMessage", post.but("channel", random))
	require.NoError(t, d.sim.Advance(time.Second))
	d.fine("chat.postMessage", post)
	d.late("chat.postMessage", post, 1)
	require.NoError(t, d.sim.Advance(5*time.Second))
	for range 5 {
		d.fine("chat.postMessage", post)
	}
}

func TestRatesAreNotHeldUnlessAskedFor(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	for range 30 {
		d.fine("usergroups.list", nil)
	}
	ws := slacksim.DefaultWorkspace()
	ws.Limits.Rate = "some"
	_, err := slacksim.Start(slacksim.Options{Workspace: ws})
	require.ErrorContains(t, err, `limits.rate is "some"`)
}
