package rollback

import (
	"slices"
	"strings"
	"time"
)

// What stands in a column of the state table where there is no value.
const (
	NotKnown = "(not known)"
	Gone     = "(gone)"
	ToDecide = "(to decide)"
	Lost     = "(lost)"
	ItsOwn   = "(each its own)"
)

// ValueLine is how many members held a value before the run, hold it now and
// should hold it. Over all lines each column sums to the members.
type ValueLine struct {
	Value            string
	Was, Now, Should int64
}

// Columns counts the members by value, once for each of the three states, the
// most frequent value first.
func (t StateTable) Columns(c Classified) []ValueLine {
	var lines []ValueLine
	line := func(value string) *ValueLine {
		i := slices.IndexFunc(lines, func(l ValueLine) bool { return l.Value == value })
		if i < 0 {
			lines = append(lines, ValueLine{Value: value})
			i = len(lines) - 1
		}
		return &lines[i]
	}
	decisions := c.Decisions()
	for _, g := range t.Groups {
		g = g.Placed(decisions)
		was, now, should := NotKnown, Gone, NotKnown
		if !g.Known && c.Given.Waiver == WaiveLost {
			should = Lost
		}
		if g.Known {
			p := Pair{Initial: g.Initial, Error: g.Error}
			if was, should = g.Initial.String(), c.should(p); p.Untold() && should != ToDecide && should != Lost {
				was = should // whoever said what they should be said what they were
			}
		}
		if g.Present {
			now = g.Current.String()
		}
		line(was).Was += g.Records
		line(now).Now += g.Records
		line(should).Should += g.Records
	}
	slices.SortStableFunc(lines, func(a, b ValueLine) int {
		if x, y := max(a.Was, a.Now, a.Should), max(b.Was, b.Now, b.Should); x != y {
			return int(min(max(y-x, -1), 1))
		}
		return strings.Compare(a.Value, b.Value)
	})
	return lines
}

func (c Classified) should(p Pair) string {
	for _, cohort := range c.Cohorts {
		switch {
		case !cohort.Pair.Equal(p):
		case cohort.Kind == "":
			return ToDecide
		case cohort.Waiver == WaiveLost:
			return Lost
		case cohort.NoChange:
			return cohort.Pair.Error.String()
		case cohort.Each():
			return ItsOwn
		default:
			return cohort.Desired.String()
		}
	}
	return ToDecide
}

// Expires is when the source forgets what the records were before the run, and
// false where nobody has declared how long it keeps that.
func (t StateTable) Expires() (time.Time, bool) {
	if t.Keeps <= 0 || t.Scope.From.IsZero() {
		return time.Time{}, false
	}
	return t.Scope.From.Add(t.Keeps), true
}

// Late is true when the history begins only after the run did: what stands
// before that can't be known.
func (t StateTable) Late() bool {
	return !t.Scope.From.IsZero() && t.HistoryFrom.After(t.Scope.From.Add(Skew))
}
