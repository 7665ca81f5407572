package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback/approval"
)

// direct is what the bot has written to somebody alone, the newest last.
func (w *workspace) direct(who string) (all []slacksim.Message) {
	w.t.Helper()
	messages, err := w.sim.As(who).Sees("@snafu")
	require.NoError(w.t, err)
	for _, m := range messages {
		if m.Bot && !m.Deleted {
			all = append(all, m)
		}
	}
	return all
}

func TestBreakGlassTellsEverybodyAndIsLookedAtByTwoOthers(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), withAnnouncements)
	w.crm = newCRM(t)
	w.crm.also = []string{"ana", "ben", "gus"}
	w.crm.glass = approval.Glass{Enabled: true, MaxRows: 2000}
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch, _ := w.proposed()

	w.slash("ana", ch, "/snafu plan breakglass R1 it is late")
	w.sees("ana", ch, mine, says("Say in at least 20 characters why this cannot wait"))
	w.slash("ana", ch, "/snafu plan breakglass R1 the mailing goes out at five and nobody else is awake")
	w.sees("ana", ch, mine, says("Your own approval will count for this plan"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	w.quiet()
	w.sees("ben", ch, says("Break-glass: the approval of @ana, who asked for it, counts: the mailing goes out at five"), slacksim.Shows("Review and approve"))
	for _, who := range []string{"chi", "dev", "ben"} {
		told := w.direct(who)
		require.NotEmpty(t, told, who)
		require.Contains(t, told[len(told)-1].Plain, "Break-glass: the approval of @ana, who asked for it, counts")
	}

	w.approves("ana", ch, "1176")
	w.approves("chi", ch, "1176")
	told := w.direct("dev")
	require.Contains(t, told[len(told)-1].Plain, "SNAFU-1 R1: nothing is wanted of you any more.")
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("dev", ch, says("20 written, 20 read back"), slacksim.Shows("Continue"))
	w.sees("dev", ch, says("Break-glass: R1 ran on the approval of @ana, who asked for it"), says("2 of 2 reviews by others are missing"), slacksim.Shows("I have looked at it"))
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, says("R1 done: "))
	w.quiet()

	w.press("chi", ch, "I have looked at it")
	w.sees("chi", ch, mine, says("You approved it, so your review of R1 can't count."))
	w.press("dev", ch, "I have looked at it")
	w.sees("ana", ch, says("@dev has looked at R1 · 1 of 2 reviews"))
	w.quiet()
	_, err := w.sim.As("ben").Joins(w.ctx(), ch)
	require.NoError(t, err)
	w.slash("ben", ch, "/snafu reviewed R1")
	w.sees("ana", ch, says("@ben has looked at R1 · 2 of 2 reviews"))
	w.quiet()
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
}

func TestWhoMayStillApproveIsCalledToMindOneMessageAtATime(t *testing.T) {
	t.Parallel()
	w := repairing(t)
	ch, stamp := w.proposed()
	_, err := w.admin().Exec(w.ctx(), `update snafu.incidents set severity = 1`) // held back by no night
	require.NoError(t, err)
	plans := approval.New(approval.Options{DB: w.db, Sources: w.crm.approvals(w), Eligible: w.bot.Eligible})
	remind := func() {
		at := time.UnixMilli(w.now())
		require.NoError(t, plans.Remind(w.ctx(), jobs.Job[approval.Remind]{Args: approval.Remind{Plan: stamp.Plan.Plan, Revision: 1, At: at}}))
		w.quiet()
		require.NoError(t, w.sim.Advance(time.Minute))
	}
	before := len(w.direct("dev"))
	remind()
	remind()
	told := w.direct("dev")
	require.Len(t, told, before+1, "the second replaces the first")
	require.Contains(t, told[before].Plain, "R1 r1 by @ana waits for 2 of 2 approvals: 1,176 leads to write.")
	require.Empty(t, w.direct("ana"), "whoever asked for it is not asked")

	w.press("dev", "@snafu", "In an hour")
	w.quiet()
	require.Equal(t, 1, w.happened("reminder-snoozed/1"))
	chis := w.direct("chi")
	remind()
	require.Equal(t, told[before].TS, w.direct("dev")[before].TS, "who wants to hear of it later is left alone")
	require.NotEqual(t, chis[len(chis)-1].TS, w.direct("chi")[len(chis)-1].TS, "and nobody else")
	var until time.Time
	require.NoError(t, w.db.Pool().QueryRow(w.ctx(), `select until from plan_snoozes`).Scan(&until))
	require.NoError(t, w.sim.Advance(until.Sub(time.UnixMilli(w.now()))+time.Second))
	require.NoError(t, plans.Remind(w.ctx(), jobs.Job[approval.Remind]{Args: approval.Remind{Plan: stamp.Plan.Plan, Revision: 1, At: until, Person: w.id("dev")}}))
	w.quiet()
	require.NotEqual(t, told[before].TS, w.direct("dev")[before].TS)

	w.approves("chi", ch, "1176")
	told = w.direct("chi")
	require.Contains(t, told[len(told)-1].Plain, "nothing is wanted of you any more")
	told = w.direct("dev")
	require.Contains(t, told[len(told)-1].Plain, "waits for 2 of 2 approvals")
	w.press("dev", "@snafu", "Review and approve")
	w.submit(w.form("dev", "approve"), slacksim.Values{"rows": "1176", "samples": []string{"looked"}})
	w.quiet()
	require.Equal(t, 2, w.voices())
	told = w.direct("dev")
	require.Contains(t, told[len(told)-1].Plain, "nothing is wanted of you any more")
}
