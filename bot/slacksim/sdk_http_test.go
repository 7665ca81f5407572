package slacksim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// receive runs bolt behind a request URL.
func (d *desk) receive() *program {
	d.t.Helper()
	p := d.run("bolt-http.mjs")
	var ready struct{ URL string }
	p.hears("ready", &ready)
	require.NoError(d.t, d.sim.SetRequestURL(ready.URL))
	return p
}

func TestBoltBehindARequestURLWorksUnchanged(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.room("general")
	p := d.receive()
	d.playRepairs()
	p.logsNothing()
	require.Zero(t, d.sim.Connections())
}

// What bolt refuses comes again if it is an event, and is told to the person if it
// is a command.
func TestBoltRefusesWhatSlackDidNotSign(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	d.room("general")
	p := d.receive()
	ctx, ana := longer(t), d.sim.As("ana")
	for _, f := range []slacksim.Fault{
		{Kind: "http.bad_signature", Match: slacksim.Match{Event: "app_mention"}},
		{Kind: "http.old_timestamp", Skew: "6m", Match: slacksim.Match{Command: "/repair"}},
	} {
		_, err := d.sim.Fault(f)
		require.NoError(t, err)
	}

	_, err := ana.Says(ctx, "#general", "@snafu are you sure")
	require.NoError(t, err)
	require.NoError(t, d.sim.Advance(time.Second))
	_, err = ana.Await(ctx, "#general", slacksim.Contains("I heard: are you sure"))
	require.NoError(t, err)
	var retry struct {
		Num    int
		Reason string
	}
	p.hears("retry", &retry)
	require.Equal(t, 1, retry.Num)
	require.Equal(t, "http_error", retry.Reason)

	act, err := ana.Slash(ctx, "#general", "/repair")
	require.NoError(t, err)
	require.Equal(t, "http_error", act.Deliveries[0].State)
	require.NotEmpty(t, act.Shown)
	_, err = ana.Slash(ctx, "#general", "/repair")
	require.NoError(t, err)
	_, err = ana.Modal(ctx)
	require.NoError(t, err)
	require.Len(t, d.heard("I heard"), 1)
}
