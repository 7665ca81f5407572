package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// keeps lets time pass, and what is due in channels happen.
func (w *workspace) keeps(after time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.sim.Advance(after))
	_, err := w.response.Housekeep(w.ctx())
	require.NoError(w.t, err)
	w.quiet()
}

// archived is a snafu that was closed, and whose channel is archived since.
func (w *workspace) archived() string {
	w.t.Helper()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.types("ana", ch, "contain over", "triage 3 no", "resolve all were put back by hand", "close the script ran once and is gone")
	w.keeps(13*24*time.Hour - time.Minute)
	require.Zero(w.t, w.count(`select count(*) from journal where kind = 'archive-announced/1'`))
	w.keeps(time.Minute)
	w.keeps(time.Hour)
	w.sees("ana", ch, slacksim.Contains("This channel is archived"), slacksim.Contains("Apr 11, 2036 12:00"))
	w.keeps(23 * time.Hour)
	w.keeps(time.Hour)
	require.Equal(w.t, 1, w.count(`select count(*) from archives where archived_at is not null`))
	return ch
}

func TestTheChannelOfAClosedSnafuIsArchivedAndItGoesOnInAnother(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	says := slacksim.Contains
	ch := w.archived()
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'archive-announced/1'`), "it is said once")
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'archiving/1'`))

	// What is said later is in the log; nothing is posted into the archive or elsewhere.
	w.types("ben", "#general", "note SNAFU-1 sales thanked us")
	require.NotContains(t, w.sim.Transcript("#data-incidents"), "sales thanked us")

	w.types("ben", "#general", "reopen SNAFU-1 more twelve more were found")
	w.sees("ben", "#general", slacksim.OnlyForMe(), says("is archived, and Slack lets no app bring a channel back"), says("@ana"), slacksim.Shows("New channel"))
	w.keeps(9 * time.Minute)
	require.Zero(t, w.count(`select count(*) from journal where kind = 'channel-moved/1'`))
	w.keeps(time.Minute)
	next, err := w.sim.As("ben").AwaitChannel(w.ctx(), ch+"-2")
	require.NoError(t, err)
	w.quiet()
	w.sees("ben", next.Name, slacksim.IsPinned(), says("SNAFU-1 · Restoring"))
	w.sees("ana", next.Name, says("SNAFU-1 goes on here."))
	w.types("ana", next.Name, "note found in the second list")
	w.sees("ben", next.Name, says("found in the second list"))
	w.keeps(time.Hour)
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'channel-moved/1'`))
	w.slash("ana", next.Name, "/snafu reopen channel")
	w.sees("ana", next.Name, slacksim.OnlyForMe(), says("is not archived, so SNAFU-1 goes on there."))
	w.quiet()
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.golden("archived-and-reopened", ch, "#general", "#data-incidents", next.Name)
}

func TestWhoCannotWaitGetsTheOtherChannelByAPress(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.archived()
	w.types("ben", "#general", "reopen SNAFU-1 more twelve more were found")
	w.press("ben", "#general", "New channel")
	next, err := w.sim.As("ben").AwaitChannel(w.ctx(), ch+"-2")
	require.NoError(t, err)
	w.quiet()
	w.keeps(time.Hour)
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'channel-moved/1'`), "the ten minutes are over, and nothing is lost any more")
	require.True(t, strings.HasSuffix(next.Name, "-2"))
}
