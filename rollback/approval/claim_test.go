package approval_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
)

func TestAdversarial11AnApproverWhoLeftTheListIsNoVoiceAtTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	h.list(ben, dev)
	err := h.claim(stamp, ben)
	require.Equal(t, "not-listed", code(t, err))
	require.EqualError(t, err, "The approval of R1 by <@CHI> no longer counts. Freeze R1 again and ask anew.")
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan))
	require.Equal(t, 1, h.told("run-refused/1"))
}

func TestAdversarial12AnApproverWhoWasDeactivatedIsNoVoiceAtTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	h.flag(chi, func(s *approval.Standing) { s.Deactivated = true })
	require.Equal(t, "account", code(t, h.claim(stamp, ben)))
	require.Equal(t, "account", code(t, h.claim(stamp, chi)))
	require.Zero(t, h.executions())
}

func (h *house) executions() int {
	h.t.Helper()
	var n int
	require.NoError(h.t, h.db.Pool().QueryRow(h.t.Context(), `select count(*) from executions`).Scan(&n))
	return n
}

func TestAdversarial14APlanThatDidNotStartInTimeNeverStarts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	h.wait(time.Hour)
	err := h.claim(stamp, ben)
	require.Equal(t, "start-late", code(t, err))
	require.EqualError(t, err, "R1 had to start by 13:01 UTC. Freeze it again.")
	require.Zero(t, h.executions())

	again := h.freeze(stamp.Plan, ana)
	require.EqualValues(t, 2, again.Revision, "freezing again is a new revision, approved anew")
	require.Empty(t, h.get(stamp.Plan).Approvals)
}

func TestAdversarial16AnEditedRowHoldsNoVoices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	// An owner of the tables who switches the triggers off edits one value.
	h.asOwner(`alter table revisions disable trigger revisions_kept`)
	h.asOwner(`update revisions set spec = jsonb_set(spec, '{decisions,0,desired,0}', '"Lost"')`)
	require.Equal(t, "stale", code(t, h.claim(stamp, ben)))
	_, _, err := h.a.ForRun(t.Context(), approval.Run{Plan: stamp.Plan, Revision: 1, Digest: stamp.Digest})
	require.Error(t, err)
	require.Zero(t, h.executions())
}

func TestAdversarial18OneApprovalIsNeverEnough(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *approval.Source) { s.Needed = 1 })
	_, err := h.a.Draft(t.Context(), h.act(ana), h.id, ask())
	require.ErrorContains(t, err, "revisions_needs_check")
}

func TestOfThreeNeededTwoAreNotEnough(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s *approval.Source) { s.Needed = 3 })
	h.list(ben, chi, dev)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))
	require.Equal(t, "state", code(t, h.claim(stamp, ben)))
	require.NoError(t, h.approve(stamp, dev))
	h.flag(dev, func(s *approval.Standing) { s.Guest = true })
	require.Equal(t, "guest", code(t, h.claim(stamp, ben)), "the third voice is asked about too")
	h.flag(dev, func(s *approval.Standing) { s.Guest = false })
	require.NoError(t, h.claim(stamp, ben))
	_, _, err := h.a.ForRun(t.Context(), approval.Run{Plan: stamp.Plan, Revision: 1, Digest: stamp.Digest})
	require.NoError(t, err)
}

