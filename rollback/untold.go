package rollback

import "slices"

// Where a table keeps no history, nothing tells what its records were before a
// run. A membership says which records the run took; what those hold now counts
// as what it left, and people, a file or other evidence say what they were. So
// a pair is told by its error alone, and nothing is ever exact.

// Untold is true for a pair of which no history tells what its records were.
func (p Pair) Untold() bool { return p.Initial == nil && p.Error != nil }

// Confidence is how sure the value before the run is.
func (p Pair) Confidence() Confidence {
	if p.Untold() {
		return ConfidenceDerived
	}
	return ConfidenceExact
}

// Untold is true for a table that keeps no history.
func (t StateTable) Untold() bool {
	return slices.ContainsFunc(t.Groups, func(g Group) bool { return g.Known && g.Initial == nil })
}

// Derived is how many cohorts of the plan rest on less than a history.
func (s Spec) Derived() (n int) {
	for _, c := range s.Cohorts() {
		if c.Confidence != ConfidenceExact {
			n++
		}
	}
	return n
}

// HeldAlready are the records of a cohort that hold what they should, where no
// history tells whether they ever held anything else: nobody can call them wrong.
func (c Cohort) HeldAlready() int64 {
	if !c.Pair.Untold() {
		return 0
	}
	return c.Counts.Already
}

// held finds what was decided for records without history that hold another
// value than any that was decided about. Those that hold what a cohort should
// become belong to it, as already right: somebody, or a plan, has put them right
// since.
func held(g Group, decisions []Decision) (Decision, bool) {
	own := Pair{Initial: g.Initial, Error: g.Error}
	if !g.Known || !own.Untold() || slices.ContainsFunc(decisions, func(d Decision) bool { return d.Pair.Equal(own) }) {
		return Decision{}, false
	}
	i := slices.IndexFunc(decisions, func(d Decision) bool {
		return d.Untold() && (d.Each() && g.Laid.Held || !d.Each() && d.Want().Equal(g.Current))
	})
	if i < 0 {
		return Decision{}, false
	}
	return decisions[i], true
}

// Placed is a group in the cohort that it belongs to.
func (g Group) Placed(decisions []Decision) Group {
	if d, ok := held(g, decisions); ok {
		g.Error, g.Laid.Left = d.Error, false
	}
	return g
}
