package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"snafu/incidents"
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
	tally := c.Tally(after, "leads", []Settled{{d[0].Pair, Outcomes{Written: 497}, 0}, {d[1].Pair, Outcomes{Written: 672}, 0}})
	require.NoError(t, tally.Holds())
	require.EqualValues(t, 1169, tally.Fixed)
	require.EqualValues(t, 7, tally.Kept)
	require.Zero(t, tally.Left)
}

func TestWhatIsKeptOrLostIsWrongAndNothingOfItIsLeft(t *testing.T) {
	d := leadSpec().Decisions
	after := leads()
	after.Groups[0].Current, after.Groups[0].Later = One("MQL"), true // a run wrote all of the first but one that stayed locked
	after.Groups = append(after.Groups, group("Prospect", "SQL", "SQL", 1), Group{Present: true, Current: One("SQL"), Records: 5})
	after.Members, after.Total = 2932, 3006
	settled := []Settled{{d[0].Pair, Outcomes{Written: 497, Locked: 1}, 0}}

	d[0].Waiver, d[0].Why = WaiveLost, "its log is gone"
	d[1].Waiver, d[1].Why = WaiveKeep, "sales want them so"
	c, err := after.Classify(append(d, Decision{Waiver: WaiveLost, Why: "no backup either"}))
	require.NoError(t, err)
	require.Equal(t, KindNoChange, c.Cohorts[0].Kind, "no plan writes it")
	require.Equal(t, "lost", c.Cohorts[0].Should())
	require.Equal(t, "keep", c.Cohorts[1].Should())
	tally := c.Tally(after, "leads", settled)
	require.NoError(t, tally.Holds())
	rows := []incidents.TallyRow{tally.Rows[0], tally.Rows[1], tally.Rows[4]}
	require.Equal(t, []incidents.TallyRow{
		{Was: "Prospect", Now: "SQL", Should: "lost", Total: 501, Wrong: 501, Fixed: 497, Kept: 3, Unrestorable: 1},
		{Was: "Nurturing", Now: "SQL", Should: "keep", Total: 676, Wrong: 676, Kept: 676},
		{Was: "no history", Now: "?", Should: "lost", Total: 5, Wrong: 5, Unrestorable: 5},
	}, rows)
	require.Zero(t, tally.Left+tally.Undecided)
	require.Equal(t, d[:3], c.Decisions()[:3], "they can be taken over as they are")
	for _, l := range after.Columns(c) {
		if l.Value == Lost {
			require.EqualValues(t, 506, l.Should)
		}
	}
	steps := Record{Group: after.Groups[6], Past: []Change{{Ours: true, Old: Text("Prospect"), New: Text("SQL")}}}.Walk(c.Cohorts[0])
	require.True(t, steps[0].Broke, "what was lost is no less wrong")
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
				one := decision(initial, draw("error"), draw("desired"))
				one.Waiver = rapid.SampledFrom([]Waiver{"", "", WaiveKeep, WaiveLost}).Draw(t, "waiver")
				d = append(d, one)
			}
		}
		if rapid.Bool().Draw(t, "rest waived") {
			d = append(d, Decision{Waiver: rapid.SampledFrom([]Waiver{WaiveKeep, WaiveLost}).Draw(t, "rest")})
		}
		c, err := table.Classify(d)
		require.NoError(t, err)
		require.Equal(t, table.Members, c.Classes().Total())
		var settled []Settled
		for _, one := range d {
			settled = append(settled, Settled{one.Pair, Outcomes{Written: int64(rapid.IntRange(0, 500).Draw(t, "written")), Locked: int64(rapid.IntRange(0, 9).Draw(t, "locked"))}, 0})
		}
		tally := c.Tally(table, "records", settled)
		require.NoError(t, tally.Holds())
		require.Equal(t, c.Wrong(), tally.Wrong)

		table.Members++
		_, err = table.Classify(d)
		require.Error(t, err, "a count that does not add up is never shown")
	})
}