func TestAdversarial22OfManyStartsOneWins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	var wins, refused int
	var mu sync.Mutex
	var group sync.WaitGroup
	for i := range 8 {
		who := []incidents.Person{ben, chi}[i%2]
		group.Go(func() {
			err := h.claim(stamp, who)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				wins++
			} else if code(t, err) == "state" {
				refused++
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, wins)
	require.Equal(t, 7, refused)
	require.Equal(t, 1, h.executions())
	require.Equal(t, 1, h.told("run-claimed/1"))
}

func TestAdversarial22OfTwoExecutorsOneOwnsTheRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, run := h.running()
	epoch, err := h.a.Own(t.Context(), run, "first", 15*time.Second)
	require.NoError(t, err)
	_, err = h.a.Own(t.Context(), run, "second", 15*time.Second)
	require.ErrorIs(t, err, approval.ErrOwned)
	require.NoError(t, h.a.Keep(t.Context(), run, "first", epoch, 15*time.Second))
	owned, err := h.a.Unowned(t.Context())
	require.NoError(t, err)
	require.Empty(t, owned)

	h.wait(16 * time.Second)
	unowned, err := h.a.Unowned(t.Context())
	require.NoError(t, err)
	require.Equal(t, []approval.Run{run}, unowned)
	later, err := h.a.Own(t.Context(), run, "second", 15*time.Second)
	require.NoError(t, err)
	require.Greater(t, later, epoch)
	require.ErrorIs(t, h.a.Keep(t.Context(), run, "first", epoch, 15*time.Second), approval.ErrOwned)
}

// Nothing about a plan lives in memory: another process decides on with the
// rows alone.
func TestAdversarial24AButtonOutlivesTheProcessThatPostedIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	posted, err := rollback.ParseStamp(stamp.String())
	require.NoError(t, err)
	h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{source("crm")}})
	require.NoError(t, h.approve(posted, ben))
	h.a = approval.New(approval.Options{DB: h.db, Eligible: h.eligible, Sources: []approval.Source{source("crm")}})
	require.NoError(t, h.approve(posted, chi))
	require.NoError(t, h.claim(posted, chi))
}

func TestTheStartWantsTheNameOfThePlanAndAnApprover(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.approved()
	require.Equal(t, "typed", code(t, h.a.Claim(t.Context(), h.act(ben), stamp, "R2")))
	require.Equal(t, "not-listed", code(t, h.claim(stamp, ana)))
	require.Equal(t, 2, h.told("run-refused/1"))
	require.NoError(t, h.a.Claim(t.Context(), h.act(ben), stamp, "r1"))
}

func TestOnePlanRunsOnASourceAtATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, _ := h.running()
	other := h.proposed()
	require.NoError(t, h.approve(other, ben))
	require.NoError(t, h.approve(other, chi))
	err := h.claim(other, ben)
	require.Equal(t, "running", code(t, err))
	require.EqualError(t, err, "R1 is running on crm; R2 can start when it ends.")

	r, err := response.New(response.Options{DB: h.db})
	require.NoError(t, err)
	inc, err := r.Get(t.Context(), h.id)
	require.NoError(t, err)
	require.Equal(t, []string{"R1"}, inc.Holds, "an incident with a live run can't close")

	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderPause, ""))
	require.NoError(t, h.pauseByOrder(stamp))
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderAbort, "wrong run"))
	require.Equal(t, rollback.NameAborted, h.state(stamp.Plan))
	require.NoError(t, h.claim(other, ben))
}

func job(stamp rollback.Stamp) approval.Run {
	return approval.Run{Plan: stamp.Plan, Revision: stamp.Revision, Digest: stamp.Digest}
}

func (h *house) pauseByOrder(stamp rollback.Stamp) error {
	word, _, err := h.a.Ordered(h.t.Context(), job(stamp))
	require.NoError(h.t, err)
	require.Equal(h.t, rollback.OrderPause, word)
	return h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Pause(ctx, tx, job(stamp), h.acts.Add(1), approval.Pause{Code: "order", Why: "Paused by hand."})
	})
}

func (h *house) seen(run approval.Run, number, lo, hi int64, counts rollback.Outcomes) error {
	return h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Seen(ctx, tx, run, 1, rollback.Batch{Number: number, Lo: lo, Hi: hi, Counts: counts, Digest: []byte("d")})
	})
}

