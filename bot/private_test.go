package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// Whoever is not in its channel learns nothing of a private snafu: not that it
// exists, not what it is called, from no verb, list or tab.
func TestAPrivateSnafuIsKnownToItsMembersAlone(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev2 Salaries were shown to everyone --on crm --private")
	general := slacksim.OnlyForMe()

	w.slash("dev", "#general", "/snafu status SNAFU-1")
	w.quiet()
	w.slash("dev", "#general", "/snafu note SNAFU-1 I only look")
	w.quiet()
	w.slash("dev", "#general", "/snafu status SNAFU-99")
	w.quiet()
	w.slash("dev", "#general", "/snafu list")
	w.quiet()
	hidden, err := w.sim.As("dev").Await(w.ctx(), "#general", general, slacksim.Contains("There is no SNAFU-1 that you can see"))
	require.NoError(t, err)
	unknown, err := w.sim.As("dev").Await(w.ctx(), "#general", general, slacksim.Contains("There is no SNAFU-99 that you can see"))
	require.NoError(t, err)
	require.Equal(t, len(unknown.Plain), len(hidden.Plain)+1)
	require.Equal(t, 2, w.happened("kept-out/1"), "who asked is journalled")

	w.press("chi", "@snafu", "On it")
	w.quiet()
	w.slash("chi", "#general", "/snafu status SNAFU-1")
	w.quiet()
	w.slash("ana", "#general", "/snafu list")
	w.quiet()
	w.sees("chi", "#general", general, slacksim.Contains("Salaries were shown to everyone"))
	w.sees("ana", "#general", general, slacksim.Contains("Salaries were shown to everyone"))

	for _, m := range w.allSeenBy("dev") {
		require.NotContains(t, m, "Salaries")
	}
	require.NotContains(t, w.sim.Transcript("#data-incidents"), "SNAFU-1", "nothing is announced")
	direct, err := w.sim.As("chi").Sees("@snafu")
	require.NoError(t, err)
	for _, m := range direct {
		require.NotContains(t, m.Plain+m.Text, "Salaries")
	}
	w.golden("private", ch, "#general")
}

// allSeenBy is every message that somebody can read.
func (w *workspace) allSeenBy(who string) (all []string) {
	w.t.Helper()
	for _, in := range []string{"#general", "#data-incidents"} {
		seen, err := w.sim.As(who).Sees(in)
		require.NoError(w.t, err)
		for _, m := range seen {
			all = append(all, m.Plain)
		}
	}
	return all
}
