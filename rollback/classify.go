package rollback

import (
	"fmt"
	"slices"
)

// Classified is a state table with every member in exactly one class.
type Classified struct {
	Cohorts []Cohort // in the order in which the run left its first trace
	Rest    Counts   // members without history: they belong to no cohort
	Members int64
	Given   Decision // the waiver about the rest; its zero value is none
}

// Classify puts every member of the run into the first class that holds, given
// what people decided so far. It fails when the groups do not sum to the
// members: a count that does not add up is never shown.
func (t StateTable) Classify(decisions []Decision) (Classified, error) {
	out := Classified{Members: t.Members}
	if i := slices.IndexFunc(decisions, Decision.Rest); i >= 0 {
		out.Given = decisions[i]
	}
	for _, g := range t.Groups {
		if !g.Known {
			out.Rest = out.Rest.With(ClassUnrecoverable, g.Records)
			continue
		}
		g = g.Placed(decisions)
		c := out.cohort(Pair{Initial: g.Initial, Error: g.Error}, decisions)
		class := g.class(*c)
		c.Counts = c.Counts.With(class, g.Records)
		if g.Back && class == ClassWrite {
			c.Back += g.Records
		}
	}
	if sum := out.Classes().Total(); sum != t.Members {
		return Classified{}, fmt.Errorf("state table of run %s: %d members, classes sum to %d", t.Scope.Run, t.Members, sum)
	}
	return out, nil
}

// cohort finds the cohort of a pair, or begins it.
func (c *Classified) cohort(p Pair, decisions []Decision) *Cohort {
	if i := slices.IndexFunc(c.Cohorts, func(x Cohort) bool { return x.Pair.Equal(p) }); i >= 0 {
		return &c.Cohorts[i]
	}
	found := Cohort{Label: Decision{Pair: p}.Label(), Pair: p, Confidence: p.Confidence()}
	if i := slices.IndexFunc(decisions, func(d Decision) bool { return d.Pair.Equal(p) }); i >= 0 {
		found = cohort(0, decisions[i])
	}
	found.Number = int64(len(c.Cohorts) + 1)
	c.Cohorts = append(c.Cohorts, found)
	return &c.Cohorts[len(c.Cohorts)-1]
}

// class is the first class that holds for a group with history.
func (g Group) class(c Cohort) Class {
	switch {
	case !g.Present:
		return ClassMissing
	case g.Ambiguous:
		return ClassAmbiguous
	case c.Kind == "", c.Each() && !g.Laid.Listed:
		return ClassUndecided
	}
	left := c.Desired.Equal(g.Error)
	if c.Each() {
		left = g.Laid.Left
	}
	switch {
	case left && g.Current.Equal(g.Error):
		return ClassRight
	case !left && c.Holds(g):
		return ClassAlready
	case !g.Current.Equal(g.Error):
		return ClassConflict
	case g.Later:
		return ClassConflictLater
	}
	return ClassWrite
}

// Classes are the members per class.
func (c Classified) Classes() Counts {
	sum := c.Rest
	for _, cohort := range c.Cohorts {
		sum = sum.Plus(cohort.Counts)
	}
	return sum
}

// Wrong is the number of members of cohorts that were spoilt, whatever became
// of them since.
func (c Classified) Wrong() int64 {
	var n int64
	for _, cohort := range c.Cohorts {
		n += cohort.Spoilt()
	}
	if c.Given.Waiver != "" {
		n += c.Rest.Total()
	}
	return n
}

// Decisions are what was decided for these cohorts, in their order: what a plan
// takes over, so that its cohorts keep their numbers.
func (c Classified) Decisions() []Decision {
	var out []Decision
	for _, cohort := range c.Cohorts {
		switch {
		case cohort.Waiver != "":
			out = append(out, Decision{Pair: cohort.Pair, Desired: cohort.Wished, Waiver: cohort.Waiver, Why: cohort.Why})
		case cohort.Kind != "":
			out = append(out, Decision{Pair: cohort.Pair, Desired: cohort.Desired, NoChange: cohort.NoChange, File: cohort.File})
		}
	}
	return out
}
