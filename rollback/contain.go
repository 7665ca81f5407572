package rollback

import (
	"fmt"
	"slices"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// KindContain parks records that nobody can put back, before any other plan
// writes.
const KindContain Kind = "contain"

// CohortContain writes a declared column where a record still holds what it held
// at the freeze, so that nothing more happens to it.
const CohortContain CohortKind = "contain"

// Unclear is what a cohort of members is called whose value before the run
// nobody knows.
const Unclear = "no evidence"

// Chosen says that a decision is about members as the state table knows them, and
// not about what they hold: it writes whatever they hold.
func (d Decision) Chosen() bool { return d.Kind != "" && d.Kind != CohortReinsert }

// chosenLabel names a cohort of such a decision.
func (d Decision) chosenLabel() string {
	if d.Unclear {
		return Unclear
	}
	return d.Initial.String() + " -> " + d.Error.String()
}

// sameMembers says that two decisions are about the same members.
func (d Decision) sameMembers(o Decision) bool {
	return d.Unclear == o.Unclear && d.Pair.Equal(o.Pair)
}

// Population is the scope in which the members of a plan were chosen: that of the
// state table, whatever columns the plan writes.
func (s Spec) Population() Scope { return populationOf(s.Scope, s.Of) }

// Population is the scope in which the members of a run were chosen.
func (r Run) Population() Scope { return populationOf(r.Scope, r.Of) }

func populationOf(s Scope, of []string) Scope {
	if len(of) > 0 {
		s.Set = of
	}
	return s
}

// checkChosen holds a plan about chosen members to its form.
func (s Spec) checkChosen() error {
	if len(s.Of) > MostColumns {
		return RefuseTooWide(s.Ref, int64(len(s.Of)), "columns", MostColumns)
	}
	for _, column := range s.Scope.Set {
		if slices.Contains(s.Of, column) && s.Instead == nil {
			return refuseForce(column)
		}
	}
	for i, d := range s.Decisions {
		if !d.Chosen() {
			return fmt.Errorf("draft %s: decision %d is of another kind than its plan", s.Is(), i+1)
		}
		if len(d.Desired) != len(s.Scope.Set) {
			return fmt.Errorf("draft %s: decision %d has %d values for %d columns", s.Is(), i+1, len(d.Desired), len(s.Scope.Set))
		}
		if !d.Unclear && (len(d.Initial) != len(s.Of) && !d.Untold() || len(d.Error) != len(s.Of)) {
			return fmt.Errorf("draft %s: decision %d is about no cohort of the state table", s.Is(), i+1)
		}
		if slices.ContainsFunc(s.Decisions[:i], d.sameMembers) {
			return refusal.Invalid("%s stands twice in %s. Name it once.", d.chosenLabel(), s.Ref).Coded("overlap")
		}
	}
	return nil
}

// refuseForce refuses to park records in the column that was spoilt: it would be
// written whatever it holds, and what people have put right since with it.
func refuseForce(column string) error {
	return refusal.Invalid("%s is what the run changed. To park records there would write over what people have put right since. Name another column to park them, or put them back with `/snafu plan`.", column).Coded("column")
}

// Contains says that the plan has to park records before another plan of the
// incident writes to the source.
func (v PlanView) Contains() bool { return v.Spec.Kind == KindContain }

// Covers says that a plan is about all members that another one is about.
func (v PlanView) Covers(other PlanView) bool {
	a, b := v.Spec, other.Spec
	if a.Scope.Source != b.Scope.Source || a.Scope.Table != b.Scope.Table || a.Scope.Run != b.Scope.Run {
		return false
	}
	for _, d := range b.Decisions {
		if !slices.ContainsFunc(a.Decisions, d.sameMembers) {
			return false
		}
	}
	return true
}

// ContainFirst finds the plan that has to park records before this one may write,
// among all plans of the incident. One that came to another end than Done, as by
// being taken back, is settled by a later one for the same members, or by the
// lead, who waives it.
func (v PlanView) ContainFirst(all []PlanView) (PlanView, bool) {
	if v.Contains() {
		return PlanView{}, false
	}
	for i, p := range all {
		if !p.Contains() || p.Spec.Scope.Source != v.Spec.Scope.Source || p.Spec.Plan == v.Spec.Plan || p.Contained() {
			continue
		}
		if u := v.Spec.Undoes; u != nil && u.Plan == p.Spec.Plan { // what it parked is being released
			continue
		}
		later := slices.ContainsFunc(all[i+1:], func(o PlanView) bool { return o.Contains() && o.State == NameDone && !o.Freed && o.Covers(p) })
		if !later {
			return p, true
		}
	}
	return PlanView{}, false
}

// Contained says that nothing waits for this plan to park records.
func (v PlanView) Contained() bool {
	return v.State == NameDone && !v.Freed || v.Waived != nil
}

// Waived is why nothing waits for a plan that was to park records, and who says
// so.
type Waived struct {
	By  incidents.Person
	Why string
}

// RefuseContainFirst means that another plan has to park records before this one
// may write.
func RefuseContainFirst(first PlanView, ref Ref, lead incidents.Person) error {
	what := first.kept()
	ours := first.Spec.Ref
	if of := first.Spec.Instead; of.Switches() && (first.State == NameFrozen || first.Freed) {
		return refusal.Conflict("%s contains %s only while %s is off, which it is not, so %s cannot run. Switch it off: `/snafu contain switch %s`, or %s waives it: `/snafu waive %s WHY`.",
			ours, first.kept(), of.Title, ref, of.Automation, leadOr(lead), ours).Coded("contain-first")
	}
	if !first.State.Open() {
		next := "Plan that anew with `/snafu park`"
		if first.State == NameExpired {
			next = fmt.Sprintf("Freeze it again with `/snafu plan freeze %s`", ours)
		}
		return refusal.Conflict("%s was to park %s before %s can run, and it is %s. %s, or %s waives it: `/snafu waive %s WHY`.",
			ours, what, ref, first.State.Words(), next, leadOr(lead), ours).Coded("contain-first")
	}
	return refusal.Conflict("%s must park %s before %s can run. Run it first, or %s waives it: `/snafu waive %s WHY`.",
		ours, what, ref, leadOr(lead), ours).Coded("contain-first")
}

// kept are the records that a plan contains, as far as they were counted.
func (v PlanView) kept() string {
	n := v.Writes()
	if v.Spec.Instead != nil && v.Frozen != nil {
		n = v.Frozen.Listed()
	}
	if n == 0 {
		return "what it was made for"
	}
	return Number(n) + " " + v.Spec.Unit
}

func leadOr(lead incidents.Person) string {
	if lead == "" {
		return "the lead"
	}
	return "the lead " + lead.Mention()
}

// membersOf says of each cohort which members were chosen, nothing where values
// decide about all of them.
func membersOf(decisions []Decision) []int64 {
	out := make([]int64, len(decisions))
	said := false
	for i, d := range decisions {
		if d.Chosen() {
			out[i] |= 1
		}
		if d.Unclear {
			out[i] |= 2
		}
		said = said || out[i] > 0
	}
	if !said {
		return nil
	}
	return out
}
