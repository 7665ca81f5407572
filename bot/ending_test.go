package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// types types lines one after the other, each told before the next.
func (w *workspace) types(who, in string, lines ...string) {
	w.t.Helper()
	for _, line := range lines {
		w.slash(who, in, "/snafu "+line)
		w.quiet()
	}
}

func TestTheCalmPathFromOpenToClosed(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says := slacksim.Contains
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.enter(ch, "ben")
	require.NoError(t, w.sim.Advance(2*time.Minute))
	w.types("ana", ch, "contain stopped Weekly stage sync", "triage 3 no", "triage 4 all became SQL", "triage 7 workflow the weekly sync was copied",
		"triage 9 none by the mail log")
	w.types("ben", ch, "walk The list feeds the campaign | 500 leads | 500 leads", "walk The sync sets the stage | to MQL | to SQL")
	w.slash("ben", ch, "/snafu todo Copying asks for each choice @ben by 2036-04-04")
	w.submit(w.form("ben", "todo"), slacksim.Values{"kind": "It cannot happen again", "safeguard": "The clone has a step that asks for each choice"})
	w.quiet()
	w.types("ana", ch, "note fix Weekly stage sync has its choices back", "resolve all 12 leads were put back by hand")
	w.sees("ben", ch, says("Close · 7 of 7 met"), slacksim.Shows("Close"))
	w.press("ana", ch, "Close")
	w.sees("ben", ch, says("Closed: Leads moved to SQL by mistake. Thank you, @ana and @ben. Most snafus can be fixed. This one was."))
	w.quiet()
	w.press("ben", ch, "Done")
	w.sees("ana", ch, says("T1 is done, says @ben"))
	w.quiet()
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.golden("calm-path", ch)
}

func TestResolveNamesWhatIsMissingOneByOne(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.enter(ch, "ben")
	w.types("ana", ch, "resolve")
	w.sees("ana", ch, mine, says("Not yet: the cause is not contained. Stop it and record that"))
	w.types("ana", ch, "contain over", "triage 3 no", "resolve")
	w.sees("ana", ch, mine, says("Not yet: nothing was counted."))
	w.types("ben", ch, "resolve counted by hand")
	w.sees("ben", ch, mine, says("Only the lead can resolve SNAFU-1. That is @ana."))
	w.types("ana", ch, "todo draft The clone asks for its choices", "todo draft A trial on ten leads comes first", "resolve counted")
	w.sees("ana", ch, mine, says("Not yet: nothing was counted."))
	w.types("ana", ch, "resolve counted by hand")
	w.sees("ben", ch, says("Waived: counted, the process is mended, or somebody owes it by a day."))
	w.golden("resolve-not-yet", ch)
}

func TestTheFormOfResolveSaysWhatIsMissingAndKeepsAReasonThatIsTooShort(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says := slacksim.Contains
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.enter(ch, "ben")
	w.types("ana", ch, "contain over", "triage 3 no")
	w.slash("ana", ch, "/snafu")
	w.quiet()
	w.press("ana", ch, "Resolve")
	form := w.form("ana", "resolve")
	require.Contains(t, form.Plain, "Not yet: nothing was counted.")
	require.Contains(t, form.Plain, "Not yet: nobody has said what keeps it from happening again.")
	require.Equal(t, map[string]string{"why": "Say why in 10 characters or more."}, w.submit(form, slacksim.Values{"why": "by hand"}).Errors)
	w.submit(form, slacksim.Values{"why": "counted by hand"})
	w.quiet()
	w.sees("ben", ch, says("Resolved."), says("counted by hand"))
}

