package rota

import (
	"slices"
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// OverrideKind says what an exception does to who would be on call.
type OverrideKind string

// The kinds of exception.
const (
	Replace OverrideKind = ""       // the person alone, or nobody: a declared gap
	Add     OverrideKind = "add"    // the person too
	Remove  OverrideKind = "remove" // not the person
)

// Override changes who is on call from From until To, To not included.
type Override struct {
	Kind     OverrideKind
	Person   incidents.Person
	From, To time.Time
}

// With returns the rota with further exceptions, which win over the ones that it
// has. It refuses with Invalid one that ends before it begins.
func (r Rota) With(more ...Override) (Rota, error) {
	for _, o := range more {
		switch {
		case !o.To.After(o.From):
			return Rota{}, refusal.Invalid("Rota %s: an override ends at %s, not after its begin. Write from and to.", r.name, o.To.Format(time.RFC3339))
		case o.Kind != Replace && o.Person == "":
			return Rota{}, refusal.Invalid("Rota %s: an override that adds or removes somebody names them.", r.name)
		case o.Kind != Replace && o.Kind != Add && o.Kind != Remove:
			return Rota{}, refusal.Invalid("Rota %s: %q is no kind of override. Write replace, add or remove.", r.name, o.Kind)
		}
	}
	r.overrides = slices.Concat(r.overrides, more)
	return r, nil
}

// over lays the exceptions over a plan, in the order in which they were made.
func (r Rota) over(people []incidents.Person, at time.Time) []incidents.Person {
	people = unique(people)
	for _, o := range r.overrides {
		if at.Before(o.From) || !at.Before(o.To) {
			continue
		}
		switch o.Kind {
		case Replace:
			people = unique([]incidents.Person{o.Person})
		case Add:
			people = unique(append(people, o.Person))
		case Remove:
			people = slices.DeleteFunc(people, func(p incidents.Person) bool { return p == o.Person })
		}
	}
	return people
}
