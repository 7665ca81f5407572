package bot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestTheMenuOfASnafuInTheHomeTabDoesWhatTheVerbsDo(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.looks("dev")
	w.home("dev", slacksim.Contains("SNAFU-1"))

	w.pressHome("dev", "Details")
	w.quiet()
	w.sees("dev", "@snafu", slacksim.Contains("SNAFU-1 · Triage · SEV3 · lead @ana"))

	w.pressHome("dev", "Follow")
	w.quiet()
	w.sees("dev", "@snafu", slacksim.Contains("You follow SNAFU-1"))
	require.Equal(t, 1, w.count(`select count(*) from followers where ended_at is null and person = $1`, string(w.id("dev"))))
	w.pressHome("dev", "Post update") // the tab shows it anew meanwhile
	w.submit(w.form("dev", "update"), slacksim.Values{"changed": "The sync is off", "next": "We count"})
	w.quiet()
	require.Equal(t, 1, w.happened("updated/1"))

	w.pressHome("dev", "Unfollow")
	w.quiet()
	w.sees("dev", "@snafu", slacksim.Contains("You do not follow SNAFU-1 any more."))
	require.Zero(t, w.count(`select count(*) from followers where ended_at is null and person = $1`, string(w.id("dev"))))

	w.pressHome("dev", "Call")
	w.submit(w.form("dev", "call"), slacksim.Values{"who": "crm-data", "why": "which list fed the sync"})
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from pages`))
	w.sees("chi", "@snafu", slacksim.Contains("which list fed the sync"))
	w.sound()
}

func TestAHomeTabWithMoreThanItCanShowStaysWithinWhatSlackTakes(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	for n := range 21 {
		w.slash("ana", "#general", fmt.Sprintf("/snafu open sev3 The list of week %d is empty --light --new", n+1))
	}
	w.quiet()
	w.looks("dev")
	shown := w.home("dev", slacksim.Contains("There are more: /snafu list open."))
	require.LessOrEqual(t, len(shown.Blocks), 100)
	require.Contains(t, shown.Plain, "SNAFU-21")
}

// What is written to somebody alone stays with them when they leave the channel.
func TestTheHomeTabSaysNothingOfAPrivateSnafuByDirectMessage(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.looks("ana")
	ch := w.open("ana", "sev3 Salaries were shown to everyone --on crm --private")
	w.home("ana", slacksim.Contains("Salaries"))
	w.pressHome("ana", "Details")
	w.quiet()
	w.sees("ana", "@snafu", slacksim.Contains("SNAFU-1 is private, so where it stands is told in its channel alone"), slacksim.Contains(ch))

	require.NoError(t, w.sim.Advance(2*time.Minute))
	w.pressHome("ana", "Open a snafu")
	w.submit(w.form("ana", "open"), slacksim.Values{"title": "Salaries were shown to everybody", "system": "crm"})
	w.quiet()
	w.sees("ana", "@snafu", slacksim.Contains("SNAFU-2 is open, and you lead it"))
	for _, m := range w.direct("ana") {
		require.NotContains(t, m.Plain+m.Text, "shown to everyone")
	}
	w.slash("ana", ch, "/snafu status SNAFU-1")
	w.quiet()
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("SNAFU-1 · Triage · SEV3 · lead @ana"))
}
