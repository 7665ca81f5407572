package rota

import (
	"slices"
	"time"

	"snafu/incidents"
)

// Shift is one event of a calendar: these people, from From until To, To not
// included. An event whose person nobody knows is a shift without people.
type Shift struct {
	People   []incidents.Person
	From, To time.Time
}

// shiftPlan is a calendar, written out as its shifts in the order of their
// begins.
type shiftPlan struct{ shifts []Shift }

func (p shiftPlan) rounds() int { return 2 * len(p.shifts) }

func (p shiftPlan) people(at time.Time) []incidents.Person {
	var all []incidents.Person
	for _, s := range p.shifts {
		if s.From.After(at) {
			break
		}
		if at.Before(s.To) {
			all = append(all, s.People...)
		}
	}
	return unique(all)
}

func (p shiftPlan) owner(at time.Time) []incidents.Person { return p.people(at) }

func (p shiftPlan) turn(at time.Time) time.Time { return p.change(at) }

func (p shiftPlan) change(at time.Time) time.Time {
	var next time.Time
	for _, s := range p.shifts {
		for _, edge := range []time.Time{s.From, s.To} {
			if edge.After(at) && (next.IsZero() || edge.Before(next)) {
				next = edge
			}
		}
		if s.From.After(at) {
			break // those behind begin later still
		}
	}
	return next
}

func inOrder(shifts []Shift) []Shift {
	slices.SortStableFunc(shifts, func(a, b Shift) int { return a.From.Compare(b.From) })
	return shifts
}
