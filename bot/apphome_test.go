package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

// home waits until somebody's Home tab shows something.
func (w *workspace) home(who string, what ...slacksim.Matching) *slacksim.View {
	w.t.Helper()
	v, err := w.sim.As(who).Home(w.ctx(), what...)
	require.NoError(w.t, err)
	return v
}

func (w *workspace) looks(who string) {
	w.t.Helper()
	_, err := w.sim.As(who).OpensHome(w.ctx())
	require.NoError(w.t, err)
}

// pressHome presses a button of the Home tab.
func (w *workspace) pressHome(who, label string) {
	w.t.Helper()
	_, err := w.home(who).Press(w.ctx(), label)
	require.NoError(w.t, err)
}

func TestTheHomeTabIsWhereASnafuIsOpenedAndKeepsItselfUpToDate(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.looks("ana")
	w.looks("chi")
	w.home("ana", slacksim.Contains("No snafu is open."))

	w.pressHome("ana", "Open a snafu")
	w.submit(w.form("ana", "open"), slacksim.Values{"title": "Leads moved to SQL by mistake", "system": "crm", "severity": "2"})
	w.quiet()
	w.sees("ana", "@snafu", slacksim.Contains("SNAFU-1 is open, and you lead it"))
	seen := w.home("ana", slacksim.Contains("#snafu-1-leads-moved"))
	require.Contains(t, seen.Plain, "SNAFU-1 · SEV2 · Triage · lead @ana")
	require.NotContains(t, seen.Plain, "Waits for you")

	// Who is called takes the call where they read of it.
	w.home("chi", slacksim.Contains("You are called · SNAFU-1"))
	w.pressHome("chi", "On it")
	w.quiet()
	w.home("chi", slacksim.Not(slacksim.Contains("You are called")))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'call-answered/1'`))

	// What happens is shown to those who look, by one drawing for each change.
	w.slash("ana", "#general", "/snafu note SNAFU-1 nothing that the tab shows")
	w.quiet()
	calls := w.published()
	w.slash("ana", "#general", "/snafu note SNAFU-1 nor this")
	w.quiet()
	require.Equal(t, calls, w.published(), "an unchanged tab is not published again")
	require.Zero(t, w.count(`select count(*) from homes where shown < wanted`))
	w.sound()
}

func (w *workspace) published() (n int) {
	for _, t := range w.sim.Traffic("api") {
		if t.Name == "views.publish" {
			n++
		}
	}
	return n
}

func TestAnApprovalWaitsInTheHomeTabOfWhoCanGiveIt(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	for _, who := range []string{"ana", "chi", "dev"} {
		w.looks(who)
	}
	w.proposed()
	says := slacksim.Contains("waits for your approval · SNAFU-1 · 1,176 to write")
	w.home("dev", says)
	w.home("chi", says)
	require.NotContains(t, w.home("ana").Plain, "waits for your approval", "who asked cannot approve")
	w.pressHome("chi", "Review and approve")
	w.submit(w.form("chi", "approve"), slacksim.Values{"rows": "1176", "samples": []string{"looked"}})
	w.quiet()
	w.home("chi", slacksim.Not(says))
	w.home("dev", says)
	require.Equal(t, 1, w.voices())
	w.sound()
}

func TestAHomeTabOfYesterdayIsDrawnWhenItIsOpenedAgainAndAGuestSeesNoSnafu(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.looks("ana")
	w.looks("gus")
	w.home("gus", slacksim.Contains("Snafus are shown to full members"))
	w.home("ana", slacksim.Contains("No snafu is open."))
	require.NoError(t, w.sim.Advance(25*time.Hour))
	w.open("ben", "sev3 Leads moved to SQL by mistake")
	require.Contains(t, w.home("ana").Plain, "No snafu is open.", "nobody looks at it")
	w.looks("ana")
	w.home("ana", slacksim.Contains("SNAFU-1"))
}

func TestHomeTabsAreDrawnNoOftenerThanCardsAndTheNewestDrawingWins(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, func(o *bot.Options) { o.EditEvery = 5 * time.Second })
	w.looks("ana")
	w.home("ana", slacksim.Contains("No snafu is open."))
	before := w.published()
	w.slash("ben", "#general", "/snafu open sev3 Leads moved to SQL by mistake")
	w.slash("ben", "#general", "/snafu open sev1 Everything is gone")
	w.advanceUntilQuiet()
	w.drawn()
	v := w.home("ana", slacksim.Contains("Everything"), slacksim.Contains("Leads"))
	require.Less(t, strings.Index(v.Plain, "Everything"), strings.Index(v.Plain, "Leads"), "worst first")
	gaps := w.count(`select count(*) from homes where drawn_at is not null`)
	require.Equal(t, 1, gaps)
	require.Greater(t, w.published(), before)
}

// drawn moves the clock on until no Home tab waits for its turn.
func (w *workspace) drawn() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		if w.count(`select count(*) from homes where shown < wanted`) == 0 {
			return true
		}
		_ = w.sim.Advance(time.Second)
		w.wake(bot.Homes{})
		return false
	}, patience, 50*time.Millisecond)
}

func TestAHomeTabSurvivesARestartALostAnswerAndASlackThatIsAway(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.looks("ana")
	w.home("ana", slacksim.Contains("No snafu is open."))
	w.fault(slacksim.Fault{Kind: "api.lost_reply", Match: slacksim.Match{Method: "views.publish"}})
	w.fault(slacksim.Fault{Kind: "api.http_error", Status: 503, HTML: true, Match: slacksim.Match{Method: "views.publish"}})
	w.fault(slacksim.Fault{Kind: "api.rate_limited", RetryAfter: 1, Match: slacksim.Match{Method: "views.publish"}})
	w.open("ben", "sev3 Leads moved to SQL by mistake")
	w.kill()
	w.start(true)
	w.home("ana", slacksim.Contains("SNAFU-1"))
	w.drawn()
}

func TestWithoutTheLogDatabaseTheHomeTabSaysSo(t *testing.T) {
	t.Parallel()
	var link *link
	w := newWorkspace(t, func(o *bot.Options) {
		if link == nil {
			link = newLink(t, o.DB)
			link.db.Clock = o.DB.Clock
		}
		o.Inbox = link.db
	})
	link.cut()
	w.looks("ana")
	w.home("ana", slacksim.Contains("My database is away"))
	link.heal()
	require.Eventually(t, func() bool {
		w.looks("ana")
		return strings.Contains(w.home("ana").Plain, "No snafu is open.")
	}, patience, 50*time.Millisecond)
}
