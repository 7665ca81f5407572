package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

func withAnnouncements(o *bot.Options) { o.Announce = "data-incidents" }

func TestACallIsAnsweredFromTheDirectMessage(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	w.press("chi", "@snafu", "On it")
	w.quiet()
	_, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.Contains("is on it"))
	require.NoError(t, err)
	w.golden("page", ch, "#data-incidents")
}

func TestWhoSlackDoesNotReachIsPassedOverAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	gone := true
	require.NoError(t, w.sim.Admin().Person("chi", slacksim.PersonChange{Deactivated: &gone}))
	w.slash("ana", "#general", "/snafu open sev2 Leads moved to SQL by mistake --on crm")
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-1")
	require.NoError(t, err)
	w.advanceUntilQuiet()
	told := w.sim.Transcript(ch.Name)
	require.Contains(t, told, "@chi could not be reached in Slack (user_disabled).")
	require.Contains(t, told, "Calling @ben (crm-data).")
	_, err = w.sim.As("ben").Await(w.ctx(), "@snafu", slacksim.Contains("Calling"))
	require.NoError(t, err)
}

func TestACardIsEditedInPlace(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	before, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.IsPinned())
	require.NoError(t, err)
	w.slash("ana", ch, "/snafu triage 3 yes")
	w.quiet()
	after, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.IsPinned())
	require.NoError(t, err)
	require.Equal(t, before.TS, after.TS, "the Summary is one message for ever")
	require.NotEqual(t, before.Plain, after.Plain)
	require.Contains(t, after.Plain, "Still occurring, said at 12:00")
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'summary'`))
}

func TestAGuestIsRefusedInWords(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	for _, asked := range [][3]string{
		{"gus", "#general", "/snafu open I may not do this"},
		{"ana", ch, "/snafu resolve"},
		{"ana", "#general", "/snafu status"},
		{"ana", "#general", "/snafu status SNAFU-99"},
		{"ana", ch, "/snafu contain paused the workflow"},
	} {
		w.slash(asked[0], asked[1], asked[2])
		w.quiet()
	}
	require.Equal(t, 1, w.count(`select count(*) from incidents`))
	w.golden("refusals", ch, "#general")
}
