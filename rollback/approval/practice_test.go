package approval_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/approval"
)

// That a drill writes to nothing real is asked where a plan begins and once
// more where it would begin to write.
func TestADrillWritesOnlyToWhatIsForPractice(t *testing.T) {
	t.Parallel()
	t.Run("a real system", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t)
		approved, drafted := h.approved(), h.freeze(h.draft().Plan, ana)
		h.asOwner(`update incidents set drill = true`)
		const no = "SNAFU-1 is a drill, and crm is a real system"
		require.ErrorContains(t, h.claim(approved, ben), no)
		require.Equal(t, 1, h.told("run-refused/1"))
		require.ErrorContains(t, h.a.Propose(t.Context(), h.act(ana), drafted), no)
		_, err := h.a.Draft(t.Context(), h.act(ana), h.id, ask())
		require.ErrorContains(t, err, no)
		require.Zero(t, h.executions())
	})
	t.Run("a system for practice", func(t *testing.T) {
		t.Parallel()
		h := newHouse(t, func(s *approval.Source) { s.Drill = true })
		h.asOwner(`update incidents set drill = true`)
		stamp, _ := h.running()
		require.Equal(t, rollback.NameRunning, h.state(stamp.Plan))
	})
}

func TestALightSnafuPlansNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.asOwner(`update incidents set light = true`)
	_, err := h.a.Draft(t.Context(), h.act(ana), h.id, ask())
	require.ErrorContains(t, err, "a plan waits until it has one. /snafu promote SNAFU-1")
}
