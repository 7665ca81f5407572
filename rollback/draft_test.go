package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestADraftIsHeldToItsRules(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Spec)
		code   string
	}{
		"a window without a run": {func(s *Spec) { s.Scope.Run = "" }, "window-only"},
		"a pair decided twice":   {func(s *Spec) { s.Decisions = append(s.Decisions, s.Decisions[0]) }, "overlap"},
		"no column":              {func(s *Spec) { s.Scope.Set = nil }, "column"},
		"a hundred and one cohorts": {func(s *Spec) {
			for range 100 {
				s.Decisions = append(s.Decisions, s.Decisions[0])
			}
		}, "too-many"},
	} {
		t.Run(name, func(t *testing.T) {
			s := leadSpec()
			c.change(&s)
			_, err := NewDraft(s)
			require.Equal(t, c.code, code(t, err))
		})
	}
}

func TestAFreezeThatDoesNotAddUpIsNone(t *testing.T) {
	for name, change := range map[string]func(*Freeze){
		"a record too many":            func(f *Freeze) { f.Rows++ },
		"a write too many":             func(f *Freeze) { f.Writes++ },
		"a record short in the export": func(f *Freeze) { f.Export.Rows-- },
		"no rows digest":               func(f *Freeze) { f.RowsDigest = Digest{} },
		"more records than allowed":    func(f *Freeze) { f.Rows = 2_000_000 },
	} {
		t.Run(name, func(t *testing.T) {
			f := leadFreeze()
			change(&f)
			_, err := draft(t).Freeze(f)
			require.Error(t, err)
		})
	}
}

func freezeOf(t testing.TB, spec Spec, change func(*Freeze)) Frozen {
	d, err := NewDraft(spec)
	require.NoError(t, err)
	f := leadFreeze()
	change(&f)
	frozen, err := d.Freeze(f)
	require.NoError(t, err)
	return frozen
}

func TestProposingDemands(t *testing.T) {
	_, err := freezeOf(t, leadSpec(), func(f *Freeze) {
		f.Counts, f.Writes = []CohortCount{{1, ClassAlready, 1169}, {3, ClassRight, 1750}, {2, ClassConflict, 7}}, 0
	}).Propose(noon)
	require.EqualError(t, err, "Nothing to write: 1,169 already right, 7 changed by people since, 1,750 right all along.")
	require.Equal(t, "nothing", code(t, err))

	_, err = freezeOf(t, leadSpec(), func(f *Freeze) { f.Counts[1].Class = ClassUndecided }).Propose(noon)
	require.Equal(t, "undecided", code(t, err))

	unchosen := leadSpec()
	unchosen.Effects = EffectsNone
	_, err = freezeOf(t, unchosen, func(*Freeze) {}).Propose(noon)
	require.EqualError(t, err, "Trigger lead_touch, trigger lead_log would fire. Choose fire, guc or hold: `plan effects R1 hold`.")

	unchosen.Effects = EffectsGUC
	_, err = freezeOf(t, unchosen, func(f *Freeze) {
		f.Inventory.Triggers[0].Guarded, f.Inventory.Triggers[1].Guarded = true, true
	}).Propose(noon)
	require.NoError(t, err, "triggers that spare our writes do not fire")

	_, err = freezeOf(t, leadSpec(), func(*Freeze) {}).Propose(noon.Add(5 * time.Hour))
	require.Equal(t, "expired", code(t, err))
}

func TestReferencesAreReadAsPeopleWriteThem(t *testing.T) {
	for _, s := range []string{"R1", "r1", "1", " R1 "} {
		ref, err := ParseRef(s)
		require.NoError(t, err)
		require.Equal(t, Ref("R1"), ref)
	}
	for _, s := range []string{"", "R", "R0", "R-1", "one", "R1x"} {
		_, err := ParseRef(s)
		require.Error(t, err, s)
	}
}

func TestAStampIsCarriedWhole(t *testing.T) {
	for _, s := range []Stamp{frozen(t).Stamp(), {Plan: 7, Revision: 2}} {
		back, err := ParseStamp(s.String())
		require.NoError(t, err)
		require.Equal(t, s, back)
	}
	for _, s := range []string{"", "1.2", "1.2.zz", "0.1.", "1.0.", "x"} {
		_, err := ParseStamp(s)
		require.Error(t, err, s)
	}
}
