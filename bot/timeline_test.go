package bot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestANoteIsCorrectedAndBothStandInTheTimeline(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	_, err := w.sim.As("ben").Joins(w.ctx(), ch)
	require.NoError(t, err)
	does := func(who, line string) {
		t.Helper()
		require.NoError(t, w.sim.Advance(time.Minute))
		w.slash(who, ch, "/snafu "+line)
		w.quiet()
	}
	does("ana", "note change campaign 8 was copied at 2036-03-28 08:50")
	w.sees("ben", ch, says("Note (change) by @ana, of 08:50: campaign 8 was copied"))
	does("ben", "note the sync runs at 2036-03-28 18:00")
	w.sees("ben", ch, mine, says("That lies in the future"))
	does("ana", "triage 8 campaign 7 went live")
	does("ben", "timeline")
	list := w.sees("ben", ch, mine, says("Timeline of SNAFU-1"), says("change by @ana: campaign 7 went live"))
	note := w.count(`select seq from journal where kind = 'noted/1'`)
	require.Contains(t, list.Plain, fmt.Sprintf("#%d change by @ana: campaign 8 was copied", note))

	does("ben", "timeline correct 1 never")
	w.sees("ben", ch, mine, says("There is no note #1."))
	does("ben", fmt.Sprintf("timeline correct %d at 2036-03-28 12:01", note))
	w.press("ben", ch, "Correct")
	form := w.form("ben", "timeline")
	require.Equal(t, "campaign 8 was copied", input(t, form, "text"))
	bad := w.submit(form, slacksim.Values{"when": "half past"})
	require.Contains(t, bad.Errors["when"], "is not a time")
	w.submit(form, slacksim.Values{"text": "campaign 7 was copied", "when": "2036-03-28 08:40"})
	w.sees("ana", ch, says("corrected by @ben, of "), says("campaign 7 was copied. It said: campaign 8 was copied"))
	w.quiet()
	does("ana", fmt.Sprintf("timeline withdraw %d it was another campaign", note))
	w.sees("ben", ch, says(fmt.Sprintf("Note #%d withdrawn by @ana: it was another campaign", note)))
	does("ben", fmt.Sprintf("timeline correct %d at 08:00", note))
	w.sees("ben", ch, mine, says("was withdrawn by @ana"))
	does("ben", "timeline")
	list = w.sees("ben", ch, mine, says("withdrawn by @ana"))
	require.Contains(t, list.Plain, "it said: campaign 8 was copied")
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1'`), "what was said stays")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
	w.golden("timeline-corrected", ch)
}

func TestALongTimelineIsShownAPageAtATime(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	for n := range 13 {
		require.NoError(t, w.sim.Advance(time.Minute))
		w.slash("ana", ch, fmt.Sprintf("/snafu note step %d", n))
		w.quiet()
	}
	w.slash("ana", ch, "/snafu timeline")
	w.sees("ana", ch, mine, says("page 2 of 2"), says("step 12"))
	w.press("ana", ch, "Earlier")
	first := w.sees("ana", ch, mine, says("page 1 of 2"), says("Opened by @ana"))
	require.NotContains(t, first.Plain, "step 12")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
}
