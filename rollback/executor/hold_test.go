package executor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/approval"
)

// What was held when two people approved may run again by the time of the first
// write, whoever let it.
func TestARunWaitsWhenWhatItHoldsRunsAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, 5, batches(10))
	ctx := t.Context()
	v := s.frozen()
	_, err := s.a.Edit(ctx, s.act(ana), v.Stamp, approval.Ask{Scope: v.Spec.Scope, Decisions: v.Spec.Decisions, Effects: rollback.EffectsHold})
	require.NoError(t, err)
	v = s.freezes(v.Spec.Plan)
	require.Equal(t, []string{"trigger hit", "trigger logged"}, v.Spec.ToHold(v.Frozen.Inventory))
	require.NoError(t, s.a.Hold(ctx, s.act(ana), v.Spec.Plan, "")) // who leads looks after what is nobody's
	job := s.starts(v)
	_, err = s.db.Pool().Exec(ctx, `update plan_holds set released_by = held_by, released_at = held_at where name = 'trigger hit'`)
	require.NoError(t, err)
	v = s.run(job)
	require.Equal(t, rollback.NamePaused, v.State)
	require.Equal(t, "trigger hit is not held; its owner stops it and says so, then resume", v.Waits)
	require.Zero(t, s.number(`select count(*) from snafu.ledger`))
	require.NoError(t, s.a.Hold(ctx, s.act(ana), v.Spec.Plan, "hit"))
	require.Equal(t, rollback.NameDone, s.run(s.order(job, rollback.OrderResume)).State)
}
