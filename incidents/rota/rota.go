// Package rota says who is on call at an instant.
//
// A rota is a rule, by which members take turns and hand over at a civil time of
// the rota's own zone, or the shifts of a calendar that somebody keeps elsewhere.
// Covers and other exceptions lie over either. Nobody is ever stored as "on
// call": the rota is asked.
package rota

import (
	"slices"
	"time"
	_ "time/tzdata" // a container may have no zone files, and a rota without its zone is wrong

	"snafu/incidents"
)

// Rota is a rule or a calendar that was found sound, with its exceptions.
type Rota struct {
	name      string
	zone      *time.Location
	plan      plan
	overrides []Override // of two that overlap, the later in the list wins
}

// plan is who is on call before any exception.
type plan interface {
	people(at time.Time) []incidents.Person
	// owner is whose turn it is, also outside of the hours that somebody answers.
	owner(at time.Time) []incidents.Person
	// change returns the next instant after at at which people may differ; zero
	// if there is none. Turns are those at which owner may differ.
	change(at time.Time) time.Time
	turn(at time.Time) time.Time
	// rounds is after how many turns nobody new comes.
	rounds() int
}

// Name returns the name of the rota.
func (r Rota) Name() string { return r.name }

// Zone returns the zone of the rota.
func (r Rota) Zone() *time.Location { return r.zone }

// Members returns everybody who takes turns, each once, in the order of their
// turns.
func (r Rota) Members() []incidents.Person {
	switch p := r.plan.(type) {
	case rulePlan:
		return unique(p.rule.Members)
	case shiftPlan:
		var all []incidents.Person
		for _, s := range p.shifts {
			all = append(all, s.People...)
		}
		return unique(all)
	}
	return nil
}

// Duty says who is on call at an instant.
type Duty struct {
	People []incidents.Person // none in a gap
	Until  time.Time          // instant of the next change; zero if there is none in sight
	Next   []incidents.Person // who is on call then; none for a gap or if there is no change
}

// looksAhead bounds the search for the next change: a rota that changes its
// people less often than this many times changes nothing in them.
const looksAhead = 4000

// OnCall returns who is on call at an instant.
func (r Rota) OnCall(at time.Time) Duty {
	duty := Duty{People: r.people(at)}
	for range r.sight() {
		at = r.change(at)
		if at.IsZero() {
			return duty
		}
		if p := r.people(at); !slices.Equal(p, duty.People) {
			duty.Until, duty.Next = at.UTC(), p
			return duty
		}
	}
	return duty
}

// After returns who is on call next, other than those named: the ones to call
// when they do not answer. It is empty if there is nobody else.
func (r Rota) After(at time.Time, tried ...incidents.Person) []incidents.Person {
	for range r.sight() {
		var left []incidents.Person
		for _, p := range r.over(r.plan.owner(at), at) {
			if !slices.Contains(tried, p) {
				left = append(left, p)
			}
		}
		if len(left) > 0 {
			return left
		}
		if at = r.soonest(at, r.plan.turn(at)); at.IsZero() {
			return nil
		}
	}
	return nil
}

// sight is how many changes ahead anything new can come.
func (r Rota) sight() int {
	return min(looksAhead, 2*len(r.overrides)+2*r.plan.rounds()+2)
}

// people returns who is on call, exceptions included.
func (r Rota) people(at time.Time) []incidents.Person { return r.over(r.plan.people(at), at) }

// change returns the next instant after at at which anything may change.
func (r Rota) change(at time.Time) time.Time { return r.soonest(at, r.plan.change(at)) }

func (r Rota) soonest(at, next time.Time) time.Time {
	for _, o := range r.overrides {
		for _, edge := range []time.Time{o.From, o.To} {
			if edge.After(at) && (next.IsZero() || edge.Before(next)) {
				next = edge
			}
		}
	}
	return next
}

func unique(people []incidents.Person) []incidents.Person {
	var all []incidents.Person
	for _, p := range people {
		if p != "" && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// Rule returns the rule that the rota follows, and whether it follows one: a
// calendar is no rule. Exceptions that came later are not in it.
func (r Rota) Rule() (Rule, bool) {
	p, ok := r.plan.(rulePlan)
	return p.rule, ok
}