func TestARunIsToldFromItsFirstRecordsToItsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, run := h.running()
	require.NoError(t, h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Preflighted(ctx, tx, run, 1, rollback.Drift{RowsKept: true})
	}))
	require.NoError(t, h.seen(run, 1, 1, 20, rollback.Outcomes{Written: 20}))
	require.ErrorIs(t, h.seen(run, 1, 1, 20, rollback.Outcomes{Written: 20}), journal.ErrAlready)
	require.NoError(t, h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Pause(ctx, tx, run, 1, approval.Pause{Code: "canary", Why: "20 written, 20 read back", Canary: true, ReadBack: 20})
	}))
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NamePaused, v.State)
	require.True(t, v.Canary)
	require.EqualValues(t, 20, v.Progress.Hi)
	require.ErrorIs(t, h.seen(run, 2, 21, 40, rollback.Outcomes{}), approval.ErrObsolete)

	require.Equal(t, "not-listed", code(t, h.a.Order(t.Context(), h.act(dev), stamp, rollback.OrderContinue, "")))
	require.NoError(t, h.a.Order(t.Context(), h.act(chi), stamp, rollback.OrderContinue, ""))
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderPause, "lunch"))
	require.Equal(t, rollback.OrderPause, h.get(stamp.Plan).Order)
	require.NoError(t, h.seen(run, 2, 21, 600, rollback.Outcomes{Written: 578, Conflict: 2}))
	require.NoError(t, h.pauseByOrder(stamp))
	require.Equal(t, "Paused by hand.", h.get(stamp.Plan).Waits)
	require.NoError(t, h.a.Order(t.Context(), h.act(ben), stamp, rollback.OrderResume, ""))
	require.NoError(t, h.seen(run, 3, 601, 1169, rollback.Outcomes{Written: 569}))

	all := rollback.Outcomes{Written: 1167, Conflict: 2}
	report := rollback.Report{
		Lines: []rollback.Line{{Check: "written", Expected: 1167, Found: 1167}}, Outcomes: all,
		Cohorts: []rollback.CohortOutcomes{{Cohort: 1, Outcomes: all}},
	}
	require.NoError(t, h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Finish(ctx, tx, run, 1, rollback.Result{Outcomes: all, Report: report, Verified: true})
	}))
	v = h.get(stamp.Plan)
	require.Equal(t, rollback.NameDone, v.State)
	require.Equal(t, all, v.Progress.Counts)
	require.Equal(t, all, v.Settled()[0].Outcomes)
	require.Equal(t, "done", v.Line().State)
	require.NoError(t, h.a.KeepConflicts(t.Context(), h.act(ana), stamp.Plan, "Rosa wants them so"))
	require.Equal(t, []string{
		"run-claimed/1", "preflight/1", "batch/1", "canary/1", "run-paused/1", "run-refused/1", "run-continued/1", "run-pause-asked/1",
		"batch/1", "run-paused/1", "run-resumed/1", "batch/1", "verified/1", "run-finished/1", "conflicts-kept/1",
	}, h.kinds()[8:])
}

func TestARunNeverHasMoreOutcomesThanThePlanWrites(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, run := h.running()
	require.Error(t, h.seen(run, 1, 1, 20, rollback.Outcomes{Written: 1170}))
}

func TestAWorldThatMovedSendsThePlanBackToDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, run := h.running()
	running, _, err := h.a.ForRun(t.Context(), run)
	require.NoError(t, err)
	drift := rollback.Drift{RowsKept: true, Growth: 12}
	verdict, reason := drift.Judge(running.Run(), "leads")
	stop := func() error {
		return h.in(func(ctx context.Context, tx pgx.Tx) error {
			return h.a.Stopped(ctx, tx, run, 1, verdict, drift, reason)
		})
	}
	require.NoError(t, stop())
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameDraft, v.State)
	require.EqualValues(t, 2, v.Spec.Revision)
	require.Equal(t, "stale", code(t, h.claim(stamp, ben)))
	require.ErrorIs(t, stop(), journal.ErrAlready)

	stamp = h.freeze(stamp.Plan, ana)
	require.EqualValues(t, 2, stamp.Revision)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
	h.wait(time.Minute)
	require.NoError(t, h.approve(stamp, ben), "the same two may approve the new revision")
	require.NoError(t, h.approve(stamp, chi))
	require.NoError(t, h.claim(stamp, ben))
}

