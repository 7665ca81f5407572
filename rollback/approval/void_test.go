package approval_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// grows tells the plans of the first incident of a count that found more.
func (h *house) grows(more int64) {
	h.t.Helper()
	act := journal.Act{By: incidents.System("watch"), Key: h.act(ana).Key}
	require.NoError(h.t, h.in(func(ctx context.Context, tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, h.db, act, 1)
		if err != nil {
			return err
		}
		return h.a.Grown(ctx, tx, act, inc, more, at)
	}))
}

func TestGrowthVoidsWhatWasProposedOrApproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp := h.proposed()
	require.NoError(t, h.approve(stamp, ben))
	h.grows(38)
	v := h.get(stamp.Plan)
	require.Equal(t, rollback.NameDraft, v.State)
	require.EqualValues(t, 2, v.Spec.Revision)
	require.Empty(t, v.Approvals, "nothing is carried over")
	require.Equal(t, 1, h.told("plan-superseded/1"))
	require.Equal(t, "stale", code(t, h.approve(stamp, chi)), "the old button decides nothing")

	h.grows(1)
	require.Equal(t, 1, h.told("plan-superseded/1"), "a draft has nothing to void")

	again := h.freeze(stamp.Plan, ana)
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), again))
	h.wait(time.Minute)
	require.NoError(t, h.approve(again, ben))
	require.NoError(t, h.approve(again, chi))
	require.Equal(t, rollback.NameApproved, h.state(stamp.Plan))
	h.grows(1)
	require.Equal(t, rollback.NameDraft, h.state(stamp.Plan))
	require.Equal(t, "stale", code(t, h.claim(again, ben)), "an approved plan that was voided cannot start")
}

func TestGrowthLeavesARunToItsOwnLastLook(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stamp, _ := h.running()
	h.grows(38)
	require.Equal(t, rollback.NameRunning, h.state(stamp.Plan))
	require.Zero(t, h.told("plan-superseded/1"))
}
