package sourcetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// examples reads records one by one: who they are, what happened to them, in
// which order and by whom.
func examples(t *testing.T, w World) {
	w.Spoil("1", first, lost)
	w.Change("1", good)
	w.Spoil("2", good, lost)
	w.Join("3", first)
	w.Spoil("4", first, lost)
	w.Delete("4")
	w.Spoil("5", first, rollback.Null())
	see := func(look rollback.Look) []rollback.Record {
		t.Helper()
		if look.Limit == 0 {
			look.Limit = 10
		}
		found, err := w.Reader().Sample(t.Context(), w.Scope(), look)
		require.NoError(t, err)
		return found
	}

	all := see(rollback.Look{})
	require.Len(t, all, 5, "every member can be an example")
	keys := map[string]bool{}
	for _, r := range all {
		keys[r.Key] = true
		require.EqualValues(t, 1, r.Records)
	}
	require.Len(t, keys, 5, "and each is itself")
	require.Equal(t, all, see(rollback.Look{}), "the same seed finds the same records")
	require.Len(t, see(rollback.Look{Limit: 2}), 2)

	one := see(rollback.Look{Key: w.Parts("1")})
	require.Len(t, one, 1)
	r := one[0]
	require.Equal(t, rollback.Pair{Initial: rollback.Values{first}, Error: rollback.Values{lost}}, rollback.Pair{Initial: r.Initial, Error: r.Error})
	require.Equal(t, rollback.Values{good}, r.Current)
	require.True(t, r.Known && r.Present && r.Later && !r.Ambiguous)
	require.Len(t, r.Past, 2, "what happened, the oldest first")
	require.Equal(t, []rollback.Value{first, lost, lost, good}, []rollback.Value{r.Past[0].Old, r.Past[0].New, r.Past[1].Old, r.Past[1].New})
	require.True(t, r.Past[0].Ours && !r.Past[1].Ours, "the run's own entry is told from a person's")
	require.Equal(t, w.Scope().Run, r.Past[0].Run)
	require.Empty(t, r.Past[1].Run)
	require.False(t, r.Past[1].At.Before(r.Past[0].At))

	bare := see(rollback.Look{Key: w.Parts("3")})
	require.Len(t, bare, 1)
	require.False(t, bare[0].Known)
	require.Equal(t, rollback.Values{first}, bare[0].Current)
	require.Empty(t, bare[0].Past)
	gone := see(rollback.Look{Key: w.Parts("4")})
	require.Len(t, gone, 1)
	require.False(t, gone[0].Present)
	empty := see(rollback.Look{Key: w.Parts("5")})
	require.Len(t, empty, 1)
	require.Equal(t, rollback.Values{rollback.Null()}, empty[0].Current, "an empty value is a value")

	cohort := rollback.Pair{Initial: rollback.Values{first}, Error: rollback.Values{lost}}
	require.Len(t, see(rollback.Look{Pair: &cohort}), 2)
	require.Len(t, see(rollback.Look{Changed: true}), 3, "changed, gone, and without history")
	require.Len(t, see(rollback.Look{Pair: &cohort, Changed: true}), 2)
	require.Empty(t, see(rollback.Look{Key: w.Parts("99")}), "no member has that key")
	_, err := w.Reader().Sample(t.Context(), w.Scope(), rollback.Look{Key: append(w.Parts("1"), "more"), Limit: 1})
	_, refused := refusal.As(err)
	require.True(t, refused, "a key with a part too many is refused in words: %v", err)
}

// matches lays a file over the members: every member is in one group, and every
// line that names none is known by its number.
func matches(t *testing.T, w World) {
	w.Spoil("1", first, lost)
	w.Spoil("2", first, lost)
	w.Spoil("3", first, lost)
	w.Spoil("4", good, rollback.Null())
	w.Join("5", first)
	match := func(wishes ...rollback.Wish) rollback.Matched {
		t.Helper()
		m, err := w.Reader().Match(t.Context(), w.Scope(), wishes)
		require.NoError(t, err)
		return m
	}
	wish := func(line int64, key string, desired rollback.Value) rollback.Wish {
		return rollback.Wish{Line: line, Key: w.Parts(key), Desired: rollback.Values{desired}}
	}

	m := match(wish(2, "1", good), wish(3, "99", good), wish(4, "2", good), wish(5, "4", rollback.Null()), wish(6, "5", good))
	require.EqualValues(t, 1, m.Strange)
	require.Equal(t, []int64{3}, m.Strangers)
	require.Empty(t, m.Misfits)
	var listed, members int64
	for _, g := range m.Groups {
		if members += g.Records; g.Listed {
			listed += g.Records
		}
		switch {
		case g.Listed && g.Known && g.Pair.Initial[0] == first:
			require.Equal(t, []int64{2, 4}, g.Lines)
			require.Equal(t, rollback.Values{good}, g.Desired)
			require.EqualValues(t, 1, g.Values)
		case g.Listed && g.Known:
			require.Equal(t, rollback.Pair{Initial: rollback.Values{good}, Error: rollback.Values{rollback.Null()}}, g.Pair)
			require.True(t, g.Desired[0].Null, "no value can be wished for")
		case g.Listed:
			require.Equal(t, []int64{6}, g.Lines, "a record without history is named, and said to have none")
		default:
			require.EqualValues(t, 1, g.Records, "the one that no line names")
		}
	}
	require.EqualValues(t, 4, listed)
	require.EqualValues(t, 5, members, "no member is left out")

	m = match(wish(1, "1", good), wish(2, "2", first))
	for _, g := range m.Groups {
		if g.Listed {
			require.EqualValues(t, 2, g.Values, "two values for records that look the same are counted")
		}
	}
	_, err := w.Reader().Match(t.Context(), w.Scope(), []rollback.Wish{{Line: 1, Key: append(w.Parts("1"), "more"), Desired: rollback.Values{good}}})
	_, refused := refusal.As(err)
	require.True(t, refused, "a file of another key is refused in words: %v", err)
}
