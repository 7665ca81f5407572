package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// settledSlash types a command and waits until everything it leads to is told.
func (w *workspace) settledSlash(who, in, line string) {
	w.t.Helper()
	w.slash(who, in, line)
	w.quiet()
}

// settledPress presses a button and waits until everything it leads to is told.
func (w *workspace) settledPress(who, in, label string) {
	w.t.Helper()
	w.press(who, in, label)
	w.quiet()
}

func TestWhoOpensWhatIsOpenAlreadyIsAskedAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	require.NoError(t, w.sim.Advance(3*time.Minute))
	w.settledSlash("ben", "#general", "/snafu open sev3 Laeds moved to SQL by mistake")
	asked := w.sees("ben", "#general", slacksim.OnlyForMe(), slacksim.Contains("Is it SNAFU-1, opened 3 min ago on crm?"))
	require.Contains(t, asked.Plain, "You wrote: Laeds moved to SQL by mistake")
	require.Equal(t, 1, w.count(`select count(*) from incidents`), "nothing is opened before the answer")

	w.settledPress("ben", "#general", "Open a new one")
	w.settledPress("ben", "#general", "Open a new one")
	require.Equal(t, 2, w.count(`select count(*) from incidents`), "pressed twice it is one")
	require.Equal(t, 1, w.count(`select count(*) from incidents where title = 'Laeds moved to SQL by mistake' and severity = 3`))

	w.settledSlash("chi", "#general", "/snafu open sev3 Leads moved to SQL --new")
	require.Equal(t, 3, w.count(`select count(*) from incidents`), "--new asks nothing")
	w.settledSlash("chi", "#snafu-3-leads-moved-to-sql", "/snafu relate SNAFU-1 duplicate")
	w.settledSlash("ana", ch, "/snafu relate SNAFU-3 duplicate")
	w.settledSlash("ana", "#general", "/snafu list")
	w.golden("duplicate-open", ch, "#general", "#snafu-3-leads-moved-to-sql")
}

func TestALightSnafuLivesInAThreadUntilItIsPromoted(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	w.settledSlash("ana", "#data-incidents", "/snafu open sev2 Three phones are empty --on crm --light")
	w.sees("ana", "#data-incidents", slacksim.OnlyForMe(), slacksim.Contains("It is a light one"))
	require.Zero(t, w.count(`select count(*) from pages`), "nobody is called for it")
	require.Zero(t, w.count(`select count(*) from incidents where channel <> ''`))

	w.settledSlash("ben", "#data-incidents", "/snafu note SNAFU-1 Only Berlin is affected")
	w.settledSlash("ben", "#data-incidents", "/snafu triage SNAFU-1 3 no")
	w.settledSlash("ben", "#data-incidents", "/snafu call SNAFU-1 crm-data")
	w.sees("ben", "#data-incidents", slacksim.OnlyForMe(), slacksim.Contains("SNAFU-1 is a light one, without a channel: a call waits until it has one."))
	w.settledSlash("ben", "#data-incidents", "/snafu promote SNAFU-1")
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1")
	require.NoError(t, err)
	w.settledPress("chi", "@snafu", "On it")
	w.settledSlash("ben", "#data-incidents", "/snafu promote SNAFU-1")
	w.settledSlash("ana", ch.Name, "/snafu note The phones came with an import")
	w.golden("light-promoted", "#data-incidents", ch.Name)
}
