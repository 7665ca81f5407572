package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func group(initial, wrong, now string, n int64) Group {
	return Group{Known: true, Present: true, Initial: One(initial), Error: One(wrong), Current: One(now), Records: n}
}

// leads are the 2,926 members of the run after a colleague corrected seven.
func leads() StateTable {
	return StateTable{
		Scope: leadSpec().Scope, At: noon, Members: 2926, Total: 3000,
		Groups: []Group{
			group("Prospect", "SQL", "SQL", 497), group("Prospect", "SQL", "Disqualified", 3),
			group("Nurturing", "SQL", "SQL", 672), group("Nurturing", "SQL", "Disqualified", 4),
			group("MQL", "SQL", "SQL", 1000), group("SQL", "SQL", "SQL", 750),
		},
	}
}

func TestTheLeadsAreClassified(t *testing.T) {
	c, err := leads().Classify(leadSpec().Decisions)
	require.NoError(t, err)
	require.Equal(t, Counts{Write: 1169, Right: 1750, Conflict: 7}, c.Classes())
	require.EqualValues(t, 1176, c.Wrong())
	require.Len(t, c.Cohorts, 4)
	require.Equal(t, "SQL", c.Cohorts[2].Should())
	require.Equal(t, "no change", c.Cohorts[3].Should())
	require.Equal(t, leadSpec().Decisions[:2], c.Decisions()[:2])

	tally := c.Tally(leads(), "leads", nil)
	require.NoError(t, tally.Holds())
	require.EqualValues(t, 1176, tally.Wrong)
	require.EqualValues(t, 1169, tally.Left)
	require.EqualValues(t, 7, tally.Kept)
	require.EqualValues(t, 1750, tally.AsIntended)
	require.EqualValues(t, 74, tally.Untouched)
}

func TestBeforeAnybodyDecidedAllIsUndecided(t *testing.T) {
	c, err := leads().Classify(nil)
	require.NoError(t, err)
	require.EqualValues(t, 2926, c.Classes().Undecided)
	require.Empty(t, c.Decisions())
	require.NoError(t, c.Tally(leads(), "leads", nil).Holds())
}

func TestAfterTheRunWhatWasWrittenIsFixedAndNotKept(t *testing.T) {
	after := leads()
	after.Groups[0].Current, after.Groups[0].Later = One("MQL"), true
	after.Groups[2].Current, after.Groups[2].Later = One("MQL"), true
	c, err := after.Classify(leadSpec().Decisions)
	require.NoError(t, err)
	require.Equal(t, Counts{Already: 1169, Right: 1750, Conflict: 7}, c.Classes())
	require.EqualError(t, RefuseNothing(c.Classes()), "Nothing to write: 1,169 already right, 7 changed by people since, 1,750 right all along.")

	d := leadSpec().Decisions
	tally := c.Tally(after, "leads", []Settled{{d[0].Pair, Outcomes{Written: 497}}, {d[1].Pair, Outcomes{Written: 672}}})
	require.NoError(t, tally.Holds())
	require.EqualValues(t, 1169, tally.Fixed)
	require.EqualValues(t, 7, tally.Kept)
	require.Zero(t, tally.Left)
}

func TestTheFirstClassThatHoldsCounts(t *testing.T) {
	d := []Decision{decision("MQL", "SQL", "MQL"), {Pair: Pair{One("SQL"), One("SQL")}, NoChange: true}}
	for name, c := range map[string]struct {
		change func(*Group)
		want   Class
	}{
		"still wrong":                       {func(*Group) {}, ClassWrite},
		"no history":                        {func(g *Group) { g.Known = false; g.Initial, g.Error = nil, nil }, ClassUnrecoverable},
		"gone":                              {func(g *Group) { g.Present = false; g.Current = nil }, ClassMissing},
		"gone and ambiguous":                {func(g *Group) { g.Present, g.Ambiguous = false, true }, ClassMissing},
		"its entries do not chain":          {func(g *Group) { g.Ambiguous = true }, ClassAmbiguous},
		"ambiguous and undecided":           {func(g *Group) { g.Ambiguous = true; g.Initial = One("New") }, ClassAmbiguous},
		"a pair that nobody decided":        {func(g *Group) { g.Initial = One("New") }, ClassUndecided},
		"corrected by hand":                 {func(g *Group) { g.Current, g.Later = One("MQL"), true }, ClassAlready},
		"set to something else":             {func(g *Group) { g.Current, g.Later = One("Lost"), true }, ClassConflict},
		"emptied":                           {func(g *Group) { g.Current = Values{Null()} }, ClassConflict},
		"the error value, by somebody else": {func(g *Group) { g.Later = true }, ClassConflictLater},
		"right all along":                   {func(g *Group) { g.Initial = One("SQL") }, ClassRight},
		"right all along, touched later":    {func(g *Group) { g.Initial, g.Later = One("SQL"), true }, ClassRight},
		"right, then changed":               {func(g *Group) { g.Initial, g.Current = One("SQL"), One("Lost") }, ClassConflict},
	} {
		t.Run(name, func(t *testing.T) {
			g := group("MQL", "SQL", "SQL", 5)
			c.change(&g)
			got, err := StateTable{Members: 5, Groups: []Group{g}}.Classify(d)
			require.NoError(t, err)
			require.Equal(t, Counts{}.With(c.want, 5), got.Classes())
		})
	}
}

func TestMembersAreTheSumOfTheClasses(t *testing.T) {
	values := []string{"A", "B", "C"}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string) string { return rapid.SampledFrom(values).Draw(t, what) }
		var table StateTable
		for range rapid.IntRange(0, 12).Draw(t, "groups") {
			g := group(draw("initial"), draw("error"), draw("current"), int64(rapid.IntRange(0, 1000).Draw(t, "records")))
			g.Known, g.Present = rapid.Bool().Draw(t, "known"), rapid.Bool().Draw(t, "present")
			g.Ambiguous, g.Later = rapid.Bool().Draw(t, "ambiguous"), rapid.Bool().Draw(t, "later")
			table.Groups = append(table.Groups, g)
			table.Members += g.Records
		}
		table.Total = table.Members
		var d []Decision
		for _, initial := range values {
			if rapid.Bool().Draw(t, "decided") {
				d = append(d, decision(initial, draw("error"), draw("desired")))
			}
		}
		c, err := table.Classify(d)
		require.NoError(t, err)
		require.Equal(t, table.Members, c.Classes().Total())
		tally := c.Tally(table, "records", nil)
		require.NoError(t, tally.Holds())
		require.Equal(t, c.Wrong(), tally.Wrong)

		table.Members++
		_, err = table.Classify(d)
		require.Error(t, err, "a count that does not add up is never shown")
	})
}