func TestTheLeadClosesWithAReasonForEachItem(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.enter(ch, "ben")
	w.types("ana", ch, "contain over", "triage 3 no", "close waive 6 the script is gone")
	w.sees("ana", ch, mine, says("What the close demands is waived once it is resolved."))
	w.types("ana", ch, "note fix the script is gone", "resolve counted by hand")
	w.sees("ben", ch, says("Close · 5 of 7 met"), says("5. customers told, or none affected · not yet: triage doesn't say"), slacksim.Shows("Waive"))
	w.types("ana", ch, "close")
	w.sees("ana", ch, mine, says("Not yet: triage doesn't say that no customer was affected."))
	w.types("ana", ch, "triage 9 none")
	w.sees("ben", ch, says("but not how one sees it"))
	require.NoError(t, w.sim.Advance(time.Minute))
	w.types("ana", ch, "triage 9 none by the mail log")
	w.sees("ben", ch, says("Close · 6 of 7 met"))

	w.press("ben", ch, "Waive")
	w.submit(w.form("ben", "close"), slacksim.Values{"why": "the script ran once and is gone"})
	w.sees("ben", ch, mine, says("Only the lead can waive an item of SNAFU-1. That is @ana."))
	w.press("ana", ch, "Waive")
	form := w.form("ana", "close")
	require.NotEmpty(t, w.submit(form, slacksim.Values{"why": "gone"}).Errors["why"])
	w.submit(form, slacksim.Values{"why": "the script ran once and is gone"})
	w.sees("ben", ch, says("Close · 6 of 7 met, 1 waived"), says("root cause known · waived by @ana: the script ran once and is gone"), slacksim.Shows("Close"))
	w.quiet()
	w.types("ana", ch, "close waive 1 because I say so")
	w.sees("ana", ch, mine, says("Item 1 (nothing is held) can't be waived, whatever the reason."))

	// What was waived counts for one close: a reopened snafu meets all of it anew.
	w.types("ben", ch, "reopen more twelve more were found")
	w.sees("ana", ch, says("What its close demands is judged anew"))
	w.types("ana", ch, "resolve those were put back too", "close")
	w.sees("ana", ch, mine, says("Not yet: no root cause is shown yet."))
	w.types("ana", ch, "close the script ran once and is gone")
	w.sees("ben", ch, says("Waived: root cause known"))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'gate-waived/1'`))
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'gate'`), "one card, edited")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.golden("close-gate-with-waivers", ch)
}

// nags lets time pass, and whoever is owed a word is told.
func (w *workspace) nags(after time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.sim.Advance(after))
	_, err := w.response.Nags(w.ctx())
	require.NoError(w.t, err)
	w.quiet()
}

func TestWhoOwesSomethingIsRemindedUntilItIsDone(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t) // on a Friday at noon
	says := slacksim.Contains
	reminders := func() int { return w.count(`select count(*) from journal where kind = 'nagged/1'`) }
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.types("ana", ch, "contain over", "triage 3 no")
	w.slash("ana", ch, "/snafu todo Copying asks for each choice @ben by 2036-04-04")
	w.submit(w.form("ana", "todo"), slacksim.Values{"kind": "It cannot happen again", "safeguard": "The clone has a step that asks for each choice"})
	w.quiet()
	w.types("ana", ch, "resolve all were put back by hand", "close the script ran once and is gone")
	w.nags(4 * 24 * time.Hour)
	require.Zero(t, reminders(), "it is due on Friday")

	day := 24 * time.Hour
	w.nags(2*day - 3*time.Hour) // Thursday, 9:00
	dm := w.sees("ben", "@snafu", says("T1 of SNAFU-1 is due"), says("Copying asks for each choice"), slacksim.Shows("Done"))
	w.nags(day)
	require.Equal(t, 2, reminders(), "the day before, and that day")
	w.nags(3 * day)
	require.Equal(t, 2, reminders())
	w.nags(4 * day)
	w.sees("ben", "@snafu", says("T1 of SNAFU-1 was due"))
	require.Equal(t, 3, reminders(), "and after a week")
	w.nags(7 * day)
	w.sees("ana", "@snafu", says("T1 of SNAFU-1 was due"), says("@ben owns it"))

	w.press("ben", "@snafu", "Done")
	w.quiet()
	w.nags(7 * day)
	w.sees("ben", "@snafu", says("SNAFU-1: this is done"))
	require.Equal(t, 4, reminders(), "the lead hears of it too, and nobody is reminded of what is done")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.golden("follow-up-until-done", dm.Channel, ch)
}
