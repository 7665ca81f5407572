package bot_test

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// long is a source that counts until it is let go or cancelled.
type long struct {
	here
	let       chan struct{}
	cancelled *atomic.Int64
}

func (l long) StateTable(ctx context.Context, s rollback.Scope) (rollback.StateTable, error) {
	select {
	case <-l.let:
		return l.here.StateTable(ctx, s)
	case <-ctx.Done():
		l.cancelled.Add(1)
		return rollback.StateTable{}, ctx.Err()
	}
}

// patient is a workspace whose source takes its time once slow is set.
func patient(t *testing.T, opts ...func(*bot.Options)) (w *workspace, ch string, l long, slow *atomic.Bool) {
	t.Helper()
	w = quietWorkspace(t, slacksim.FrozenClock(noon), append(opts, func(o *bot.Options) { o.CountShown = 100 * time.Millisecond })...)
	w.crm = newCRM(t)
	l = long{let: make(chan struct{}), cancelled: &atomic.Int64{}}
	l.here = here{w.crm.read, w.db.Clock}
	slow = &atomic.Bool{}
	w.reader = func(string) (source.Reader, error) {
		if slow.Load() {
			return l, nil
		}
		return l.here, nil
	}
	w.begin()
	ch = w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	require.NoError(t, w.sim.Advance(time.Minute))
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.quiet()
	require.NoError(t, w.sim.Advance(time.Minute))
	slow.Store(true)
	return w, ch, l, slow
}

// since is true of what was posted since the clock was moved last; picking the
// run may have taken long enough to be shown too.
func (w *workspace) since() slacksim.Matching {
	return slacksim.After(strconv.FormatInt(w.db.Clock().Add(-30*time.Second).Unix(), 10))
}

// of are the messages in a channel with these words that fit.
func (w *workspace) of(ch, words string, fits slacksim.Matching) (all []slacksim.Message) {
	w.t.Helper()
	seen, err := w.sim.As("ana").Sees(ch)
	require.NoError(w.t, err)
	for _, m := range seen {
		if fits(slacksim.Seen{TS: m.TS}) && strings.Contains(m.Plain, words) {
			all = append(all, m)
		}
	}
	return all
}

func TestALongCountIsShownAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	w, ch, l, _ := patient(t)
	says := slacksim.Contains
	shown := w.count(`select count(*) from messages where kind like 'counting:%'`)

	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says("so far"))
	w.press("ana", ch, "Cancel the count")
	w.sees("ana", ch, says("the count ended without a result after"), says("The count was cancelled by @ana."))
	w.quiet()
	require.EqualValues(t, 1, l.cancelled.Load(), "the source was told to stop")
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'measured/1'`))

	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says("so far"))
	close(l.let)
	w.sees("ana", ch, says("SNAFU-1: counted in "))
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'measured/1'`))
	require.Equal(t, shown+2, w.count(`select count(*) from messages where kind like 'counting:%'`), "one message each, edited")
}

const countings = `select count(*) from messages where kind like 'counting:%'`

