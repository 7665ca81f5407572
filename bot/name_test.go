package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAChannelNameThatSomebodyElseHasGetsANumberBehindIt(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	const name = "snafu-1-leads-moved-to-sql-by-mistake"
	require.NoError(t, w.sim.Admin().CreateChannel(slacksim.WorkspaceRoom{Name: name, Members: []string{"ben"}}))
	w.slash("ana", "#general", "/snafu open sev3 Leads moved to SQL by mistake --on crm")
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#"+name+"-2")
	require.NoError(t, err)
	w.quiet()
	w.sees("ana", "#general", slacksim.OnlyForMe(), slacksim.Contains("SNAFU-1 is open, and you lead it: #"+name+"-2"))
	w.types("ana", ch.Name, "note The other channel is of last year")
	theirs, err := w.sim.As("ben").Sees("#" + name)
	require.NoError(t, err)
	for _, m := range theirs {
		require.False(t, m.Bot, "nothing is said in a channel of others")
	}
	w.sound()
	w.golden("name-taken", "#general", "#data-incidents", ch.Name)
}

func TestWhatWasResolvedBeginsAnewWhenTheErrorOccursAgain(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.joins("ben", ch)
	w.types("ana", ch, "contain stopped Weekly stage sync", "triage 3 no", "triage 9 none by the mail log", "note fix All were put back by hand", "resolve There is no source to count in")
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'resolved'`))
	require.NoError(t, w.sim.Advance(2*time.Hour))
	w.types("ben", ch, "reopen again The sync was switched on at noon")
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'triage'`))
	w.types("ana", ch, "contain removed The step of the sync", "triage 3 no", "resolve The same twelve were put back")
	require.Equal(t, 1, w.count(`select count(*) from incidents where phase = 'resolved'`))
	w.sound()
	w.golden("reopened", ch, "#data-incidents")
}
