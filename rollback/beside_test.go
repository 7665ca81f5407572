package rollback

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/require"
)

func saysOf(key, value string, candidates int64) Staged {
	return Staged{Key: Key{key}, Desired: One(value), Confidence: ConfidenceDerived, Evidence: "a log", Candidates: candidates}
}

func stream(all ...Staged) iter.Seq2[Staged, error] {
	return func(yield func(Staged, error) bool) {
		for _, one := range all {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func TestASecondEvidenceIsLaidBesideTheFirst(t *testing.T) {
	first := stream(saysOf("1", "a", 1), saysOf("10", "a", 1), saysOf("2", "a", 0), saysOf("3", "a", 2), saysOf("4", "a", 1), saysOf("5", "a", 1))
	second := stream(saysOf("0", "b", 1), saysOf("10", "b", 1), saysOf("2", "b", 1), saysOf("3", "b", 1), saysOf("4", "b", 2), saysOf("5", "a", 1), saysOf("6", "b", 1))
	for take, want := range map[string]Staged{
		"":          {Desired: One("a"), Initial: One("b"), Candidates: 2},
		TakeNeither: {Desired: One("a"), Initial: One("b"), Candidates: 2},
		"log":       {Desired: One("a"), Initial: One("b"), Candidates: 1},
		"state":     {Desired: One("b"), Initial: One("a"), Candidates: 1},
	} {
		var got []Staged
		for one, err := range (Beside{Name: "state", Take: take}).Weigh(first, second) {
			require.NoError(t, err)
			got = append(got, one)
		}
		require.Len(t, got, 6)
		want.Key, want.Confidence, want.Evidence = Key{"10"}, ConfidenceDerived, "a log · state: a log"
		require.Equal(t, want, got[1], take)
		for i, as := range []Staged{saysOf("1", "a", 1), want, saysOf("2", "a", 0), saysOf("3", "a", 2), saysOf("4", "a", 1), saysOf("5", "a", 1)} {
			require.Equal(t, as, got[i], "only where both know one value, and not the same")
		}
	}
}

func TestASecondEvidenceThatBreaksOrRepeatsItselfEndsBoth(t *testing.T) {
	twice := stream(saysOf("1", "a", 1), saysOf("1", "b", 1))
	var last error
	n := 0
	for _, err := range (Beside{Name: "state"}).Weigh(stream(saysOf("1", "a", 1), saysOf("2", "a", 1), saysOf("3", "a", 1)), twice) {
		last = err
		n++
	}
	require.ErrorContains(t, last, "The answer of evidence state names a record twice.")
	require.Equal(t, 2, n)
}
