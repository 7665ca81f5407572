package rollback

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEveryColumnOfTheStateTableSumsToTheMembers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := func(of string) Values { return One(rapid.SampledFrom([]string{"A", "B", "C", ""}).Draw(t, of)) }
		var table StateTable
		for range rapid.IntRange(0, 12).Draw(t, "groups") {
			g := Group{
				Known: rapid.Bool().Draw(t, "known"), Present: rapid.Bool().Draw(t, "present"), Ambiguous: rapid.Bool().Draw(t, "ambiguous"),
				Later: rapid.Bool().Draw(t, "later"), Records: rapid.Int64Range(1, 1000).Draw(t, "records"),
			}
			if g.Known {
				g.Initial, g.Error = value("initial"), value("error")
			}
			if g.Present {
				g.Current = value("current")
			}
			table.Groups = append(table.Groups, g)
			table.Members += g.Records
		}
		c, err := table.Classify([]Decision{
			{Pair: Pair{One("A"), One("B")}, Desired: One("C")}, {Pair: Pair{One("B"), One("B")}, NoChange: true},
		})
		require.NoError(t, err)
		var sum ValueLine
		for _, l := range table.Columns(c) {
			sum.Was, sum.Now, sum.Should = sum.Was+l.Was, sum.Now+l.Now, sum.Should+l.Should
		}
		require.Equal(t, ValueLine{Was: table.Members, Now: table.Members, Should: table.Members}, sum)
	})
}

func TestTheHistoryExpiresItsRetentionAfterTheRunBegan(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	table := StateTable{Scope: Scope{From: at}, Keeps: 90 * 24 * time.Hour, HistoryFrom: at.Add(-time.Hour)}
	end, known := table.Expires()
	require.True(t, known)
	require.Equal(t, at.Add(90*24*time.Hour), end)
	require.False(t, table.Late())
	table.HistoryFrom = at.Add(time.Hour)
	require.True(t, table.Late())
	table.Keeps = 0
	_, known = table.Expires()
	require.False(t, known, "nobody has said how long it is kept")
}
