package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// weekday is a Wednesday morning: nobody rests.
var weekday = time.Date(2036, 3, 26, 10, 0, 0, 0, time.UTC)

// workday is a workspace on a Wednesday morning, where the central channel is told.
func workday(t *testing.T) *workspace {
	t.Helper()
	return quietWorkspace(t, slacksim.FrozenClock(weekday), withAnnouncements).begin()
}

// later moves the clock on and lets the duty of reminders come round.
func (w *workspace) later(d time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.sim.Advance(d))
	w.tick()
}

func (w *workspace) tick() {
	w.t.Helper()
	_, err := w.response.Missed(w.ctx())
	require.NoError(w.t, err)
	_, err = w.response.Nags(w.ctx())
	require.NoError(w.t, err)
	w.advanceUntilQuiet()
}

// morning lets the duty of the digest come round.
func (w *workspace) morning() {
	w.t.Helper()
	_, err := w.response.Morning(w.ctx())
	require.NoError(w.t, err)
	w.quiet()
}

// Somebody promises the next update and misses it; whoever looks at the Summary
// sees it as well as who is reminded, and an update clears it.
func TestAnOverdueUpdateIsSaidOnceAndClearedByOne(t *testing.T) {
	t.Parallel()
	w := workday(t)
	ch := w.open("ana", "sev2 Queued subscribers lost their step")
	w.slash("ana", ch, "/snafu promise 11:30")
	w.quiet()
	w.later(85 * time.Minute)
	w.later(5*time.Minute + time.Second)
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("Update overdue since 11:30"))
	w.later(5 * time.Minute)
	w.later(20 * time.Minute)
	w.slash("dev", "#general", "/snafu status SNAFU-1")
	w.sees("dev", "#general", slacksim.OnlyForMe(), slacksim.Contains("Update overdue since 11:30"))
	w.press("ana", "@snafu", "Post update")
	w.submit(w.form("ana", "update"), slacksim.Values{
		"changed": "The workflows are off. 3,632 subscribers have no step.", "next": "ask for the backup", "by": "30m", "audience": "all",
	})
	w.quiet()
	w.later(time.Minute)
	require.Equal(t, 1, w.happened("update-overdue/1"))
	told := w.direct("ana")
	require.Contains(t, told[len(told)-1].Plain, "this is done; nothing is wanted of you here any more")
	w.sound()
	w.golden("update-overdue", ch, "#data-incidents", "@ana")
}

func TestWhoFollowsHearsOfEachUpdateAndPhase(t *testing.T) {
	t.Parallel()
	w := workday(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.press("dev", "#data-incidents", "Follow")
	w.quiet()
	w.joins("ben", ch)
	w.types("ben", ch, "follow @chi")
	w.types("ana", ch, "follow @chi", "follow @gus")
	w.slash("chi", "#general", "/snafu settings")
	w.submit(w.form("chi", "settings"), slacksim.Values{"from": "20:00", "to": "8:00", "weekends": []string{"weekends"}, "tell": []string{"phases"}})
	w.quiet()
	w.types("ana", ch, "contain over the list ran once")
	w.types("ana", ch, "triage 3 no")
	w.quiet()
	w.types("ana", ch, "update the list ran once, nothing new comes")
	w.types("dev", "#general", "unfollow SNAFU-1")
	w.types("ana", ch, "resolve there is no source to count in")
	w.sound()
	w.golden("followers", ch, "#data-incidents", "@dev", "@chi")
}

func TestTheNightIsQuietUnlessItIsTheWorst(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(weekday.Add(9*time.Hour)), withAnnouncements).begin() // seven in the evening
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake")
	for range 26 {
		w.later(30 * time.Minute) // until eight in the morning
	}
	require.Equal(t, 1, w.happened("nagged/1"), "one, of all that the night has held back")
	w.golden("quiet-night", ch, "@ana")

	_, err := w.admin().Exec(w.ctx(), `update snafu.incidents set severity = 1`)
	require.NoError(t, err)
	w.slash("ana", ch, "/snafu update we count")
	w.quiet()
	w.slash("ana", ch, "/snafu promise 23:00")
	w.quiet()
	w.later(15 * time.Hour)
	require.Equal(t, 2, w.happened("nagged/1"), "at SEV1 no night counts")
}

func TestASnoozeHoldsOnceAndOffNeedsAReason(t *testing.T) {
	t.Parallel()
	w := workday(t)
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake")
	w.later(55 * time.Minute)
	w.press("ana", "@snafu", "Snooze 1 h")
	w.quiet()
	w.later(20 * time.Minute)
	require.Equal(t, 1, w.happened("nagged/1"))
	w.later(40 * time.Minute)
	require.Equal(t, 2, w.happened("nagged/1"), "a snooze is over after an hour")
	w.later(20 * time.Minute)
	require.Equal(t, 3, w.happened("nagged/1"), "and does not come back")
	w.joins("ben", ch)
	w.types("ben", ch, "nag snooze tomorrow", "nag", "nag on")
	w.press("ana", "@snafu", "Off")
	w.submit(w.form("ana", "nag"), slacksim.Values{"why": "I write to them by mail"})
	w.quiet()
	w.later(3 * time.Hour)
	require.Equal(t, 3, w.happened("nagged/1"))
	w.slash("ana", ch, "/snafu nag off")
	w.submit(w.form("ana", "nag"), slacksim.Values{"why": "all are in one room"})
	w.quiet()
	w.sound()
	// The answer to a press may come before the edit of what was pressed, or behind it.
	w.goldenBut("  to @ana   I ", "nag-snoozed-once", ch, "@ana")
}

func TestInTheMorningTheCentralChannelIsToldWhatIsOpen(t *testing.T) {
	t.Parallel()
	w := workday(t)
	w.slash("ana", "#general", "/snafu open sev2 Leads moved to SQL by mistake")
	w.quiet()
	w.slash("ben", "#general", "/snafu open sev3 Orders without an address")
	w.quiet()
	w.slash("chi", "#general", "/snafu open --private Salaries in a sheet")
	w.quiet()
	w.slash("chi", "#general", "/snafu open --drill A drill")
	w.quiet()
	require.NoError(t, w.sim.Advance(23*time.Hour))
	w.morning()
	w.morning()
	w.kill()
	w.start(true)
	w.morning()
	require.Equal(t, 1, w.count(`select count(*) from digests where told_at is not null`))
	digests := 0
	messages, err := w.sim.As("ana").Sees("#data-incidents")
	require.NoError(t, err)
	for _, m := range messages {
		if strings.Contains(m.Plain, "open snafus") {
			digests++
			require.NotContains(t, m.Plain, "Salaries")
			require.NotContains(t, m.Plain, "A drill")
		}
	}
	require.Equal(t, 1, digests)
	// Should the answer to a post be lost, what was posted is found again.
	_, err = w.admin().Exec(w.ctx(), `update snafu.digests set told_at = null`)
	require.NoError(t, err)
	require.NoError(t, w.tellDigest("2036-03-27"))
	require.Equal(t, 1, w.count(`select count(*) from digests where told_at is not null`))
	w.golden("morning-digest", "#data-incidents")
}

func (w *workspace) tellDigest(day string) error {
	return w.bot.TellDigest(w.ctx(), jobs.Job[response.Digest]{Args: response.Digest{Day: day}})
}
