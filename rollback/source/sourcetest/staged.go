package sourcetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
	"snafu/rollback/source"
)

const file = "3f9a1c07be523f9a1c07be523f9a1c07be523f9a1c07be523f9a1c07be523f9a"

// each decides that a file says what every record of the cohort should be.
func each(initial, left rollback.Value) rollback.Decision {
	return rollback.Decision{Pair: rollback.Pair{Initial: rollback.Values{initial}, Error: rollback.Values{left}}, File: file}
}

// lines are what a file says: key, then value.
type lines map[string]rollback.Value

func (l lines) wishes(w World) (out []rollback.Wish) {
	for key, v := range l {
		out = append(out, rollback.Wish{Line: int64(len(out) + 1), Key: w.Parts(key), Desired: rollback.Values{v}})
	}
	return out
}

func (l lines) staged(w World, evidence string) source.Staged {
	return func(yield func(rollback.Staged, error) bool) {
		for key, v := range l {
			if !yield(rollback.Staged{Key: w.Parts(key), Desired: rollback.Values{v}, Confidence: rollback.ConfidenceExact, Evidence: evidence}, nil) {
				return
			}
		}
	}
}

// Records that look the same get different values, each the one that the file
// names for it, and the state table counts them as the freeze does.
func eachItsOwn(t *testing.T, w World) {
	other := rollback.Text("other")
	for _, key := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		w.Spoil(key, first, lost)
	}
	w.Spoil("8", good, lost) // of another cohort, though the file names it
	said := lines{"1": good, "2": other, "3": lost, "4": rollback.Null(), "5": good, "6": other, "7": first, "8": good}
	w.Change("5", rollback.Text("theirs"))
	w.Change("6", other)
	decisions := []rollback.Decision{each(first, lost), decide(good, lost, lost)}
	table, err := w.Reader().Laid(t.Context(), w.Scope(), said.wishes(w))
	require.NoError(t, err)
	found, err := table.Classify(decisions)
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Write: 4, Right: 1, Already: 1, Conflict: 1}, found.Cohorts[0].Counts)
	require.Equal(t, int64(6), found.Wrong(), "what the file wishes to stay is not wrong")

	p := startStaged(t, w, said.staged(w, file), decisions...)
	require.Equal(t, found.Classes(), p.freeze.Classes())
	require.Equal(t, found.Cohorts[0].Counts, p.freeze.OfCohort(1))
	require.Contains(t, string(p.export), file, "the export names the evidence of each record")
	w.Change("7", rollback.Text("theirs"))
	b := p.walk()
	require.Equal(t, rollback.Outcomes{Written: 3, Conflict: 1}, b.Counts)
	for key, want := range map[string]rollback.Value{
		"1": good, "2": other, "3": lost, "4": rollback.Null(), "5": rollback.Text("theirs"), "6": other, "7": rollback.Text("theirs"), "8": lost,
	} {
		holds(t, w, key, want)
	}
	report, err := p.r.Verify(t.Context(), p.running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)
	after, err := report.Table.Classify(decisions)
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Right: 1, Already: 4, Conflict: 2}, after.Cohorts[0].Counts, "the verification knows what the file said")
}

// A record that the file leaves out, or of which another file speaks, has no
// desired value, and nothing is written to it.
func unsaid(t *testing.T, w World) {
	for _, key := range []string{"1", "2", "3"} {
		w.Spoil(key, first, lost)
	}
	said := lines{"1": first, "2": rollback.Null()}
	for name, c := range map[string]struct {
		staged source.Staged
		want   rollback.Counts
	}{
		"a record that the file leaves out": {said.staged(w, file), rollback.Counts{Write: 2, Undecided: 1}},
		"another file":                      {said.staged(w, "another"), rollback.Counts{Undecided: 3}},
		"no file":                           {nil, rollback.Counts{Undecided: 3}},
	} {
		var export []byte
		draft := draftOf(t, w, each(first, lost))
		f, err := w.Writer().Freeze(t.Context(), draft, c.staged, 1, sink{&export})
		require.NoError(t, err, name)
		require.Equal(t, c.want, f.Classes(), name)
		frozen, err := draft.Freeze(f)
		require.NoError(t, err, name)
		_, err = frozen.Propose(f.At)
		require.ErrorContains(t, err, "have no decision yet", name)
	}
}
