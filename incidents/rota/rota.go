// Package rota says who is on call at an instant.
//
// A rota is a rule: members take turns, and hand over at a civil time of the
// rota's own zone. Nobody is ever stored as "on call"; the rule is asked.
package rota

import (
	"time"
	_ "time/tzdata" // a container may have no zone files, and a rota without its zone is wrong

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// Unit is what the length of a turn is counted in.
type Unit string

// The units of a turn.
const (
	Hourly Unit = "hour"
	Daily  Unit = "day"
	Weekly Unit = "week"
)

// Rule defines a rota, as people write it down.
type Rule struct {
	Name      string
	Zone      string // IANA name, for example Europe/London
	Anchor    string // date on which the first member's turn begins: 2026-01-05
	Handover  string // civil time of the hand-over: 09:00
	Unit      Unit
	Length    int // units of one turn, 1 or more
	Members   []incidents.Person
	Overrides []Override // of two that overlap, the later in the list wins
}

// Override puts somebody else on call from From until To, To not included.
// Without a Person it is a declared gap.
type Override struct {
	Person   incidents.Person
	From, To time.Time
}

// Rota is a rule that was found sound.
type Rota struct {
	rule   Rule
	zone   *time.Location
	anchor time.Time // civil date and time of the first hand-over, written as if in UTC
}

// New checks a rule. It refuses with Invalid the first thing that is wrong,
// and says what would be right.
func New(rule Rule) (Rota, error) {
	if rule.Name == "" {
		return Rota{}, refusal.Invalid("A rota needs a name.")
	}
	zone, err := time.LoadLocation(rule.Zone)
	if err != nil || rule.Zone == "" || rule.Zone == "Local" {
		return Rota{}, refusal.Invalid("Rota %s: %q is not a time zone. Write a name such as Europe/London.", rule.Name, rule.Zone)
	}
	date, err := time.Parse(time.DateOnly, rule.Anchor)
	if err != nil {
		return Rota{}, refusal.Invalid("Rota %s: %q is not a date. Write the first day of the first turn as 2026-01-05.", rule.Name, rule.Anchor)
	}
	clock, err := time.Parse("15:04", rule.Handover)
	if err != nil {
		return Rota{}, refusal.Invalid("Rota %s: %q is not a time of day. Write the hand-over as 09:00.", rule.Name, rule.Handover)
	}
	switch {
	case rule.Unit != Hourly && rule.Unit != Daily && rule.Unit != Weekly:
		return Rota{}, refusal.Invalid("Rota %s: %q is not a unit. Write hour, day or week.", rule.Name, rule.Unit)
	case rule.Length < 1 || rule.Length > 1000:
		return Rota{}, refusal.Invalid("Rota %s: a turn of %d %ss is not possible. Write a length from 1 to 1000.", rule.Name, rule.Length, rule.Unit)
	case len(rule.Members) == 0:
		return Rota{}, refusal.Invalid("Rota %s has no members. Name at least one person.", rule.Name)
	}
	for _, m := range rule.Members {
		if m == "" {
			return Rota{}, refusal.Invalid("Rota %s has a member without a name.", rule.Name)
		}
	}
	for _, o := range rule.Overrides {
		if !o.To.After(o.From) {
			return Rota{}, refusal.Invalid("Rota %s: an override ends at %s, not after its begin. Write from and to.", rule.Name, o.To.Format(time.RFC3339))
		}
	}
	anchor := date.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
	return Rota{rule: rule, zone: zone, anchor: anchor}, nil
}

// Name returns the name of the rota.
func (r Rota) Name() string { return r.rule.Name }

// Zone returns the zone of the rota.
func (r Rota) Zone() *time.Location { return r.zone }

// Members returns the members in the order of their turns.
func (r Rota) Members() []incidents.Person { return append([]incidents.Person{}, r.rule.Members...) }

// Duty says who is on call at an instant.
type Duty struct {
	Person incidents.Person // "" in a gap
	Until  time.Time        // instant of the next change; zero if there is none in sight
	Next   incidents.Person // who is on call then; "" for a gap or if there is no change
}

// OnCall returns who is on call at an instant.
func (r Rota) OnCall(at time.Time) Duty {
	duty := Duty{Person: r.person(at)}
	// Each override has two edges, and after one whole round of members
	// without a change there will be none.
	for n := 2*len(r.rule.Overrides) + 2*len(r.rule.Members) + 2; n > 0; n-- {
		at = r.change(at)
		if p := r.person(at); p != duty.Person {
			duty.Until, duty.Next = at.UTC(), p
			return duty
		}
	}
	return duty
}

// After returns who is on call next, other than those named: the one to call
// when they do not answer. It is "" if there is nobody else.
func (r Rota) After(at time.Time, tried ...incidents.Person) incidents.Person {
	skip := map[incidents.Person]bool{"": true}
	for _, p := range tried {
		skip[p] = true
	}
	for n := 2*len(r.rule.Overrides) + 2*len(r.rule.Members) + 2; n > 0; n-- {
		at = r.change(at)
		if p := r.person(at); !skip[p] {
			return p
		}
	}
	return ""
}

// person returns who is on call, overrides included.
func (r Rota) person(at time.Time) incidents.Person {
	for n := len(r.rule.Overrides) - 1; n >= 0; n-- {
		if o := r.rule.Overrides[n]; !at.Before(o.From) && at.Before(o.To) {
			return o.Person
		}
	}
	members := int64(len(r.rule.Members))
	return r.rule.Members[((r.turn(at)%members)+members)%members]
}

// change returns the next instant after at at which anything may change.
func (r Rota) change(at time.Time) time.Time {
	next := r.start(r.turn(at) + 1)
	for _, o := range r.rule.Overrides {
		for _, edge := range []time.Time{o.From, o.To} {
			if edge.After(at) && edge.Before(next) {
				next = edge
			}
		}
	}
	return next
}

// turn returns the number of the turn that holds at; the one that begins at
// the anchor is 0, those before are negative.
func (r Rota) turn(at time.Time) int64 {
	local := at.In(r.zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
	n := int64(wall.Sub(r.anchor) / r.step())
	// The civil clock jumps, so the estimate may be off by a turn or two.
	for r.start(n).After(at) {
		n--
	}
	for !r.start(n + 1).After(at) {
		n++
	}
	return n
}

// step is the length of a turn on the civil clock.
func (r Rota) step() time.Duration {
	unit := map[Unit]time.Duration{Hourly: time.Hour, Daily: 24 * time.Hour, Weekly: 7 * 24 * time.Hour}[r.rule.Unit]
	return time.Duration(r.rule.Length) * unit
}

// start returns the instant at which turn n begins.
func (r Rota) start(n int64) time.Time {
	return instant(r.anchor.Add(time.Duration(n)*r.step()), r.zone)
}

// instant returns the first instant at which the civil clock of a zone shows
// wall or has passed it: a time that the clock skips is the first instant
// after the gap, and one that it shows twice is the first of the two. Go
// promises neither: it gave 02:30 for London's missing 01:30, and the second
// of the doubled times of London and Lord Howe.
func instant(wall time.Time, zone *time.Location) time.Time {
	at := wall.Add(-36 * time.Hour).In(zone) // before wall, whatever the offset
	for {
		begin, end := at.ZoneBounds()
		_, offset := at.Zone()
		shown := wall.Add(-time.Duration(offset) * time.Second)
		switch {
		case shown.Before(begin):
			return begin.UTC()
		case end.IsZero() || shown.Before(end):
			return shown.UTC()
		}
		at = end
	}
}
