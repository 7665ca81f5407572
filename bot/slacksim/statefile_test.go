package slacksim_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAStateFileBelongsToOneProcess(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "slack.jsonl")
	first, err := slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.NoError(t, err)
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	_, err = slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.ErrorContains(t, err, "in use")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "the second wrote nothing")
	require.NoError(t, first.Close())
	again, err := slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.NoError(t, err, "it is free once the first has ended")
	require.NoError(t, again.Close())
}

// What a newer version wrote and this one does not know of a thing is no reason
// to refuse; a thing of a kind that it does not know is, since it would be lost.
func TestAStateFileOfANewerVersion(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "slack.jsonl")
	sim, err := slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.NoError(t, err)
	require.NoError(t, sim.Close())
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	newer := strings.Replace(string(raw), `"value":{`, `"since":9,"value":{"invented_later":{"a":[1]},`, 1)
	require.NotEqual(t, string(raw), newer)
	require.NoError(t, os.WriteFile(file, []byte(newer), 0o600))
	sim, err = slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.NoError(t, err)
	require.NoError(t, sim.Close())

	require.NoError(t, os.WriteFile(file, append(raw, `{"kind":"huddle","id":"H1","value":{}}`+"\n"...), 0o600))
	_, err = slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.ErrorContains(t, err, `nothing called "huddle"`)
	require.ErrorContains(t, err, "line")
	kept, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(kept), "huddle", "a refused file is left as it is")
}

// However a kill cuts the file, it can be read again.
func TestAStateFileCutAnywhereIsReadAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "slack.jsonl")
	sim, err := slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
	require.NoError(t, err)
	d := &desk{t: t, sim: sim}
	for n := range 5 {
		_, err := sim.As("ana").Says(d.ctx(), "#general", fmt.Sprintf("message %d", n))
		require.NoError(t, err)
	}
	require.NoError(t, sim.Close())
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	for at := 0; at < len(whole); at += 1 + len(whole)/40 {
		require.NoError(t, os.WriteFile(file, whole[:at], 0o600))
		sim, err := slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
		require.NoError(t, err, "cut at byte %d of %d", at, len(whole))
		_, err = sim.As("ana").Says(d.ctx(), "#general", "after the cut")
		require.NoError(t, err)
		require.NoError(t, sim.Close())
		sim, err = slacksim.Start(slacksim.Options{StateFile: file, Log: quiet()})
		require.NoError(t, err)
		seen := must(sim.As("ana").Sees("#general"))
		require.Equal(t, "after the cut", seen[len(seen)-1].Text)
		require.NoError(t, sim.Close())
	}
}

func TestResetsAtOnceLeaveOneWorkspace(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			d.ok("POST", "/sim/reset", fmt.Sprintf(`{"seed":%d}`, n+1))
			d.ok("GET", "/sim/app", "")
		})
	}
	wg.Wait()
	require.Len(t, must(d.sim.As("ana").Sees("#general")), 0)
}

// What waited for the request URL to be verified belongs to the workspace that
// is gone.
func TestAResetForgetsEventsThatWaited(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{})
	h.waits("url_verification", 1)
	h.answers(status(http.StatusNotFound))
	require.NoError(t, d.sim.SetRequestURL(h.url))
	d.room("general")
	d.ok("POST", "/sim/as/ana/message", `{"channel":"#general","text":"of the old workspace","wait":false}`)
	d.ok("POST", "/sim/reset", `{}`)
	h.answers(nil)
	d.room("general")
	d.ok("POST", "/sim/as/ana/message", `{"channel":"#general","text":"of the new one","wait":false}`)
	require.NoError(t, d.sim.Idle(d.ctx()))
	var texts []any
	for _, got := range h.of("message") {
		texts = append(texts, at(got.payload, "event", "text"))
	}
	require.Contains(t, texts, "of the new one")
	require.NotContains(t, texts, "of the old workspace")
}
