package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAnEditedMessageOfTheTimelineIsOfferedToWhoPinnedIt(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.enter(ch, "ben", "chi")
	said, err := w.sim.As("ben").Says(w.ctx(), ch, "the sync was switched on at 08:40")
	require.NoError(t, err)
	edits := func(words string) {
		t.Helper()
		require.NoError(t, w.sim.Advance(time.Minute))
		_, err := w.sim.As("ben").Edits(w.ctx(), ch, said.TS, words)
		require.NoError(t, err)
		w.quiet()
	}
	edits("the sync was switched on at 08:45") // nobody has pinned it yet
	w.reacts("ana", ch, said.TS, "pushpin", false)

	edits("the sync was switched on at 08:50")
	offer := w.sees("ana", ch, mine, says("was edited"))
	require.Contains(t, offer.Plain, "at 08:45")
	require.Contains(t, offer.Plain, "It says now: the sync was switched on at 08:50")
	seen, err := w.sim.As("ben").Sees(ch)
	require.NoError(t, err)
	for _, m := range seen {
		require.NotContains(t, m.Plain, "was edited", "the channel hears nothing of it, nor does who edited it")
	}
	w.settledPress("ana", ch, "Leave as it was")
	w.sees("ana", ch, mine, says("stays as it was"))
	require.Zero(t, w.happened("entry-corrected/1"))

	edits("the sync and the clone were switched on at 08:50")
	w.sees("ana", ch, mine, says("It says now: the sync and the clone"))
	edits("the sync and the clone were switched on at 08:55")
	w.settledPress("ana", ch, "Keep the new text")
	w.sees("ben", ch, says("corrected by @ana"), says("at 08:55. It said: the sync was switched on at 08:45"))
	require.Equal(t, 1, w.happened("entry-corrected/1"))
	w.settledPress("ana", ch, "Keep the new text")
	w.sees("ana", ch, mine, says("or the timeline says it already"))
	require.Equal(t, 1, w.happened("entry-corrected/1"), "pressed twice it is one")

	w.reacts("ana", ch, said.TS, "pushpin", true)
	edits("never mind")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.golden("pinned-and-edited", ch)
}

// Nobody else hears of it, and nothing is tried for ever.
func TestAnEditedMessageIsNotOfferedToWhoHasLeftThePrivateSnafu(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Salaries were shown to everyone --private")
	_, err := w.sim.As("ana").Invites(w.ctx(), ch, "ben", "chi")
	require.NoError(t, err)
	w.quiet()
	said, err := w.sim.As("ben").Says(w.ctx(), ch, "the sheet was shared at 08:40")
	require.NoError(t, err)
	w.reacts("chi", ch, said.TS, "pushpin", false)
	require.NoError(t, w.sim.Admin().Kick(ch, "chi"))
	w.forget()
	before := len(w.direct("chi"))
	require.NoError(t, w.sim.Advance(time.Minute))
	_, err = w.sim.As("ben").Edits(w.ctx(), ch, said.TS, "the sheet was shared at 08:45")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return w.count(`select count(*) from river.river_job where kind = 'edited' and state = 'completed'`) == 1
	}, patience, 5*time.Millisecond)
	require.Len(t, w.direct("chi"), before)
}
