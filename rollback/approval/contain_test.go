package approval_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/approval"
)

// parking is a plan of ana's that parks the members nobody can put back.
func (h *house) parking() rollback.Stamp {
	h.t.Helper()
	unclear := rollback.Decision{Kind: rollback.CohortContain, Unclear: true, Desired: rollback.One("true")}
	stamp, err := h.a.Contain(h.t.Context(), h.act(ana), h.id, approval.Ask{Scope: scope(), Decisions: []rollback.Decision{unclear}, Effects: rollback.EffectsFire}, "parked")
	require.NoError(h.t, err)
	return stamp
}

func withParking(s *approval.Source) {
	s.Tables = []rollback.Table{{Name: "lead", Unit: "leads", Settable: []string{"lead_status", "parked"}}}
}

// done runs an approved plan to its end, as the executor does.
func (h *house) done(stamp rollback.Stamp) {
	h.t.Helper()
	require.NoError(h.t, h.claim(stamp, ben))
	res := rollback.Result{Outcomes: rollback.Outcomes{Written: 1169}, Verified: true}
	require.NoError(h.t, h.in(func(ctx context.Context, tx pgx.Tx) error { return h.a.Finish(ctx, tx, job(stamp), 1, res) }))
	require.Equal(h.t, rollback.NameDone, h.state(stamp.Plan))
}

func (h *house) approvedOf(draft rollback.Stamp) rollback.Stamp {
	h.t.Helper()
	stamp := h.freeze(draft.Plan, ana)
	require.NoError(h.t, h.a.Propose(h.t.Context(), h.act(ana), stamp))
	h.wait(time.Minute)
	require.NoError(h.t, h.approve(stamp, ben))
	require.NoError(h.t, h.approve(stamp, chi))
	return stamp
}

func TestNoPlanWritesBeforeWhatCannotBePutBackIsParked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withParking)
	revert := h.approved()
	park := h.parking()
	err := h.claim(revert, ben)
	require.Equal(t, "contain-first", code(t, err))
	require.EqualError(t, err, "R2 must park what it was made for before R1 can run. Run it first, or the lead <@ANA> waives it: `/snafu waive R2 WHY`.")
	stamp := h.approvedOf(park)
	require.EqualError(t, h.claim(revert, ben), "R2 must park 1,169 leads before R1 can run. Run it first, or the lead <@ANA> waives it: `/snafu waive R2 WHY`.")
	require.Zero(t, h.executions())
	require.Equal(t, 2, h.told("run-refused/1"))

	h.done(stamp)
	require.NoError(t, h.claim(revert, ben))
}

func TestOnlyTheLeadWaivesAPlanThatWasToPark(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withParking)
	revert, park := h.approved(), h.parking()
	require.Equal(t, "not-lead", code(t, h.a.WaiveContain(t.Context(), h.act(ben), park.Plan, "they may wait")))
	require.Error(t, h.a.WaiveContain(t.Context(), h.act(ana), park.Plan, "  "))
	require.Equal(t, "state", code(t, h.a.WaiveContain(t.Context(), h.act(ana), revert.Plan, "why not")), "a plan that parks nothing")
	require.Equal(t, "contain-first", code(t, h.claim(revert, ben)))

	require.NoError(t, h.a.WaiveContain(t.Context(), h.act(ana), park.Plan, "they are switched off by hand"))
	require.Equal(t, &rollback.Waived{By: ana, Why: "they are switched off by hand"}, h.get(park.Plan).Waived)
	require.Equal(t, "state", code(t, h.a.WaiveContain(t.Context(), h.act(ana), park.Plan, "again")))
	require.NoError(t, h.claim(revert, ben))
	require.Equal(t, 1, h.told("contain-waived/1"))
}

func TestAPlanThatWasToParkAndWasTakenBackStopsTheOthersUntilTheLeadWaivesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withParking)
	revert, park := h.approved(), h.parking()
	require.NoError(t, h.a.Withdraw(t.Context(), h.act(ana), park.Plan, "the wrong column"))
	require.EqualError(t, h.claim(revert, ben), "R2 was to park what it was made for before R1 can run, and it is withdrawn. Plan that anew with `/snafu park`, or the lead <@ANA> waives it: `/snafu waive R2 WHY`.")
	require.Equal(t, "not-lead", code(t, h.a.WaiveContain(t.Context(), h.act(ben), park.Plan, "nobody needs it")))
	require.NoError(t, h.a.WaiveContain(t.Context(), h.act(ana), park.Plan, "it was planned for another run"))
	require.NoError(t, h.claim(revert, ben))
}

func TestWhatARejectedPlanWasToParkALaterOneMayPark(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withParking)
	first := h.freeze(h.parking().Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), first))
	h.wait(time.Minute)
	require.NoError(t, h.a.Reject(t.Context(), h.act(ben), first, "not that many"))
	second := h.approvedOf(h.parking())
	revert := h.approved()
	require.EqualError(t, h.claim(revert, ben), "R1 was to park 1,169 leads before R3 can run, and it is rejected. Plan that anew with `/snafu park`, or the lead <@ANA> waives it: `/snafu waive R1 WHY`.",
		"an ended plan is not one to run first")
	h.done(second)
	require.NoError(t, h.claim(revert, ben))
}

// Parking writes whatever a record holds, so in the column that the run spoilt it
// would write over a colleague's correction.
func TestNothingIsParkedInTheColumnThatTheRunSpoilt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withParking)
	whole := rollback.Decision{Kind: rollback.CohortContain, Pair: rollback.Pair{Initial: rollback.One("Prospect"), Error: rollback.One("SQL")}, Desired: rollback.One("MQL")}
	_, err := h.a.Contain(t.Context(), h.act(ana), h.id, approval.Ask{Scope: scope(), Decisions: []rollback.Decision{whole}}, "lead_status")
	require.Equal(t, "column", code(t, err))
	require.EqualError(t, err, "lead_status is what the run changed. To park records there would write over what people have put right since. Name another column to park them, or put them back with `/snafu plan`.")
}

func TestWhatAPlanParkedBeforeItWasAbortedCanBeReleased(t *testing.T) {
	t.Parallel()
	parked := rollback.PlanView{State: rollback.NameAborted, Spec: rollback.Spec{Plan: 1, Ref: "R1", Kind: rollback.KindContain, Scope: scope()}}
	undo := rollback.PlanView{State: rollback.NameApproved, Spec: rollback.Spec{Plan: 2, Ref: "R2", Kind: rollback.KindUndo, Scope: scope(), Undoes: &rollback.Undone{Plan: 1}}}
	_, waits := undo.ContainFirst([]rollback.PlanView{parked, undo})
	require.False(t, waits)
	undo.Spec.Undoes.Plan = 3
	_, waits = undo.ContainFirst([]rollback.PlanView{parked, undo})
	require.True(t, waits, "an undo of another plan waits like any other")
}
