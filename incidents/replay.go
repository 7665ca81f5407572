package incidents

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// State is what the journal of an incident determines of it. It leaves out what
// other rooms keep of their own: counts, plans and their holds, messages, and the
// reminders that rang.
type State struct {
	Incident  Incident // without its counts and holds
	Offer     LeadOffer
	Roles     []Held // by name, of those who have one
	Followers []Person
	Promise   Promise
	Said      []Update // to all who wait for news, oldest first
	Hushes    []Hush   // by what they silence
	Walk      Walk
	Whys      Whys
	Board     Board
	FollowUps FollowUps
	Cases     []Case // without what the configuration calls their vendor
	Relations []Related
	Waivers   []Waiver // of the close gate, in force
	Ticks     []Tick   // of the checklist, by item
	Calls     []CallState
}

// Tick says who looked at an item of the checklist, and when.
type Tick struct {
	Item string // SNAFU-3.T1
	By   Actor
	At   time.Time
}

// CallState says how a call for help stands.
type CallState struct {
	Page   int64
	State  PageState
	By     Person // who is on it
	Joined []Person
}

// Event is an entry of the journal as Replay reads it.
type Event struct {
	Seq  int64
	At   time.Time
	By   Actor
	Kind string
	Fact Value // null when it was erased
}

// Replay makes the state of an incident again from its journal alone: what the
// tables hold is what the entries say, or one of the two is wrong. Entries of kinds
// that no State knows change nothing. It returns an error for an entry that was
// erased or cannot be read, because what follows from it is not known.
func Replay(id ID, events []Event) (State, error) {
	s := State{Incident: Incident{ID: id}}
	for _, e := range events {
		turn := turnOf[e.Kind]
		if turn == nil {
			continue
		}
		if e.Fact.Null() {
			return s, fmt.Errorf("replay %s: entry %d (%s) was erased", id, e.Seq, e.Kind)
		}
		if err := turn(&s, e); err != nil {
			return s, fmt.Errorf("replay %s: entry %d (%s): %w", id, e.Seq, e.Kind, err)
		}
	}
	return s.Tidy(), nil
}

// Tidy returns a state in the one form in which two that say the same are equal:
// lists in their order, and none where they are empty.
func (s State) Tidy() State {
	s.Incident.Holds, s.Incident.Recount = nil, Recounts{}
	answers := map[Question]Answer{}
	for q, a := range s.Incident.Triage.answers {
		a.Choices = orNone(a.Choices)
		answers[q] = a
	}
	s.Incident.Triage = Triage{answers}
	s.Incident.Acts = orNone(s.Incident.Acts)
	sortBy(s.Roles, func(h Held) string { return h.Role.Name })
	sortBy(s.Followers, func(p Person) Person { return p })
	sortBy(s.Hushes, func(h Hush) string { return h.Kind + "\n" + h.Subject })
	sortBy(s.Relations, func(r Related) string { return fmt.Sprintf("%020d %t", r.Other, r.Named) })
	sortBy(s.Waivers, func(w Waiver) string { return w.Item })
	sortBy(s.Ticks, func(t Tick) string { return t.Item })
	s.Calls = slices.Clone(s.Calls)
	for n := range s.Calls {
		s.Calls[n].Joined = orNone(s.Calls[n].Joined)
	}
	s.Roles, s.Followers, s.Said, s.Hushes = orNone(s.Roles), orNone(s.Followers), orNone(s.Said), orNone(s.Hushes)
	s.Walk, s.Board, s.FollowUps, s.Whys.Nodes = orNone(s.Walk), orNone(s.Board), orNone(s.FollowUps), orNone(s.Whys.Nodes)
	s.Cases, s.Relations, s.Waivers, s.Calls = orNone(s.Cases), orNone(s.Relations), orNone(s.Waivers), orNone(s.Calls)
	s.Ticks = orNone(s.Ticks)
	return s
}

// Differs names the parts in which two tidy states differ.
func (s State) Differs(other State) (parts []string) {
	a, b := reflect.ValueOf(s), reflect.ValueOf(other)
	for n := range a.NumField() {
		if !reflect.DeepEqual(a.Field(n).Interface(), b.Field(n).Interface()) {
			parts = append(parts, snake(a.Type().Field(n).Name))
		}
	}
	return parts
}

func orNone[L ~[]E, E any](list L) L {
	if len(list) == 0 {
		return nil
	}
	return list
}

func sortBy[E any, K ~string](list []E, key func(E) K) {
	slices.SortStableFunc(list, func(a, b E) int {
		switch x, y := key(a), key(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}
