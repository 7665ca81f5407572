package slacksim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// The versions are exact, and the lock file leaves it to the machine which
// registry they come from.
func TestThePackagesForNodeArePinnedAndNameNoRegistry(t *testing.T) {
	t.Parallel()
	var pinned struct{ Dependencies map[string]string }
	var lock struct {
		Packages map[string]struct {
			Version, Resolved, Integrity string
			Dependencies                 map[string]string
		}
	}
	for name, v := range map[string]any{"package.json": &pinned, "package-lock.json": &lock} {
		raw, err := os.ReadFile(filepath.Join(nodePrograms, name))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, v))
	}
	require.Equal(t, pinned.Dependencies, lock.Packages[""].Dependencies)
	for name, version := range pinned.Dependencies {
		require.Regexp(t, `^[0-9]+\.[0-9]+\.[0-9]+$`, version)
		require.Equal(t, version, lock.Packages["node_modules/"+name].Version)
	}
	for name, p := range lock.Packages {
		require.Empty(t, p.Resolved, name)
		require.Equal(t, name != "", strings.HasPrefix(p.Integrity, "sha512-"), name)
	}
}

func TestBoltInSocketModeWorksUnchanged(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.room("general")
	p := d.run("bolt-socket.mjs")
	p.hears("ready", nil)
	d.playRepairs()
	p.logsNothing()
}

// The Node client waits five seconds before it connects again. What happened
// meanwhile comes when the connection is there.
func TestBoltComesBackWithNothingLost(t *testing.T) {
	t.Parallel()
	ctx := longer(t)
	var desks []*desk
	for _, kind := range []string{"socket.refresh", "socket.cut"} {
		d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
		d.room("general")
		d.run("bolt-socket.mjs").hears("ready", nil)
		ana := d.sim.As("ana")

		_, err := d.sim.Fault(slacksim.Fault{Kind: kind})
		require.NoError(t, err)
		require.NoError(t, d.sim.AwaitConnections(ctx, 0))
		act, err := ana.Slash(ctx, "#general", "/repair")
		require.NoError(t, err)
		require.Contains(t, act.Shown, "dispatch_failed", "nobody is there to hear a command, and she is told")
		_, err = ana.Says(ctx, "#general", "@snafu are you back")
		require.NoError(t, err)
		desks = append(desks, d)
	}
	for _, d := range desks {
		ana := d.sim.As("ana")
		require.NoError(t, d.sim.AwaitConnections(ctx, 1))
		require.NoError(t, d.sim.Advance(time.Minute))
		_, err := ana.Await(ctx, "#general", slacksim.Contains("I heard: are you back"))
		require.NoError(t, err)
		_, err = ana.Slash(ctx, "#general", "/repair")
		require.NoError(t, err)
		_, err = ana.Modal(ctx)
		require.NoError(t, err)
		require.NoError(t, d.sim.Idle(ctx))
		require.NoError(t, d.sim.Advance(time.Hour))
		require.NoError(t, d.sim.Idle(ctx))
		require.Len(t, d.heard("I heard"), 1)
	}
}

// heard lists what ana sees in #general that contains the words.
func (d *desk) heard(words string) []slacksim.Message {
	seen, err := d.sim.As("ana").Sees("#general")
	require.NoError(d.t, err)
	return slices.DeleteFunc(seen, func(m slacksim.Message) bool { return !strings.Contains(m.Plain, words) })
}

func TestTheSocketModeClientOfNodeWorksUnchanged(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	d.room("general")
	p := d.run("socket-mode.mjs")
	p.hears("ready", nil)
	ctx, ana := longer(t), d.sim.As("ana")
	require.NoError(t, d.sim.AwaitConnections(ctx, 3))
	var stranger struct{ Code, Error string }
	p.hears("stranger", &stranger)
	require.Equal(t, "invalid_auth", stranger.Error)
	require.Equal(t, "slack_webapi_platform_error", stranger.Code)

	// Each command goes to one connection, and each connection gets some.
	by := map[string]int{}
	for range 6 {
		act, err := ana.Slash(ctx, "#general", "/any hello")
		require.NoError(t, err)
		by[act.Shown]++
	}
	require.Equal(t, map[string]int{"hello, heard by 1": 2, "hello, heard by 2": 2, "hello, heard by 3": 2}, by)
	p.hearsTimes("command hello", 6)
	_, err := ana.Slash(ctx, "#general", "/any loud")
	require.NoError(t, err)
	_, err = d.sim.As("ben").Await(ctx, "#general", slacksim.Contains("loud, heard by"))
	require.NoError(t, err)

	// An acknowledgement with a view.
	_, err = ana.Slash(ctx, "#general", "/any form")
	require.NoError(t, err)
	form, err := ana.Modal(ctx)
	require.NoError(t, err)
	res, err := form.Submit(ctx, slacksim.Values{"Name": "Ana"})
	require.NoError(t, err)
	require.Equal(t, "updated", res.Result)
	require.Contains(t, res.View.Plain, "Thank you, Ana")

	d.playSilence(p)

	// While one connection is away the others hear everything.
	_, err = d.sim.Fault(slacksim.Fault{Kind: "socket.refresh", Match: slacksim.Match{Connection: 2}})
	require.NoError(t, err)
	for range 4 {
		act, err := ana.Slash(ctx, "#general", "/any still")
		require.NoError(t, err)
		require.Contains(t, act.Shown, "still, heard by")
		require.NotContains(t, act.Shown, "heard by 2")
	}
	p.hears("reconnecting", nil)
	p.hearsTimes("connected", 4)
	require.NoError(t, d.sim.AwaitConnections(ctx, 3))
	p.hears("ping", nil)
	p.hears("pong", nil)
}

