package count_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

func TestAWatchStartsWithThePickedRunAndAnswersWhetherItStillGrows(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	r := w.row()
	require.Equal(t, 15*time.Minute, r.Every)
	require.Equal(t, w.eye.clock().Add(15*time.Minute), r.Next)
	require.Equal(t, w.eye.clock().Add(24*time.Hour), r.Until)
	require.True(t, last[incidents.WatchStarted](w).ByItself)

	w.goes()
	w.tick()
	require.Equal(t, "Still happening: 2,500 -> 2,926 (+426) since "+r.Next.Add(-15*time.Minute).Format("15:04")+" UTC", last[incidents.Grew](w).Words().String())
	still := w.incident().Triage.Answer(incidents.QuestionStill)
	require.Equal(t, []string{incidents.Yes}, still.Choices)
	require.True(t, still.Measured)
	require.EqualValues(t, "system:watch", still.By)
	require.EqualValues(t, 2926, w.latest().Table.Members, "growth is measured whole")
	require.Equal(t, []int64{426}, w.grown, "what rests on fewer members is told")
	summary := incidents.Summarize(w.incident(), incidents.Moment{At: w.eye.clock()})
	require.Contains(t, summary.Cause.String(), "Still growing: +426 since ")

	w.eye.pass(2 * time.Minute)
	require.NoError(t, w.people.Contain(t.Context(), w.act(), w.id, incidents.Containment{How: incidents.Stopped, What: "Weekly stage sync"}))
	require.Equal(t, w.eye.clock().Add(time.Minute), w.row().Next, "people wait for the answer right after an act")
	w.tick()
	require.Equal(t, incidents.PhaseTriage, w.incident().Phase(), "one quiet count is not enough")
	w.tick()
	require.Equal(t, incidents.PhaseContained, w.incident().Phase())
	require.Equal(t, []string{incidents.No}, w.incident().Triage.Answer(incidents.QuestionStill).Choices)
	summary = incidents.Summarize(w.incident(), incidents.Moment{At: w.eye.clock()})
	require.Regexp(t, `Stopped .*, 0 new since \(recounted`, summary.Cause.String())

	w.exec(`insert into crm.campaign_member (run, lead_id, joined_at) values ('weekly-42', 2927, now())`)
	w.tick()
	require.Equal(t, incidents.PhaseTriage, w.incident().Phase(), "growth takes it back without a person")
	require.Equal(t, 2, w.kinds()["grew/1"])
	require.Equal(t, []int64{426, 1}, w.grown)
}

func TestOnlyWhatChangesIsSaidAndTheTenthCountIsExact(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.eye.exact = 0
	for range 2 {
		w.tick()
	}
	require.Equal(t, 1, w.kinds()["quiet/1"], "two equal counts are news")
	require.Equal(t, incidents.PhaseTriage, w.incident().Phase(), "nobody has done anything about the cause")
	require.Contains(t, incidents.Summarize(w.incident(), incidents.Moment{}).Cause.String(), "Not growing: 0 new since ")
	for range 8 {
		w.tick()
	}
	require.Equal(t, 9, w.eye.plain)
	require.Equal(t, 1, w.eye.exact, "the tenth measures everything")
	require.Equal(t, 1, w.kinds()["quiet/1"], "nothing more was news")
	require.Equal(t, 9, w.kinds()["watched/1"])

	w.goes()
	w.tick()
	w.exec(`insert into crm.campaign_member (run, lead_id, joined_at) values ('weekly-42', 2927, now())`)
	w.tick()
	require.Equal(t, 1, w.kinds()["grew/1"], "that it grows on is no alarm")
	on := last[incidents.GrewOn](w)
	require.EqualValues(t, 2500, on.From)
	require.EqualValues(t, 2927, on.To)
	require.Contains(t, incidents.Summarize(w.incident(), incidents.Moment{}).Cause.String(), "Still growing: +427 since ")
}

func TestAWatchRefusesInWordsAndEndsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	ctx := t.Context()
	for _, s := range []count.Schedule{
		{Every: 59 * time.Second}, {Every: 25 * time.Hour}, {For: 15 * 24 * time.Hour}, {Every: time.Hour, For: time.Minute},
	} {
		says(t, w.count.Watch(ctx, w.act(), w.id, s), refusal.KindInvalid, "watch")
	}
	says(t, w.count.Watch(ctx, w.act(), w.id, count.Schedule{Run: "weekly-99"}), refusal.KindNotFound, "weekly-42")
	says(t, w.count.Unwatch(ctx, w.act(), w.id, "weekly-99"), refusal.KindNotFound, "weekly-42")
	require.NoError(t, w.count.Unwatch(ctx, w.act(), w.id, ""))
	require.Equal(t, "asked", w.row().Ended)
	says(t, w.count.Unwatch(ctx, w.act(), w.id, ""), refusal.KindConflict, "/snafu watch")
	require.NoError(t, w.count.Watch(ctx, w.act(), w.id, count.Schedule{}), "it can be started again")
	require.Empty(t, w.row().Ended)

	require.NoError(t, w.count.Watch(t.Context(), w.act(), w.id, count.Schedule{Run: "Weekly-42", Every: 20 * time.Minute, For: 50 * time.Minute}))
	end := w.eye.clock().Add(50 * time.Minute)
	for range 3 {
		require.Empty(t, w.row().Ended)
		w.tick()
	}
	require.Equal(t, end, w.eye.clock(), "the last count is made at the end")
	require.Equal(t, "time", w.row().Ended)
	require.Contains(t, last[incidents.WatchEnded](w).Words().String(), "The watch of weekly-42 ended: its time is up. The last count found 2,500 at ")
	asked, err := w.count.Beat(t.Context())
	require.NoError(t, err)
	require.Zero(t, asked)
	_, goes, err := w.count.Watching(t.Context(), w.id)
	require.NoError(t, err)
	require.False(t, goes)

	require.NoError(t, w.count.Watch(ctx, w.act(), w.id, count.Schedule{}))
	ended := w.kinds()["watch-ended/1"]
	w.pick("weekly-41")
	require.Equal(t, ended+1, w.kinds()["watch-ended/1"])
	require.Nil(t, last[incidents.WatchEnded](w).Words(), "that another run was picked says it")
	view, goes, err := w.count.Watching(t.Context(), w.id)
	require.NoError(t, err)
	require.True(t, goes)
	require.Equal(t, "weekly-41", view.Run)

	require.NoError(t, w.people.Contain(t.Context(), w.act(), w.id, incidents.Containment{How: incidents.Over}))
	require.NoError(t, w.people.Answer(t.Context(), w.act(), w.id, 3, incidents.Answer{Choices: []string{incidents.No}}))
	require.NoError(t, w.people.Resolve(t.Context(), w.act(), w.id, "weekly-41 was right all along"))
	require.Empty(t, w.row().Ended, "a resolved incident is still watched")
	w.told()
	require.NoError(t, w.people.Close(t.Context(), w.act(), w.id, "nothing was wrong here at all"))
	require.Equal(t, "over", w.row().Ended)

	const anew = "SNAFU-1 is Closed. /snafu reopen WHY starts it again"
	says(t, w.count.Watch(ctx, w.act(), w.id, count.Schedule{}), refusal.KindConflict, anew)
	says(t, w.count.Pick(ctx, w.act(), w.id, count.ScopeOf("crm", "lead", []string{"lead_status"}, seenRun("weekly-42"))), refusal.KindConflict, anew)
	says(t, w.count.Decide(ctx, w.act(), w.id, []rollback.Decision{{Desired: rollback.One("MQL")}}), refusal.KindConflict, anew)

	require.NoError(t, w.people.Reopen(ctx, w.act(), w.id, incidents.AgainOccurs, "it was not right"))
	require.Empty(t, w.row().Ended, "what is reopened is watched again")
	require.Equal(t, w.eye.clock().Add(time.Minute), w.row().Next, "soon, because people wait for the answer")
	require.True(t, last[incidents.WatchStarted](w).ByItself)
	w.tick()
	require.Equal(t, 1, w.row().Ticks)
}

