package rollback_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func holding(value string, n int64) rollback.Group {
	return rollback.Group{Known: true, Present: true, Error: rollback.One(value), Current: rollback.One(value), Records: n}
}

// What a table without history holds is all that is known of it: cohorts are
// told by that alone, and people say the rest.
func TestWithoutHistoryWhatPeopleSayIsWhatRecordsWere(t *testing.T) {
	t.Parallel()
	gone := rollback.Group{Records: 1}
	table := rollback.StateTable{Members: 17, Groups: []rollback.Group{holding("SQL", 9), holding("MQL", 4), holding("Kunde", 3), gone}}
	require.True(t, table.Untold())
	sql := rollback.Pair{Error: rollback.One("SQL")}
	kunde := rollback.Pair{Error: rollback.One("Kunde")}
	for name, c := range map[string]struct {
		decisions []rollback.Decision
		want      []rollback.Counts
		lines     []rollback.ValueLine
	}{
		"nobody has said anything": {
			nil,
			[]rollback.Counts{{Undecided: 9}, {Undecided: 4}, {Undecided: 3}},
			[]rollback.ValueLine{
				{Value: "(not known)", Was: 17, Should: 1}, {Value: "(to decide)", Should: 16}, {Value: "SQL", Now: 9}, {Value: "MQL", Now: 4}, {Value: "Kunde", Now: 3}, {Value: "(gone)", Now: 1},
			},
		},
		"who holds what others should be is right already": {
			[]rollback.Decision{{Pair: sql, Desired: rollback.One("MQL")}, {Pair: kunde, NoChange: true, Desired: rollback.One("Kunde")}},
			[]rollback.Counts{{Write: 9, Already: 4}, {Right: 3}},
			[]rollback.ValueLine{{Value: "MQL", Was: 13, Now: 4, Should: 13}, {Value: "SQL", Now: 9}, {Value: "Kunde", Was: 3, Now: 3, Should: 3}, {Value: "(gone)", Now: 1}, {Value: "(not known)", Was: 1, Should: 1}},
		},
		"unless somebody says something else of them": {
			[]rollback.Decision{{Pair: sql, Desired: rollback.One("MQL")}, {Pair: rollback.Pair{Error: rollback.One("MQL")}, Desired: rollback.One("SQL")}},
			[]rollback.Counts{{Write: 9}, {Write: 4}, {Undecided: 3}},
			nil,
		},
		"what is lost or kept draws nobody in": {
			[]rollback.Decision{{Pair: sql, Waiver: rollback.WaiveLost, Why: "no backup", Desired: rollback.One("MQL")}},
			[]rollback.Counts{{Right: 9}, {Undecided: 4}, {Undecided: 3}},
			nil,
		},
	} {
		found, err := table.Classify(c.decisions)
		require.NoError(t, err, name)
		var got []rollback.Counts
		for _, k := range found.Cohorts {
			got = append(got, k.Counts)
			require.Equal(t, rollback.ConfidenceDerived, k.Confidence, name)
		}
		require.Equal(t, c.want, got, name)
		require.Equal(t, rollback.Counts{Unrecoverable: 1}, found.Rest, name)
		if c.lines != nil {
			require.ElementsMatch(t, c.lines, table.Columns(found), name)
		}
		sum := func(of func(rollback.ValueLine) int64) (n int64) {
			for _, l := range table.Columns(found) {
				n += of(l)
			}
			return n
		}
		require.Equal(t, table.Members, sum(func(l rollback.ValueLine) int64 { return l.Was }), name)
		require.Equal(t, table.Members, sum(func(l rollback.ValueLine) int64 { return l.Now }), name)
		require.Equal(t, table.Members, sum(func(l rollback.ValueLine) int64 { return l.Should }), name)
	}
}

// Nobody can call wrong what holds what it should, if no history tells that it
// ever held anything else; what a plan wrote was wrong.
func TestWithoutHistoryOnlyWhatAPlanWroteWasWrong(t *testing.T) {
	t.Parallel()
	sql := rollback.Pair{Error: rollback.One("SQL")}
	decisions := []rollback.Decision{{Pair: sql, Desired: rollback.One("MQL")}}
	tally := func(sqls, mqls int64, settled ...rollback.Settled) (wrong, fixed, intended, left int64) {
		table := rollback.StateTable{Members: 13, Total: 20, Groups: []rollback.Group{holding("SQL", sqls), holding("MQL", mqls)}}
		found, err := table.Classify(decisions)
		require.NoError(t, err)
		out := found.Tally(table, "leads", settled)
		require.Equal(t, int64(13), out.Wrong+out.AsIntended)
		return out.Wrong, out.Fixed, out.AsIntended, out.Left
	}
	wrong, fixed, intended, left := tally(9, 4)
	require.Equal(t, []int64{9, 0, 4, 9}, []int64{wrong, fixed, intended, left}, "before the run")
	wrong, fixed, intended, left = tally(0, 13, rollback.Settled{Pair: sql, Outcomes: rollback.Outcomes{Written: 9}})
	require.Equal(t, []int64{9, 9, 4, 0}, []int64{wrong, fixed, intended, left}, "after it")
	wrong, fixed, intended, left = tally(9, 4, rollback.Settled{Pair: sql, Outcomes: rollback.Outcomes{Written: 9}}, rollback.Settled{Pair: sql, Undone: 9})
	require.Equal(t, []int64{9, 0, 4, 9}, []int64{wrong, fixed, intended, left}, "after an undo")
}
