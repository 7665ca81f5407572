package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/response"
)

func TestThatDataWasExposedCallsTheSecurityContactAndOffersAPrivateSnafu(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.helped = func(o *response.Options) { o.Security = response.Target{Person: w.id("dev")} }
	w.begin()
	says := slacksim.Contains

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu triage 10 dont-know")
	w.quiet()
	require.NoError(t, w.sim.Advance(time.Minute))
	w.slash("ana", ch, "/snafu triage 10 yes two partners saw the list")
	w.quiet()
	w.sees("ana", ch, says("Data was shown to someone who should not see it. The security contact is called."))
	w.sees("ana", ch, says("Calling @dev"))
	w.sees("dev", "@snafu", says("Calling @dev"))
	require.NoError(t, w.sim.Advance(time.Minute))
	w.slash("ana", ch, "/snafu triage 10 yes three partners saw the list")
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'data-exposed/1'`), "more words are no second alarm")
	require.Equal(t, 3, w.count(`select count(*) from journal where kind = 'answered/1'`), "what was said before stays")
	w.golden("data-exposed", ch)

	w.press("ana", ch, "Open a private snafu")
	form := w.form("ana", "open")
	require.Contains(t, input(t, form, "how"), "Private")
	w.sound()
}

func TestWithoutASecurityContactThatIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu triage 10 yes")
	w.sees("ana", ch, slacksim.Contains("No security contact is configured, so nobody was called."))
	w.slash("ana", ch, "/snafu triage 8 campaign 7 went live")
	w.quiet()
	require.NoError(t, w.sim.Advance(time.Minute))
	w.slash("ana", ch, "/snafu triage 8 campaign 8 went live")
	w.quiet()
	w.slash("ana", ch, "/snafu timeline")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("change by @ana: campaign 8 went live"), slacksim.Contains("it said: campaign 7 went live"))
	w.quiet()
	w.slash("ana", ch, "/snafu cause workflow form @ben pressed it")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("Name the system or the step, not the person."))
	w.slash("ana", ch, "/snafu cause workflow form the weekly sync and its form")
	w.sees("ana", ch, slacksim.Contains("7. Cause: Form, Workflow: the weekly sync and its form"))
	w.slash("ana", ch, "/snafu cause the weekly sync")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("What kind of cause?"))
	w.quiet()
	w.sound()
}

func TestWhereTriageStallsHelpIsOfferedOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says := slacksim.Contains
	stalls := func(after time.Duration) int {
		t.Helper()
		require.NoError(t, w.sim.Advance(after))
		n, err := w.response.Stalled(w.ctx())
		require.NoError(t, err)
		w.quiet()
		return n
	}
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	require.Zero(t, stalls(20*time.Minute-time.Second))
	w.slash("ana", ch, "/snafu triage 3 yes")
	w.quiet()
	require.Equal(t, 1, stalls(time.Second))
	w.sees("ana", ch, says("Open for 20 min: Which run, list, import or query did it? Who might know?"))
	require.Zero(t, stalls(time.Hour), "once")
	w.press("ana", ch, "Call somebody")
	w.submit(w.form("ana", "call"), slacksim.Values{"who": "crm-data", "why": "which list fed it"})
	w.quiet()
	w.sound()
	w.golden("triage-stalls", ch)
}

func TestACauseThatCannotBeStoppedIsAskedAboutUntilItIs(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says := slacksim.Contains
	nags := func(after time.Duration) {
		t.Helper()
		require.NoError(t, w.sim.Advance(after))
		_, err := w.response.Nags(w.ctx())
		require.NoError(t, err)
		w.quiet()
	}
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu contain cannot the sync also moves orders")
	w.quiet()
	nags(30 * time.Minute)
	nags(30 * time.Minute)
	told := w.sees("ana", "@snafu", says("The cause of SNAFU-1 still can't be stopped safely"), says("Can it be now?"))
	nags(time.Hour)
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'nagged/1'`))
	w.slash("ana", ch, "/snafu contain slowed Weekly stage sync (was every minute, now once a day)")
	w.quiet()
	nags(time.Minute)
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'nag-over/1'`))
	w.sound()
	w.golden("cannot-safely", ch, told.Channel)
}
