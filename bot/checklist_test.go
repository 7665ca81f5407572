package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
)

func TestTheChecklistOfAnEarlierSnafuIsTickedInTheNextOne(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	first := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	for n, item := range []string{"Look at the first ten leads", "Ask who else copied the list"} {
		_, err := w.response.AddFollowUp(w.ctx(), journal.Act{By: w.id("ana").Actor(), Key: item}, 1, incidents.FollowUp{
			Text: "Write it down", Owner: w.id("ben"), Due: noon.Add(24 * time.Hour), Safeguard: item, Checklist: true,
		})
		require.NoError(t, err, n)
	}
	w.quiet()
	w.slash("ana", first, "/snafu todo tick SNAFU-1.T1")
	w.sees("ana", first, mine, says("No earlier snafu on this system has left a checklist."))

	w.settledSlash("ben", "#general", "/snafu open sev3 The weekly sync ran twice --on crm --new")
	ch := "#snafu-2-the-weekly-sync-ran-twice"
	w.enter(ch, "chi")
	w.sees("chi", ch, says("Checklist of earlier snafus"), says("0 of 2 ticked"), says("Look at the first ten leads"))
	w.settledPress("chi", ch, "Tick")
	w.sees("ben", ch, says("1 of 2 ticked"), says("@chi"))
	require.Equal(t, 1, w.count(`select count(*) from checklist_ticks where incident = 2 and from_incident = 1 and number = 1 and by = $1`, string(w.id("chi"))))
	w.settledSlash("ben", ch, "/snafu todo tick 1.T1")
	w.sees("ben", ch, mine, says("SNAFU-1.T1 is ticked already, by @chi."))
	w.settledSlash("ben", ch, "/snafu todo tick SNAFU-1.T7")
	w.sees("ben", ch, mine, says("There is no item"))
	w.settledSlash("ben", ch, "/snafu todo untick SNAFU-1.T1")
	w.settledSlash("ben", ch, "/snafu todo tick SNAFU-1.T2")
	w.settledSlash("ben", ch, "/snafu todos")
	w.sees("ben", ch, mine, says("1 of 2 ticked"), says("SNAFU-2 has no follow-up yet"))
	w.settledSlash("ben", ch, "/snafu timeline")
	w.golden("checklist", ch)
	require.Equal(t, []int{2, 1}, []int{w.happened("checklist-ticked/1"), w.happened("checklist-unticked/1")})

	// What nobody looked at stands in the report of the end, and stays so.
	for _, line := range []string{"triage 3 no", "contain over it ran once", "note fix the sync has a lock now", "triage 6 08:50", "resolve nothing else was touched", "close the sync has its lock and nothing was written"} {
		w.settledSlash("ben", ch, "/snafu "+line)
	}
	require.Equal(t, 1, w.count(`select count(*) from incidents where id = 2 and phase = 'closed'`))
	w.sees("ben", ch, says("1 of 2 ticked. Not ticked: SNAFU-1.T1 Look at the first ten leads."))
	w.settledSlash("ben", ch, "/snafu todo tick SNAFU-1.T1")
	w.sees("ben", ch, mine, says("SNAFU-2 is closed, and its checklist stays as it was."))
}
