package rollback

import (
	"slices"

	"snafu/incidents/refusal"
)

// Became is what a run did to a value, by its rule: what was Was became Left.
type Became struct{ Was, Left Value }

// Invert says what each value was that a run has left, by the rule of the run.
// It refuses a rule that makes one value of several (mapping): then the one does
// not say which it was; and one that makes several of one (Invalid).
func Invert(rule []Became) (map[Value]Value, error) {
	was := map[Value][]string{}
	back := map[Value]Value{}
	for i, b := range rule {
		if slices.ContainsFunc(rule[:i], func(o Became) bool { return o.Was == b.Was && o.Left != b.Left }) {
			return nil, refusal.Invalid("%s can't have become two things. Write it once.", b.Was).Coded("mapping-rule")
		}
		if !slices.Contains(was[b.Left], b.Was.String()) {
			was[b.Left] = append(was[b.Left], b.Was.String())
		}
		back[b.Left] = b.Was
	}
	for _, b := range rule {
		if initials := was[b.Left]; len(initials) > 1 {
			return nil, RefuseMapping(initials, b.Left.String())
		}
	}
	return back, nil
}