// playSilence has the app not answer: a command has failed after three seconds,
// an event comes again under the same id.
func (d *desk) playSilence(p *program) {
	t, ctx, ana := d.t, longer(d.t), d.sim.As("ana")
	shown := make(chan string, 1)
	go func() {
		act, _ := ana.Slash(ctx, "#general", "/any silence")
		shown <- act.Shown
	}()
	p.hears("command silence", nil)
	require.NoError(t, d.sim.Advance(3*time.Second))
	require.Contains(t, <-shown, "operation_timeout")

	said := make(chan error, 1)
	go func() {
		_, err := ana.Says(ctx, "#general", "twice")
		said <- err
	}()
	p.hears("twice", nil)
	require.NoError(t, d.sim.Advance(3*time.Second))
	require.NoError(t, <-said)
	require.NoError(t, d.sim.Advance(time.Second))
	p.hearsTimes("twice", 2)
	type message struct {
		EventID string `json:"event_id"`
		Retry   int    `json:"retry_num"`
		Reason  string `json:"retry_reason"`
	}
	var first, again message
	p.nth("twice", 0, &first)
	p.nth("twice", 1, &again)
	require.Equal(t, first.EventID, again.EventID)
	require.Equal(t, []int{0, 1}, []int{first.Retry, again.Retry})
	require.Equal(t, "timeout", again.Reason)
}

func TestTheWebClientOfNodeWorksUnchanged(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Log: quiet()})
	d.room("general")
	for _, f := range []slacksim.Fault{
		{Kind: "api.rate_limited", RetryAfter: 1, Match: slacksim.Match{Method: "chat.postMessage"}},
		{Kind: "api.http_error", HTML: true, Match: slacksim.Match{Method: "pins.list"}},
		{Kind: "api.rate_limited", RetryAfter: 30, Match: slacksim.Match{Method: "bookmarks.list"}},
	} {
		_, err := d.sim.Fault(f)
		require.NoError(t, err)
	}
	p := d.run("web-api.mjs")
	p.hears("done", nil)

	var limited struct {
		Limited []struct {
			Seconds int
			Method  string
		}
	}
	p.hears("limited", &limited)
	require.Len(t, limited.Limited, 1)
	require.Equal(t, 1, limited.Limited[0].Seconds)
	require.Equal(t, "chat.postMessage", limited.Limited[0].Method)
	require.Len(t, d.heard("Posted after a pause"), 1)
	var hasty struct {
		Code       string
		RetryAfter int
	}
	p.hears("hasty", &hasty)
	require.Equal(t, "slack_webapi_rate_limited_error", hasty.Code)
	require.Equal(t, 30, hasty.RetryAfter)

	var pages struct {
		Names, Rooms []string
		Members      int
	}
	p.hears("pages", &pages)
	require.Subset(t, pages.Names, []string{"ana", "ben", "chi", "dev", "elif", "gus", "snafu"})
	require.Len(t, pages.Names, 7, "nobody comes twice")
	require.Equal(t, 7, pages.Members)
	require.Subset(t, pages.Rooms, []string{"general", "random"})

	var errs map[string]any
	p.hears("errors", &errs)
	for call, want := range map[string]string{
		"channel": "channel_not_found", "token": "invalid_auth", "none": "not_authed", "method": "unknown_method", "cursor": "invalid_cursor",
		"blocks": "invalid_blocks", "trigger": "invalid_trigger_id", "kind": "not_allowed_token_type",
	} {
		got, ok := errs[call].(map[string]any)
		require.True(t, ok, call)
		require.Equal(t, "slack_webapi_platform_error", got["code"], call)
		require.Equal(t, want, got["error"], call)
	}
	require.Contains(t, errs["blocks"].(map[string]any)["messages"].([]any)[0], "[json-pointer:/blocks/0/text/text]")

	var files struct{ Sizes []int }
	p.hears("files", &files)
	require.Equal(t, []int{9, 4}, files.Sizes)
	shared, err := d.sim.As("ana").Await(longer(t), "#general", slacksim.Contains("Two files"))
	require.NoError(t, err)
	require.Len(t, shared.Files, 2)

	var forms struct {
		Metadata  map[string]any
		Reactions []string
		Pinned    int
	}
	p.hears("forms", &forms)
	require.Equal(t, map[string]any{"event_type": "forms", "event_payload": map[string]any{"n": 1.0, "deep": map[string]any{"is": true}}}, forms.Metadata)
	require.Equal(t, []string{"eyes"}, forms.Reactions)
	require.Equal(t, 1, forms.Pinned)
	_, err = d.sim.As("ana").Await(longer(t), "#forms", slacksim.OnlyForMe(), slacksim.Contains("For you"))
	require.NoError(t, err)
}