func TestTwoProcessesCountOnceForOneWatchAndOneGoesOnForTheOther(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	r := w.row()
	w.eye.pass(15 * time.Minute)
	processes := []*count.Count{w.count, w.another()}
	var both sync.WaitGroup
	asked, ticked := make([]int, 2), make([]error, 2)
	for i, c := range processes {
		both.Go(func() {
			n, err := c.Beat(t.Context())
			asked[i], ticked[i] = n, err
			if err == nil {
				ticked[i] = c.Tick(t.Context(), job(r))
			}
		})
	}
	both.Wait()
	require.NoError(t, ticked[0])
	require.NoError(t, ticked[1])
	require.LessOrEqual(t, asked[0]+asked[1], 1, "one job, whoever asks")
	require.Equal(t, 1, w.kinds()["watched/1"], "one count")
	require.Equal(t, 1, w.row().Ticks)
	require.Equal(t, r.Next.Add(15*time.Minute), w.row().Next)

	// One of them is killed while it counts.
	r = w.row()
	w.eye.pass(15 * time.Minute)
	ctx, kill := withCancel(t)
	w.eye.stop()
	cut := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { cut <- w.count.Tick(ctx, job(r)) })
	<-w.eye.began
	kill()
	require.Error(t, <-cut)
	running.Wait()
	require.Equal(t, 1, w.row().Ticks, "nothing was stored")
	w.eye.start()

	next := w.another()
	w.eye.pass(3 * time.Hour) // nobody was there to count
	found, err := next.Beat(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, found, "what is due is read from rows")
	require.NoError(t, next.Tick(t.Context(), job(r)))
	require.Equal(t, 2, w.row().Ticks, "it is not made up for what was missed")
	require.Zero(t, w.kinds()["watch-slow/1"], "that nobody was there is no slow count")
	require.Equal(t, w.eye.clock().Add(15*time.Minute), w.row().Next, "on the beat it had")
}

func TestASlowCountOfAWatchTakesNothingBackThatWasCountedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	r := w.row()
	w.eye.pass(r.Next.Sub(w.eye.clock()))
	w.eye.stop()
	slow := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() { slow <- w.count.Tick(t.Context(), job(r)) })
	<-w.eye.began // it has seen 2,500
	end := w.eye.block
	w.eye.start()

	w.goes()
	w.eye.pass(time.Second)
	require.NoError(t, w.another().Measure(t.Context(), w.act(), w.id)) // a person counts, in another process
	require.EqualValues(t, 2926, w.incident().Recount.Touched)
	close(end)
	require.NoError(t, <-slow)
	running.Wait()

	require.EqualValues(t, 2926, w.incident().Recount.Touched)
	require.EqualValues(t, 2926, w.latest().Table.Members)
	require.Zero(t, w.kinds()["watched/1"], "what is older is no news")
	require.Equal(t, 1, w.row().Ticks, "and the watch goes on")
	require.Equal(t, r.Next.Add(15*time.Minute), w.row().Next)
}

func TestASourceThatIsAwayOrSlowIsSaidOnceAndItsReturnToo(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.eye.leave(t, w.opt)
	w.tick()
	w.tick()
	w.tick()
	require.Equal(t, 1, w.kinds()["watch-blind/1"])
	said := last[incidents.WatchBlind](w).Words().String()
	require.Contains(t, said, "crm cannot be reached")
	require.Contains(t, said, "The last count of weekly-42 is 2,500 at ")
	require.Contains(t, said, "Next try at ")
	require.Equal(t, 3, w.row().Ticks, "it goes on trying")
	view, _, err := w.count.Watching(t.Context(), w.id)
	require.NoError(t, err)
	require.Contains(t, view.Words().String(), "no answer since ")
	require.Empty(t, w.incident().Triage.Answer(incidents.QuestionStill).Choices, "what was not counted is no answer")

	w.eye.back()
	w.goes()
	w.tick()
	w.tick()
	require.Equal(t, 1, w.kinds()["watch-sees/1"])
	require.Contains(t, last[incidents.WatchSees](w).Words().String(), "crm answers again: 2,926 touched by weekly-42 at ")
	require.Equal(t, 1, w.kinds()["grew/1"], "what grew meanwhile is found")

	// A slow count leaves out what comes due meanwhile.
	require.NoError(t, w.count.Watch(t.Context(), w.act(), w.id, count.Schedule{Every: time.Minute, For: time.Hour}))
	for range 2 {
		r := w.row()
		w.eye.pass(r.Next.Sub(w.eye.clock()))
		w.eye.stop()
		var running sync.WaitGroup
		ended := make(chan error, 1)
		running.Go(func() { ended <- w.count.Tick(t.Context(), job(r)) })
		<-w.eye.began
		w.eye.pass(2*time.Minute + time.Second)
		close(w.eye.block)
		require.NoError(t, <-ended)
		running.Wait()
		w.eye.start()
		require.Equal(t, r.Next.Add(3*time.Minute), w.row().Next)
	}
	require.Equal(t, 1, w.kinds()["watch-slow/1"])
	require.Contains(t, last[incidents.WatchSlow](w).Words().String(), "takes longer than 1 min, so 2 left out")
	w.tick()
	require.False(t, w.row().IsSlow)
}
