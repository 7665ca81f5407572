package approval_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

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
