package incidents

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents/refusal"
)

func why(text string) Why { return Why{Text: text} }

func TestARootBeforeTheFifthWhyIsAskedBackOnce(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	var w Whys
	above := WhyRef("")
	for n := range 6 {
		var err error
		var f WhyChanged
		w, f, _, err = w.Add(above, why("level "+Count(int64(n))), "T/U", at)
		require.NoError(t, err)
		above = WhyRef(f.Ref)
	}
	require.Equal(t, WhyRef("W1.1.1.1.1.1"), above)
	root := Why{Text: "no limit", Mark: WhyRoot}
	w2, f, ask, err := w.Change(above, root, "T/U", at)
	require.NoError(t, err)
	require.False(t, ask, "the fifth why may be a root")
	require.True(t, f.Root)
	require.Equal(t, "Five whys: W1.1.1.1.1.1 is a root cause: no limit", f.Words().String())
	require.Equal(t, "Root cause: no limit (W1.1.1.1.1.1)", w2.Report())

	w, f, ask, err = w.Add("W1", root, "T/U", at)
	require.NoError(t, err)
	require.True(t, ask)
	ref := WhyRef(f.Ref)
	w, _, _, err = w.Change(ref, why("no limit"), "T/U", at)
	require.NoError(t, err)
	w, _, ask, err = w.Change(ref, root, "T/U", at)
	require.NoError(t, err)
	require.False(t, ask, "asked once")
	w, f, _, err = w.Add(ref, why("nobody asked for one"), "T/U", at)
	require.NoError(t, err)
	require.Equal(t, string(ref), f.Unmarked)
	require.Empty(t, w.Roots())
	_, _, _, err = w.Change(ref, root, "T/U", at)
	require.ErrorContains(t, err, "has a reason below it")
}

func TestACauseIsNeverAPerson(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	for _, text := range []string{"<@U1> did it", "@U0ANA pressed it", "because (@ana) was away", "it was,@ana"} {
		_, _, _, err := Whys{}.Add("", why(text), "T/U", at)
		require.EqualError(t, err, "Name the system or the step, not the person.", text)
		_, _, err = Walk{}.Add(0, WalkStep{Step: text}, "T/U", at)
		require.EqualError(t, err, "Name the system or the step, not the person.", text)
	}
	for _, text := range []string{"mails to leads@example.org", "80% @ 12:00 is fine", "the sync"} {
		_, _, _, err := Whys{}.Add("", why(text), "T/U", at)
		require.NoError(t, err, text)
	}
}

func TestASkipNeedsAReasonAndEndsWithAnAnswer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	_, _, err := Whys{}.Skip("no", "T/U", at)
	require.ErrorContains(t, err, "10 characters or more")
	w, f, err := Whys{}.Skip("the vendor's report says it", "T/U", at)
	require.NoError(t, err)
	require.Equal(t, "Five whys skipped: the vendor's report says it", f.Words().String())
	w, _, _, err = w.Add("", why("2,926 leads are SQL"), "T/U", at)
	require.NoError(t, err)
	require.Empty(t, w.Skipped)
	_, _, err = w.Skip("the vendor's report says it", "T/U", at)
	require.ErrorContains(t, err, "has asked why already")
}

func TestATreeOfWhysKeepsItsShapeWhateverPeopleDo(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)
	marks := []WhyMark{WhyPlain, WhyRoot, WhyContributing}
	rapid.Check(t, func(t *rapid.T) {
		var w Whys
		given := map[WhyRef]string{}
		for n := range rapid.IntRange(1, 120).Draw(t, "acts") {
			at = at.Add(time.Second)
			refs := []WhyRef{""}
			for _, n := range w.Standing() {
				refs = append(refs, n.Ref)
			}
			ref := rapid.SampledFrom(refs[max(0, len(refs)-rapid.IntRange(1, 70).Draw(t, "back")):]).Draw(t, "ref")
			it := Why{Text: "because " + Count(int64(n)), Mark: rapid.SampledFrom(marks).Draw(t, "mark")}
			before := len(w.Nodes)
			var err error
			switch act := rapid.IntRange(0, 9).Draw(t, "act"); {
			case act < 7:
				var f WhyChanged
				w, f, _, err = w.Add(ref, it, "T/U", at)
				if err == nil {
					require.NotContains(t, given, WhyRef(f.Ref), "a number is given once")
					given[WhyRef(f.Ref)] = it.Text
				}
			case act < 9:
				w, _, _, err = w.Change(ref, it, "T/U", at)
			default:
				w, _, err = w.Remove(ref)
			}
			if err != nil {
				_, refused := refusal.As(err)
				require.True(t, refused, "%v", err)
				require.Len(t, w.Nodes, before)
			}
			treeHolds(t, w)
		}
	})
}

func treeHolds(t *rapid.T, w Whys) {
	standing := w.Standing()
	require.LessOrEqual(t, len(standing), whyNodes)
	require.True(t, slices.IsSortedFunc(standing, func(a, b Why) int { return a.Ref.compare(b.Ref) }))
	below := map[WhyRef]int{}
	for _, n := range standing {
		require.LessOrEqual(t, n.Ref.Depth(), whyDepth)
		below[n.Ref.Above()]++
		if up := n.Ref.Above(); up != "" {
			above, err := w.Find(up)
			require.NoError(t, err, "what it explains stands")
			require.NotEqual(t, WhyRoot, above.Mark, "a root has no reason below it")
		}
		back, ok := ParseWhyRef(strings.ToLower(string(n.Ref)))
		require.True(t, ok)
		require.Equal(t, n.Ref, back)
	}
	for ref, n := range below {
		require.LessOrEqual(t, n, whyBranches, ref)
	}
}
