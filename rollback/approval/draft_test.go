package approval_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

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
