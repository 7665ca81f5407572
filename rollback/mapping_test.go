package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents/refusal"
)

func TestAdversarial33AMappingThatMadeOneOfSeveralSaysNothingAboutThem(t *testing.T) {
	t.Parallel()
	became := func(was, left string) Became { return Became{Text(was), Text(left)} }
	for _, c := range []struct {
		rule []Became
		says string
	}{
		{[]Became{became("MQL", "SQL"), became("Prospect", "SQL"), became("Nurturing", "SQL")}, "MQL, Prospect and Nurturing all became SQL, so SQL alone does not say which it was. Use history or a backup."},
		{[]Became{became("New", "Open"), became("MQL", "SQL"), became("SQL", "SQL")}, "MQL and SQL both became SQL, so SQL alone does not say which it was. Use history or a backup."},
		{[]Became{{Null(), Text("SQL")}, became("MQL", "SQL")}, "(empty) and MQL both became SQL, so SQL alone does not say which it was. Use history or a backup."},
	} {
		_, err := Invert(c.rule)
		no, ok := refusal.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, "mapping", no.Code)
		require.Equal(t, c.says, no.Say)
	}

	back, err := Invert([]Became{became("MQL", "SQL"), became("SQL", "MQL"), {Null(), Text("New")}})
	require.NoError(t, err)
	require.Equal(t, map[Value]Value{Text("SQL"): Text("MQL"), Text("MQL"): Text("SQL"), Text("New"): Null()}, back, "values may swap: no value, and the empty one, are values")
	_, err = Invert([]Became{became("MQL", "SQL"), became("MQL", "Lost")})
	require.ErrorContains(t, err, "MQL can't have become two things")
}

func TestAMappingIsInvertedExactlyOrRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Custom(func(t *rapid.T) Value {
			return rapid.SampledFrom([]Value{Null(), Text(""), Text("a"), Text("b"), Text("c"), Text("d")}).Draw(t, "value")
		})
		rule := map[Value]Value{}
		var steps []Became
		for _, was := range rapid.SliceOfDistinct(value, rapid.ID[Value]).Draw(t, "was") {
			rule[was] = value.Draw(t, "left")
			steps = append(steps, Became{was, rule[was]})
		}
		images := map[Value]bool{}
		for _, left := range rule {
			images[left] = true
		}
		back, err := Invert(steps)
		if len(images) < len(rule) {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		require.Len(t, back, len(rule))
		for was, left := range rule {
			require.Equal(t, was, back[left])
		}
	})
}
