package view

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// read is all that a message says, a line for each line of it.
func read(m Message) []string {
	var all []string
	for _, b := range m.Blocks {
		switch b := b.(type) {
		case *slack.SectionBlock:
			all = append(all, strings.Split(b.Text.Text, "\n")...)
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				all = append(all, e.(*slack.TextBlockObject).Text)
			}
		}
	}
	return all
}

// line is the one that contains the words.
func line(t *testing.T, lines []string, words string) string {
	t.Helper()
	for _, l := range lines {
		if strings.Contains(l, words) {
			return l
		}
	}
	require.Fail(t, "no line says "+words, strings.Join(lines, "\n"))
	return ""
}

var leading = regexp.MustCompile(`^• ([0-9,]+) `)

func count(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64)
	require.NoError(t, err)
	return n
}

// crowded is a table of so many cohorts, each with records that match and four
// kinds that do not.
func crowded(t *testing.T, kinds int64) (c TableCard, mismatching int64) {
	t.Helper()
	c = TableCard{Incident: 42, Unit: "leads", Before: -1}
	c.Table = rollback.StateTable{Scope: rollback.Scope{Source: "crm", Table: "lead", Set: []string{"stage"}, Run: "weekly-42"}, At: noon}
	var decided []rollback.Decision
	add := func(g rollback.Group) {
		c.Table.Groups = append(c.Table.Groups, g)
		c.Table.Members += g.Records
		if !g.Matches() {
			mismatching += g.Records
		}
	}
	for i := range kinds {
		pair := rollback.Pair{Initial: rollback.One(fmt.Sprintf("Stage %03d of a rather long name", i)), Error: rollback.One("SQL")}
		g := rollback.Group{Known: true, Present: true, Initial: pair.Initial, Error: pair.Error, Current: pair.Error, Records: 1000 + i}
		add(g)
		g.Later, g.Records, g.Keys = true, 10+i, []string{"7"}
		add(g)
		g.Current, g.Records = rollback.One("Disqualified"), 200+i
		add(g)
		g.Present, g.Current, g.Records = false, nil, 30+i
		add(g)
		d := rollback.Decision{Pair: pair, Desired: rollback.One("MQL")}
		switch i % 4 {
		case 1:
			d.NoChange = true
		case 2:
			d.Waiver, d.Why = rollback.WaiveKeep, strings.Repeat("because ", 60)
		case 3:
			continue // nobody has decided
		}
		decided = append(decided, d)
	}
	add(rollback.Group{Present: true, Current: rollback.One("SQL"), Records: 7})
	known, err := c.Table.Classify(decided)
	require.NoError(t, err)
	c.Cohorts = known.Cohorts
	return c, mismatching
}

func TestHoweverManyKindsThereAreEveryRecordIsInANumber(t *testing.T) {
	for _, kinds := range []int64{1, 3, 12, 13, 60, 100} {
		t.Run(fmt.Sprint(kinds, " cohorts"), func(t *testing.T) {
			c, mismatching := crowded(t, kinds)
			m := Table(c)
			within(t, m)
			lines := read(m)

			var sum, sampled int64
			for _, l := range lines {
				if n := leading.FindStringSubmatch(l); n != nil {
					sum += count(t, n[1])
				}
				if strings.HasSuffix(l, "(7)") {
					sampled++
				}
			}
			require.Equal(t, mismatching, sum, "what does not match")
			require.Positive(t, sampled, "with the ends of keys")

			var shown, wrong, right, undecided int64
			for i, k := range c.Cohorts {
				if i >= maxCodeRows {
					shown += k.Counts.Total()
				}
				switch {
				case k.Wrong():
					wrong += k.Counts.Total()
				case k.Kind == "":
					undecided += k.Counts.Total()
				default:
					right += k.Counts.Total()
				}
			}
			if kinds > maxCodeRows {
				require.Equal(t, fmt.Sprintf("and %d more cohorts with %s leads", kinds-maxCodeRows, Number(shown)), line(t, lines, "more cohorts with"))
			}
			sums := fmt.Sprintf("*%s wrong · %s already right*", Number(wrong), Number(right))
			if undecided > 0 {
				sums += fmt.Sprintf(" · %s to decide", Number(undecided))
			}
			require.Equal(t, sums, line(t, lines, "already right*"))
			changed := line(t, lines, "changed by people since")
			require.Contains(t, changed, "To write: ", "the end of the line is not cut off")
			var was, is int64
			for _, pair := range regexp.MustCompile(`([0-9,]+) -> ([0-9,]+)`).FindAllStringSubmatch(changed, -1) {
				was, is = was+count(t, pair[1]), is+count(t, pair[2])
			}
			require.Equal(t, wrong, was, "each cohort that is wrong is in the line, by name or in the rest")
			require.True(t, strings.HasPrefix(changed, Number(was-is)+" changed"), changed)
			require.Contains(t, line(t, lines, "members, "), "7 without history: contain those")
		})
	}
}

func TestWhatHistoryCanNotTellIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		from, first time.Duration // before the count: the run, the oldest entry
		keeps       time.Duration
		says        string
	}{
		"it is kept for long":          {from: 24 * time.Hour, first: 90 * 24 * time.Hour, keeps: 90 * 24 * time.Hour, says: "history expires in 89 days"},
		"it is forgotten soon":         {from: 89 * 24 * time.Hour, first: 90 * 24 * time.Hour, keeps: 90 * 24 * time.Hour, says: "*history expires in 24 h*"},
		"it is forgotten":              {from: 91 * 24 * time.Hour, first: 92 * 24 * time.Hour, keeps: 90 * 24 * time.Hour, says: "the run is older than its history is kept: this table is incomplete"},
		"it begins after the run":      {from: 24 * time.Hour, first: time.Hour, says: "history starts later, at <!date^1774695600^{date_short_pretty} {time}|2026-03-28 11:00 UTC>: what stood before is not known"},
		"nobody says how long it lies": {from: 24 * time.Hour, first: 48 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			card := leads("Prospect")
			card.Table.Scope.From, card.Table.HistoryFrom, card.Table.Keeps = noon.Add(-c.from), noon.Add(-c.first), c.keeps
			lines := read(Table(card))
			if c.says != "" {
				require.Contains(t, lines, c.says)
				return
			}
			require.NotContains(t, strings.Join(lines, "\n"), "history expires")
		})
	}
}
