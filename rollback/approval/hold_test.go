package approval_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// setsOff are what the writes of the plans below would set off.
func setsOff() rollback.Inventory {
	return rollback.Inventory{
		Triggers: []rollback.Trigger{{Name: "lead_mail", Fires: true}},
		Syncs:    []string{rollback.Sync{Name: "map", Direction: "both", Owner: "DEV"}.String()},
	}
}

// frozenWith asks for a freeze and answers it with an inventory.
func (h *house) frozenWith(id rollback.ID, inv rollback.Inventory) rollback.Stamp {
	h.t.Helper()
	require.NoError(h.t, h.a.AskFreeze(h.t.Context(), h.act(ana), id))
	f := freezeAt(h.at())
	f.Inventory = inv
	require.NoError(h.t, h.a.Frozen(h.t.Context(), h.freezeJob(id), f))
	return h.get(id).Stamp
}

func (h *house) holds() []string {
	h.t.Helper()
	r, err := response.New(response.Options{DB: h.db})
	require.NoError(h.t, err)
	inc, err := r.Get(h.t.Context(), h.id)
	require.NoError(h.t, err)
	return inc.Holds
}

func TestAPlanThatHoldsStartsWhenItsOwnersSayThatAllStandsStill(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	asked := ask()
	stamp, err := h.a.Draft(t.Context(), h.act(ana), h.id, asked)
	require.NoError(t, err)
	stamp = h.frozenWith(stamp.Plan, setsOff())
	require.Equal(t, "side-effect", code(t, h.a.Propose(t.Context(), h.act(ana), stamp)), "a sync that copies both ways has to be held")
	require.Equal(t, "nothing", code(t, h.a.Hold(t.Context(), h.act(dev), stamp.Plan, "")))

	asked.Effects = rollback.EffectsHold
	_, err = h.a.Edit(t.Context(), h.act(ana), stamp, asked)
	require.NoError(t, err)
	stamp = h.frozenWith(stamp.Plan, setsOff())
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
	h.wait(time.Minute)
	require.NoError(t, h.approve(stamp, ben))
	require.NoError(t, h.approve(stamp, chi))

	iris := incidents.Person("T1/IRIS") // admin of the source
	require.EqualError(t, h.claim(stamp, ben), "Trigger lead_mail is not held yet. <@IRIS> can: press Stopped in the thread of R1, or `plan held R1`.")
	require.Equal(t, "not-owner", code(t, h.a.Hold(t.Context(), h.act(dev), stamp.Plan, "lead_mail")))
	require.NoError(t, h.a.Hold(t.Context(), h.act(iris), stamp.Plan, "lead_mail"))
	require.NoError(t, h.a.Hold(t.Context(), h.act(iris), stamp.Plan, ""), "again is no harm")
	require.NoError(t, h.a.Hold(t.Context(), h.act(iris), stamp.Plan, "trigger lead_m…"), "a button without room for the name carries how it begins")
	require.EqualError(t, h.claim(stamp, ben), "Sync map is not held yet. <@DEV> can: press Stopped in the thread of R1, or `plan held R1`.")
	require.Equal(t, "not-owner", code(t, h.a.Hold(t.Context(), h.act(iris), stamp.Plan, "sync map")))
	require.NoError(t, h.a.Hold(t.Context(), h.act(dev), stamp.Plan, ""))
	require.Empty(t, h.get(stamp.Plan).Unheld())
	require.Equal(t, 2, h.told("hold-confirmed/1"))
	require.ElementsMatch(t, []string{"R1 holds trigger lead_mail", "R1 holds sync map"}, h.holds())

	// What runs again meanwhile is not held any more.
	require.NoError(t, h.a.ReleaseHold(t.Context(), h.act(dev), stamp.Plan, "map"))
	require.Equal(t, "hold", code(t, h.claim(stamp, ben)))
	require.NoError(t, h.a.Hold(t.Context(), h.act(dev), stamp.Plan, "map"))
	require.NoError(t, h.claim(stamp, ben))
	require.Equal(t, "state", code(t, h.a.ReleaseHold(t.Context(), h.act(dev), stamp.Plan, "map")), "while it writes it stands still")

	require.NoError(t, h.a.Order(t.Context(), h.act(ben), stamp, rollback.OrderAbort, "enough"))
	require.NoError(t, h.in(func(ctx context.Context, tx pgx.Tx) error {
		return h.a.Abort(ctx, tx, approval.Run{Plan: stamp.Plan, Revision: stamp.Revision, Digest: stamp.Digest}, 0, "enough")
	}))
	require.Equal(t, "state", code(t, h.a.Hold(t.Context(), h.act(dev), stamp.Plan, "map")))
	require.ElementsMatch(t, []string{"R1 holds sync map", "R1 holds trigger lead_mail"}, h.holds(), "what stands still is not forgotten")
	require.NoError(t, h.a.ReleaseHold(t.Context(), h.act(dev), stamp.Plan, ""))
	require.NoError(t, h.a.ReleaseHold(t.Context(), h.act(iris), stamp.Plan, ""))
	require.Empty(t, h.holds())
	require.Equal(t, 3, h.told("hold-released/1"))
}

// What nobody needs held any more can still be let run again.
func TestWhatStandsStillOutlivesTheRevisionThatNeededIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	asked := ask()
	asked.Effects = rollback.EffectsHold
	stamp, err := h.a.Draft(t.Context(), h.act(ana), h.id, asked)
	require.NoError(t, err)
	one := rollback.Inventory{Triggers: setsOff().Triggers}
	stamp = h.frozenWith(stamp.Plan, one)
	iris := incidents.Person("T1/IRIS")
	require.NoError(t, h.a.Hold(t.Context(), h.act(iris), stamp.Plan, ""))
	asked.Effects, asked.Accepted = rollback.EffectsGUC, []string{"trigger lead_mail"}
	_, err = h.a.Edit(t.Context(), h.act(ana), stamp, asked)
	require.NoError(t, err)
	stamp = h.frozenWith(stamp.Plan, one)
	v := h.get(stamp.Plan)
	require.Equal(t, []string{"trigger lead_mail"}, v.Spec.Accepted)
	require.Empty(t, v.Unheld())
	require.Len(t, v.Holds, 1)
	require.True(t, v.Holds[0].Stands())
	require.NoError(t, h.a.Propose(t.Context(), h.act(ana), stamp))
	require.NoError(t, h.a.ReleaseHold(t.Context(), h.act(iris), stamp.Plan, ""))
	require.Empty(t, h.get(stamp.Plan).Holds)
}
