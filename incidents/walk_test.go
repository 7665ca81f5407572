package incidents

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents/refusal"
)

func TestTheFirstStepThatDiffersIsWhereItBroke(t *testing.T) {
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	by := Actor("T1/U1")
	var w Walk
	var f Walked
	var err error
	add := func(before int64, s WalkStep) {
		t.Helper()
		w, f, err = w.Add(before, s, by, at)
		require.NoError(t, err)
	}
	add(0, WalkStep{Step: "The list is filled", Expected: "500 prospects", Observed: "500  Prospects"})
	require.Equal(t, WentRight, w[0].Went, "the same words are the same")
	require.Zero(t, w.Broke())
	require.False(t, f.Found)
	require.Nil(t, f.Words())

	add(0, WalkStep{Step: "The campaign changes the stage", Expected: "to MQL", Observed: "to SQL", When: at.Add(-time.Hour), How: "the step was copied"})
	require.EqualValues(t, 2, w.Broke())
	require.Equal(t, "Walk-through: it broke at step 2, The campaign changes the stage. Expected: to MQL. Observed: to SQL. At 11:00 UTC. How: the step was copied.", f.Words().String())

	add(0, WalkStep{Step: "Sales are told", Expected: "nobody", Observed: "everybody"})
	require.EqualValues(t, 2, w.Broke(), "the first one counts")
	require.Nil(t, f.Words(), "a later one is no news")

	// A step that was forgotten moves the others, and is where it really broke.
	add(1, WalkStep{Step: "The list is built", Expected: "by the stage", Observed: "by all of them"})
	require.EqualValues(t, 1, w.Broke())
	require.Contains(t, f.Words().String(), "step 1, The list is built")
	require.Equal(t, "The list is filled", w[1].Step)

	// What people say about it wins over the words.
	w, f, err = w.Change(1, WalkStep{Step: "The list is built", Expected: "by the stage", Observed: "by the stage, as written in March", Went: WentRight}, by, at)
	require.NoError(t, err)
	require.EqualValues(t, 3, w.Broke())
	require.True(t, f.Found)

	w, f, err = w.Remove(3)
	require.NoError(t, err)
	require.EqualValues(t, 3, w.Broke(), "the next one is where it broke now")
	require.Equal(t, "The campaign changes the stage", f.Step, "what was taken out is told")
	w, f, err = w.Change(3, WalkStep{Step: "Sales are told", Expected: "nobody"}, by, at)
	require.NoError(t, err)
	require.Equal(t, WentUnseen, w[2].Went)
	require.Equal(t, "Walk-through: no step is known to have gone wrong any more.", f.Words().String())
	require.EqualValues(t, 2, w.Seen())
}

func TestAStepThatNobodyCouldReadIsRefused(t *testing.T) {
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	full := Walk{}
	for range walkMax {
		full = append(full, WalkStep{Step: "x"})
	}
	for name, c := range map[string]struct {
		do   func() error
		kind refusal.Kind
		say  string
	}{
		"without words": {func() error { _, _, err := Walk{}.Add(0, WalkStep{Observed: "SQL"}, "", at); return err }, refusal.KindInvalid, "Say which step"},
		"that names a person": {func() error {
			_, _, err := Walk{}.Add(0, WalkStep{Step: "<@U0ANA> pressed it"}, "", at)
			return err
		}, refusal.KindInvalid, "not the person"},
		"longer than a phone": {func() error {
			_, _, err := Walk{}.Add(0, WalkStep{Step: "x", How: strings.Repeat("ä", walkTextMax+1)}, "", at)
			return err
		}, refusal.KindInvalid, "at most 300"},
		"that lies ahead":   {func() error { _, _, err := Walk{}.Add(0, WalkStep{Step: "x", When: at.Add(1)}, "", at); return err }, refusal.KindInvalid, "future"},
		"of another kind":   {func() error { _, _, err := Walk{}.Add(0, WalkStep{Step: "x", Went: "odd"}, "", at); return err }, refusal.KindInvalid, "no way for a step"},
		"one too many":      {func() error { _, _, err := full.Add(0, WalkStep{Step: "x"}, "", at); return err }, refusal.KindConflict, "at most 20 steps"},
		"before the first":  {func() error { _, _, err := Walk{}.Change(1, WalkStep{Step: "x"}, "", at); return err }, refusal.KindNotFound, "no step yet"},
		"that is not there": {func() error { _, _, err := full.Remove(21); return err }, refusal.KindNotFound, "steps 1 to 20"},
	} {
		t.Run(name, func(t *testing.T) {
			no, refused := refusal.As(c.do())
			require.True(t, refused)
			require.Equal(t, c.kind, no.Kind)
			require.Contains(t, no.Say, c.say)
		})
	}
}

func TestAWalkNeverLosesAStepThatNobodyTookOut(t *testing.T) {
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var w Walk
		want := map[string]bool{}
		for n := range rapid.IntRange(1, 30).Draw(t, "acts") {
			name := strings.Repeat("s", n+1)
			var err error
			if drop := rapid.Int64Range(0, 25).Draw(t, "drop"); drop > 0 && drop <= int64(len(w)) {
				delete(want, w[drop-1].Step)
				w, _, err = w.Remove(drop)
			} else if len(w) < walkMax {
				want[name] = true
				w, _, err = w.Add(rapid.Int64Range(0, 25).Draw(t, "before"), WalkStep{Step: name}, "", at)
			}
			require.NoError(t, err)
		}
		require.Len(t, w, len(want))
		for _, s := range w {
			require.True(t, want[s.Step])
		}
	})
}