func TestACountWhoseBotEndsIsTakenOverInItsMessage(t *testing.T) {
	t.Parallel()
	w, ch, l, slow := patient(t)
	before := w.count(countings)
	w.slash("ana", ch, "/snafu count")
	first := w.sees("ana", ch, w.since(), slacksim.Contains("so far"))
	w.kill() // in the middle of it
	require.EqualValues(t, 1, l.cancelled.Load(), "the source was told to stop")
	require.Len(t, w.of(ch, "so far", w.since()), 1, "it is not over: somebody else goes on with it")

	slow.Store(false) // so quick now that nothing of it would be shown
	w.start(true)
	last := w.sees("ana", ch, w.since(), slacksim.Contains("SNAFU-1: counted in "))
	require.Equal(t, first.TS, last.TS, "the message that was there")
	w.settles()
	require.Equal(t, before+1, w.count(countings))
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'measured/1'`))
}

func TestACountThatIsCancelledWhileNoBotIsThereIsNotCountedOn(t *testing.T) {
	t.Parallel()
	w, ch, _, _ := patient(t)
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, w.since(), slacksim.Contains("so far"))
	w.kill()
	ana := w.id("ana")
	require.NoError(t, w.counts.Cancel(w.ctx(), journal.Act{By: ana.Actor(), Key: "receipt:another process"}, 1))
	w.start(true) // the source is as slow as before
	w.sees("ana", ch, slacksim.Contains("the count ended without a result after"), slacksim.Contains("The count was cancelled by @ana."))
	w.settles()
}

func TestACountingMessageThatNobodyEndedIsEndedByTheSweep(t *testing.T) {
	t.Parallel()
	w, ch, l, _ := patient(t)
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, w.since(), slacksim.Contains("so far"))
	fault, err := w.sim.Fault(slacksim.Fault{Kind: "api.error", Error: "internal_error", Always: true, Match: slacksim.Match{Method: "chat.update"}})
	require.NoError(t, err)
	close(l.let)
	require.Eventually(t, func() bool { return w.count(`select count(*) from receipts where outcome is null`) == 0 }, patience, 5*time.Millisecond)
	found, err := w.bot.Sweep(w.ctx())
	require.NoError(t, err)
	require.Equal(t, 1, found)
	require.Len(t, w.of(ch, "so far", w.since()), 1, "Slack takes nothing yet")

	require.True(t, w.sim.Unfault(fault))
	_, err = w.bot.Sweep(w.ctx())
	require.NoError(t, err)
	w.sees("ana", ch, w.since(), slacksim.Contains("SNAFU-1: counted in "))
	found, err = w.bot.Sweep(w.ctx())
	require.NoError(t, err)
	require.Zero(t, found, "once")
}

func TestACountWhosePostLostItsAnswerIsShownOnce(t *testing.T) {
	t.Parallel()
	w, ch, l, _ := patient(t)
	edited := w.called("chat.update")
	w.fault(slacksim.Fault{Kind: "api.lost_reply", Match: slacksim.Match{Method: "chat.postMessage"}})
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, w.since(), slacksim.Contains("so far"))
	require.Eventually(t, func() bool { return w.called("chat.update") > edited && w.count(countings+` and ts <> ''`) > 0 }, patience, 5*time.Millisecond, "it is found again and edited")
	close(l.let)
	w.sees("ana", ch, w.since(), slacksim.Contains("SNAFU-1: counted in "))
	w.quiet()
	require.Len(t, w.of(ch, "counted in", w.since()), 1)
	require.Empty(t, w.of(ch, "so far", w.since()), "one message")
}

func TestACountThatTakesLongerThanAnybodyWaitsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w, ch, l, _ := patient(t, func(o *bot.Options) { o.CountWithin = 5 * time.Second })
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, w.since(), slacksim.Contains("the count ended without a result after"), slacksim.Contains("This count takes longer than 5 s, which is as long as an answer can wait. /snafu watch counts without that limit; the indexes that snafu source sql advises make it quick."))
	w.quiet()
	require.EqualValues(t, 1, l.cancelled.Load(), "the source does not work on it any more")

	require.Equal(t, 39*time.Second, bot.CountWithin(15*time.Second), "one count may have to wait for another")
	require.Greater(t, bot.CountWithin(10*time.Minute), 20*time.Minute, "a source that is given long is not cut short")
	require.Greater(t, bot.Act{}.Timeout(), bot.CountWithin(10*time.Minute), "nor by whoever runs the act")
}

func TestCountsThatPeopleWaitForLeaveRoomForWhatCannotWait(t *testing.T) {
	t.Parallel()
	w, ch, l, _ := patient(t)
	for range 5 {
		w.slash("ana", ch, "/snafu count")
	}
	w.sees("ana", ch, w.since(), slacksim.OnlyForMe(), slacksim.Contains("4 counts are at work that people wait for. Try again in a minute"))
	w.slash("ana", ch, "/snafu note it takes long")
	w.sees("ana", ch, slacksim.Contains("Note by @ana: it takes long"))
	close(l.let)
	w.quiet()
}