func TestTheWrongDatabaseEndsThePlan(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, run := h.running()
	require.NoError(t, h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Stopped(ctx, tx, run, 1, rollback.VerdictFail, rollback.Drift{}, rollback.RefuseTarget("R1", "timeline"))
	}))
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameFailed, v.State)
	require.Equal(t, "This is not the database R1 was frozen on (timeline). Nothing was written.", v.Why)
}

func TestOldApprovalsDoNotCarryAResume(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, run := h.running()
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderPause, ""))
	require.NoError(t, h.pauseByOrder(stamp))
	h.wait(8*time.Hour + time.Second)
	err := h.a.Order(t.Context(), h.act(ben), stamp, rollback.OrderResume, "")
	require.Equal(t, "expired", code(t, err))
	require.Equal(t, "not-listed", code(t, h.a.Order(t.Context(), h.act(dev), stamp, rollback.OrderAbort, "too old")))
	require.NoError(t, h.a.Order(t.Context(), h.act(ben), stamp, rollback.OrderAbort, "too old"))
	require.Equal(t, rollback.NameAborted, h.state(stamp.Plan))
	require.ErrorIs(t, h.seen(run, 1, 1, 20, rollback.Outcomes{}), approval.ErrObsolete)
}

func TestARunningPlanObeysAnAbortBetweenTwoBatches(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, run := h.running()
	require.Error(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderAbort, " "), "an abort says why")
	require.NoError(t, h.a.Order(t.Context(), h.act(ana), stamp, rollback.OrderAbort, "wrong run"))
	require.Equal(t, rollback.NameRunning, h.state(stamp.Plan), "the batch at work is let finish")
	word, why, err := h.a.Ordered(t.Context(), run)
	require.NoError(t, err)
	require.Equal(t, rollback.OrderAbort, word)
	require.NoError(t, h.in(func(ctx context.Context, tx pgx.Tx) error { return h.a.Abort(ctx, tx, run, 1, why) }))
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameAborted, v.State)
	require.Equal(t, "wrong run", v.Why)
	word, _, err = h.a.Ordered(t.Context(), run)
	require.NoError(t, err)
	require.Empty(t, word)
}

func (h *house) expire(args approval.Expire) {
	h.t.Helper()
	require.NoError(h.t, h.a.Expire(h.t.Context(), jobs.Job[approval.Expire]{Args: args}))
}

func TestDeadlinesEndAPlanByTheClockOfTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	at := h.get(stamp.Plan).Expires
	h.wait(time.Hour)
	require.NoError(t, h.a.Expire(t.Context(), jobs.Job[approval.Expire]{Args: approval.Expire{Plan: stamp.Plan, Revision: 1, At: at}}))
	require.Equal(t, rollback.NameProposed, h.state(stamp.Plan))
	h.wait(at.Sub(h.at()) + time.Second)
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 1, At: at})
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 1, At: at})
	require.Equal(t, rollback.NameExpired, h.state(stamp.Plan))
	require.Equal(t, 1, h.told("plan-expired/1"))
	require.Equal(t, "state", code(t, h.approve(stamp, ben)))

	again := h.freeze(stamp.Plan, ana)
	require.EqualValues(t, 2, again.Revision)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), again))
	h.wait(time.Minute)
	require.NoError(t, h.approve(again, ben))
	require.NoError(t, h.approve(again, chi))
	deadline := h.get(stamp.Plan).StartBefore
	h.wait(time.Hour)
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 2, At: deadline})
	require.Equal(t, rollback.NameExpired, h.state(stamp.Plan))
	h.expire(approval.Expire{Plan: stamp.Plan, Revision: 1, At: deadline})
}

