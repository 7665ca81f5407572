package approval_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/approval"
)

func withSync(s *approval.Source) {
	s.Automations = []rollback.Automation{
		{Name: "sync", Title: "Weekly sync", Switch: rollback.SwitchColumn{Relation: "crm.flow", Key: map[string]string{"id": "7"}, Column: "active", On: "true", Off: "false"}},
		{Name: "push", Title: "MAP push", Manual: true, Admin: "BEN"},
	}
}

// contains is a frozen plan of ana's for the members nobody can put back, of which
// it writes none.
func (h *house) contains(of rollback.Instead) rollback.Stamp {
	h.t.Helper()
	unclear := rollback.Decision{Kind: rollback.CohortContain, Unclear: true, Desired: rollback.One(rollback.ItsOwn)}
	stamp, err := h.a.Contain(h.t.Context(), h.act(ana), h.id, approval.Ask{Scope: scope(), Decisions: []rollback.Decision{unclear}, Instead: &of}, "")
	require.NoError(h.t, err)
	require.NoError(h.t, h.a.AskFreeze(h.t.Context(), h.act(ana), stamp.Plan))
	f := freezeAt(h.at())
	f.Counts, f.Writes = []rollback.CohortCount{{Cohort: 1, Class: rollback.ClassMissing, Records: 9}, {Cohort: 1, Class: rollback.ClassUnrecoverable, Records: f.Rows - 9}}, 0
	job := h.freezeJob(stamp.Plan)
	require.NoError(h.t, h.a.Frozen(h.t.Context(), job, f))
	require.NoError(h.t, h.a.Frozen(h.t.Context(), job, f), "a second time nothing happens")
	return h.get(stamp.Plan).Stamp
}

func TestAListIsKeptWithoutAnybodysApproval(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withSync)
	revert := h.approved()
	list := h.contains(rollback.Instead{How: rollback.InsteadList})
	v := h.get(list.Plan)
	require.Equal(t, rollback.NameDone, v.State)
	require.True(t, v.Contained())
	require.False(t, v.Ended.IsZero())
	require.Equal(t, 1, h.told("plan-contained/1"))
	require.Equal(t, "state", code(t, h.a.Propose(t.Context(), h.act(ana), list)))
	require.Equal(t, "state", code(t, h.claim(list, ben)), "nothing of it can be started")
	_, _, err := v.Undo()
	require.Equal(t, "nothing", code(t, err))
	require.NoError(t, h.claim(revert, ben), "the others need not wait")
}

func TestRecordsAreContainedOnlyWhileWhatHarmsThemIsOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withSync)
	ctx := t.Context()
	revert := h.approved()
	_, err := h.a.Contain(ctx, h.act(ana), h.id, approval.Ask{Scope: scope(), Decisions: []rollback.Decision{{Kind: rollback.CohortContain, Unclear: true, Desired: rollback.One("x")}}, Instead: &rollback.Instead{How: rollback.InsteadSwitch, Automation: "nothing"}}, "")
	require.ErrorContains(t, err, `"nothing" is none of the declared automations`)

	plan := h.contains(rollback.Instead{How: rollback.InsteadSwitch, Automation: "MAP push"})
	v := h.get(plan.Plan)
	require.Equal(t, rollback.NameFrozen, v.State, "it waits")
	require.Equal(t, &rollback.Instead{How: rollback.InsteadSwitch, Automation: "crm/push", Title: "MAP push"}, v.Spec.Instead)
	require.EqualError(t, h.a.Propose(ctx, h.act(ana), plan), "R2 writes nothing, so nobody needs to approve it. It is done when MAP push is off: `/snafu contain switch crm/push`.")
	blocked := "R2 contains " + rollback.Number(v.Frozen.Listed()) + " leads only while MAP push is off, which it is not, so R1 cannot run. Switch it off: `/snafu contain switch crm/push`, or the lead <@ANA> waives it: `/snafu waive R2 WHY`."
	require.EqualError(t, h.claim(revert, ben), blocked)

	off := func() {
		t.Helper()
		require.NoError(t, h.a.SwitchOff(ctx, h.act(ana), h.id, "crm", "push"))
		require.NoError(t, h.a.Confirm(ctx, h.act(ben), h.id, "push", rollback.SwitchOn))
	}
	off()
	require.Equal(t, rollback.NameDone, h.state(plan.Plan))
	require.Equal(t, 1, h.told("plan-contained/1"))
	require.NoError(t, h.a.Release(ctx, h.act(ana), h.id, "push", "the filter is right"))
	require.NoError(t, h.a.Confirm(ctx, h.act(ben), h.id, "push", rollback.SwitchOn))
	require.True(t, h.get(plan.Plan).Freed)
	require.EqualError(t, h.claim(revert, ben), blocked, "released, it harms them again")
	off()
	require.False(t, h.get(plan.Plan).Freed)

	second := h.contains(rollback.Instead{How: rollback.InsteadSwitch, Automation: "crm/push"})
	require.Equal(t, rollback.NameDone, h.state(second.Plan), "it is off already")
	require.NoError(t, h.claim(revert, ben))
}

func TestTheLeadWaivesWhatIsContainedNoLonger(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withSync)
	ctx := t.Context()
	revert := h.approved()
	require.NoError(t, h.a.SwitchOff(ctx, h.act(ana), h.id, "crm", "push"))
	require.NoError(t, h.a.Confirm(ctx, h.act(ben), h.id, "push", rollback.SwitchOn))
	plan := h.contains(rollback.Instead{How: rollback.InsteadSwitch, Automation: "push"})
	require.Equal(t, "state", code(t, h.a.WaiveContain(ctx, h.act(ana), plan.Plan, "nothing waits")))
	require.NoError(t, h.a.Release(ctx, h.act(ana), h.id, "push", "the filter is right"))
	require.NoError(t, h.a.Confirm(ctx, h.act(ben), h.id, "push", rollback.SwitchOn))
	require.Equal(t, "contain-first", code(t, h.claim(revert, ben)))
	require.NoError(t, h.a.WaiveContain(ctx, h.act(ana), plan.Plan, "the filter keeps them out"))
	require.NoError(t, h.claim(revert, ben))
}
