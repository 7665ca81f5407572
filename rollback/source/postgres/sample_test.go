package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestExamplesShowTheirHistoryAndMaskWhatIsPersonal(t *testing.T) {
	t.Parallel()
	w := story(t)
	w.exec(`update crm.lead set lead_status = 'Disqualified' where id in (1, 501)`)
	r := w.reader()
	see := func(look rollback.Look) []rollback.Record {
		t.Helper()
		if look.Limit == 0 {
			look.Limit = 5
		}
		found, err := r.Sample(t.Context(), leadScope(), look)
		require.NoError(t, err)
		return found
	}

	seven := see(rollback.Look{Key: []string{"7"}})
	require.Len(t, seven, 1)
	require.Equal(t, "7", seven[0].Key)
	require.Equal(t, rollback.One("SQL"), seven[0].Current)
	last := seven[0].Past[len(seven[0].Past)-1]
	require.Equal(t, "Prospect -> SQL", last.Old.String()+" -> "+last.New.String())
	require.Equal(t, "weekly-42", last.Run)
	require.True(t, last.Ours)
	email := seven[0].Fields[0]
	require.Equal(t, "email", email.Name)
	require.True(t, email.Masked)
	require.Contains(t, email.Value.Text, "…@")
	var whole string
	require.NoError(t, w.admin.QueryRow(t.Context(), `select email from crm.lead where id = 7`).Scan(&whole))
	require.NotEqual(t, whole, email.Value.Text)
	require.False(t, seven[0].Fields[1].Masked, "crm_id is not personal")

	all := see(rollback.Look{Limit: 4, Seed: 1})
	cohorts := map[string]bool{}
	for _, rec := range all {
		cohorts[rec.Initial.String()] = true
	}
	require.Len(t, cohorts, 4, "a sample takes the cohorts in turn")
	require.Equal(t, all, see(rollback.Look{Limit: 4, Seed: 1}), "the same seed finds the same records")
	require.NotEqual(t, all, see(rollback.Look{Limit: 4, Seed: 2}))

	nurturing := pair("Nurturing", "SQL")
	for _, rec := range see(rollback.Look{Pair: &nurturing}) {
		require.Equal(t, nurturing, rollback.Pair{Initial: rec.Initial, Error: rec.Error})
	}
	changed := see(rollback.Look{Pair: &nurturing, Changed: true})
	require.Len(t, changed, 1)
	require.Equal(t, "501", changed[0].Key)
	require.True(t, changed[0].Later)
	require.Equal(t, "Disqualified", changed[0].Past[len(changed[0].Past)-1].New.Text, "who wrote after the run is part of its history")

	require.Empty(t, see(rollback.Look{Key: []string{"2999"}}), "a customer is no member")
	require.Empty(t, see(rollback.Look{Key: []string{"1; drop table crm.lead"}}))
	_, err := r.Sample(t.Context(), leadScope(), rollback.Look{Key: []string{"1", "2"}, Limit: 5})
	require.ErrorContains(t, err, "known by id")
}

func TestAnExampleIsFoundByAKeyOfTwoPartsInAForeignSchema(t *testing.T) {
	t.Parallel()
	v := orders(t)
	v.Spoil("3", rollback.Text("offen"), rollback.Text("storniert"))
	v.Change("3", rollback.Null())
	found, err := v.Reader().Sample(t.Context(), v.Scope(), rollback.Look{Key: []string{"Nord", "K 3"}, Limit: 5})
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "Nord/K 3", found[0].Key)
	require.Equal(t, []string{"offen -> storniert", "storniert -> (empty)"}, []string{
		found[0].Past[0].Old.String() + " -> " + found[0].Past[0].New.String(),
		found[0].Past[1].Old.String() + " -> " + found[0].Past[1].New.String(),
	})
	require.Equal(t, []string{"bad", ""}, []string{found[0].Past[0].Run, found[0].Past[1].Run})
	require.True(t, found[0].Later)
}

func TestAFileIsLaidOverTheMembersInOneSnapshot(t *testing.T) {
	t.Parallel()
	w := story(t)
	r := w.reader()
	lay := func(lines ...rollback.Wish) rollback.Matched {
		t.Helper()
		m, err := r.Match(t.Context(), leadScope(), lines)
		require.NoError(t, err)
		return m
	}
	wish := func(line int64, key, want string) rollback.Wish {
		return rollback.Wish{Line: line, Key: []string{key}, Desired: rollback.One(want)}
	}
	m := lay(wish(1, "1", "MQL"), wish(2, "2", "MQL"), wish(3, "2999", "MQL"), wish(4, "501", "Lost"), wish(5, "no number", "MQL"), wish(6, "007", "MQL"))
	require.EqualValues(t, 3, m.Strange, "a customer, no number, and another text than the key's")
	require.ElementsMatch(t, []int64{3, 5, 6}, m.Strangers)
	var listed, members int64
	for _, g := range m.Groups {
		members += g.Records
		if g.Listed {
			listed += g.Records
		}
	}
	require.EqualValues(t, 3, listed)
	require.EqualValues(t, 2926, members)
	require.Equal(t, pair("Prospect", "SQL"), m.Groups[0].Pair)
	require.Equal(t, []int64{1, 2}, m.Groups[0].Lines)

	v := orders(t)
	v.Spoil("3", rollback.Text("offen"), rollback.Text("storniert"))
	key := []string{"Nord", "K 3"}
	misfit, err := v.Reader().Match(t.Context(), v.Scope(), []rollback.Wish{{Line: 4, Key: key, Desired: rollback.One("keiner kennt das")}})
	require.NoError(t, err)
	require.Equal(t, []int64{4}, misfit.Misfits, "the enum has no such label")
	fits, err := v.Reader().Match(t.Context(), v.Scope(), []rollback.Wish{{Line: 4, Key: key, Desired: rollback.One("offen")}})
	require.NoError(t, err)
	require.Equal(t, rollback.One("offen"), fits.Groups[0].Desired)
	_, err = v.Reader().Match(t.Context(), v.Scope(), []rollback.Wish{{Line: 1, Key: key[:1], Desired: rollback.Values{rollback.Null()}}})
	require.ErrorContains(t, err, "known by Mandant and Nr.")
}