func TestAFreezeThatWasOvertakenIsInert(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.draft()
	require.NoError(t, h.a.AskFreeze(t.Context(), h.act(ana), stamp.Plan))
	old := h.freezeJob(stamp.Plan)
	require.True(t, h.get(stamp.Plan).Freezing)
	_, err := h.a.Edit(t.Context(), h.act(dev), stamp, ask())
	require.NoError(t, err)
	_, err = h.a.ForFreeze(t.Context(), old)
	require.ErrorIs(t, err, approval.ErrObsolete)
	require.ErrorIs(t, h.a.Frozen(t.Context(), old, freezeAt(noon)), approval.ErrObsolete)

	require.NoError(t, h.a.AskFreeze(t.Context(), h.act(ana), stamp.Plan))
	failed := h.freezeJob(stamp.Plan)
	require.NoError(t, h.a.FreezeFailed(t.Context(), failed, rollback.RefuseNoKey("crm.log")))
	v := h.get(stamp.Plan)
	require.False(t, v.Freezing)
	require.Equal(t, "crm.log has no primary or unique key, so records can't be told apart.", v.FreezeError)

	require.NoError(t, h.a.AskFreeze(t.Context(), h.act(ana), stamp.Plan))
	broken := h.freezeJob(stamp.Plan)
	require.Greater(t, broken.Attempt, failed.Attempt)
	require.NoError(t, h.a.FreezeFailed(t.Context(), broken, errors.New("value 'lead7@example.test' is too long")))
	require.NotContains(t, h.get(stamp.Plan).FreezeError, "example.test", "an error of a database may hold a value")
	require.ErrorIs(t, h.a.Frozen(t.Context(), broken, freezeAt(noon)), approval.ErrObsolete)
}

func TestAFreezeIsStoredOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.draft()
	require.NoError(t, h.a.AskFreeze(t.Context(), h.act(ana), stamp.Plan))
	job := h.freezeJob(stamp.Plan)
	require.NoError(t, h.a.Frozen(t.Context(), job, freezeAt(noon)))
	require.NoError(t, h.a.Frozen(t.Context(), job, freezeAt(noon)))
	require.Equal(t, 1, h.told("plan-frozen/1"))
	require.Equal(t, rollback.NameFrozen, h.state(stamp.Plan))
}

func TestWithdrawingIsForWhoWroteItAndTheLead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	require.Equal(t, "not-author", code(t, h.a.Withdraw(t.Context(), h.act(dev), stamp.Plan, "no")))
	require.NoError(t, h.a.Withdraw(t.Context(), h.act(ana), stamp.Plan, "another way"))
	require.Equal(t, rollback.NameWithdrawn, h.state(stamp.Plan))
	require.Equal(t, "state", code(t, h.a.Withdraw(t.Context(), h.act(ana), stamp.Plan, "again")))
}

func TestAPlanIsFoundByWhatPeopleCallIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.a.Find(t.Context(), h.id, "")
	require.Equal(t, "no-plan", code(t, err))
	first, second := h.draft(), h.draft()
	for ref, want := range map[rollback.Ref]rollback.ID{"R1": first.Plan, "R2": second.Plan, "": second.Plan} {
		got, err := h.a.Find(t.Context(), h.id, ref)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err = h.a.Find(t.Context(), h.id, "R3")
	require.Equal(t, "no-plan", code(t, err))
	views, err := h.a.OfIncident(t.Context(), h.id)
	require.NoError(t, err)
	require.Len(t, views, 2)
	require.Equal(t, "IT asked", views[0].Note)
}

func TestADraftKeepsToWhatTheSourceDeclares(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, change := range map[string]func(*approval.Ask){
		"another source": func(a *approval.Ask) { a.Scope.Source = "erp" },
		"another table":  func(a *approval.Ask) { a.Scope.Table = "account" },
		"another column": func(a *approval.Ask) { a.Scope.Set = []string{"email"} },
		"no run":         func(a *approval.Ask) { a.Scope.Run = "" },
	} {
		a := ask()
		change(&a)
		_, err := h.a.Draft(t.Context(), h.act(ana), h.id, a)
		code(t, err)
		require.Error(t, err, name)
	}
	_, err := h.a.Draft(t.Context(), journal.Act{By: incidents.System("executor"), Key: "x"}, h.id, ask())
	require.Equal(t, "account", code(t, err), "only a person asks for a plan")
	views, err := h.a.OfIncident(t.Context(), h.id)
	require.NoError(t, err)
	require.Empty(t, views)
}
