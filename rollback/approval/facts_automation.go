package approval

import (
	"time"

	"snafu/incidents"
	"snafu/rollback"
)

// Auto names an automation in a fact.
type Auto struct {
	Source string
	Name   string
	Title  string
}

// Label names it for people: "Weekly stage sync (crm)".
func (a Auto) Label() string { return a.Title + " (" + a.Source + ")" }

func autoOf(s rollback.Switched) Auto { return Auto{Source: s.Source, Name: s.Name, Title: s.Title} }

// AutomationAsked says that snafu is to switch an automation off, or to give it
// its state back.
type AutomationAsked struct {
	Auto    Auto
	Release bool
	Why     string
	By      incidents.Person
}

// Kind names the fact.
func (AutomationAsked) Kind() string { return "automation-asked/1" }

// SecondWanted says that a risky automation is to be switched off once a second
// person confirms it.
type SecondWanted struct {
	Auto  Auto
	By    incidents.Person
	Until time.Time
	Can   []incidents.Person // some of those who may confirm it
}

// Kind names the fact.
func (SecondWanted) Kind() string { return "second-wanted/1" }

// Seconded says that a second person confirmed it.
type Seconded struct {
	Auto   Auto
	By     incidents.Person // who asked
	Second incidents.Person
}

// Kind names the fact.
func (Seconded) Kind() string { return "seconded/1" }

// SecondExpired says that nobody confirmed it in time.
type SecondExpired struct {
	Auto Auto
	By   incidents.Person
}

// Kind names the fact.
func (SecondExpired) Kind() string { return "second-expired/1" }

// AutomationWanted says that the person who looks after an automation is to stop
// it, or to let it work again.
type AutomationWanted struct {
	Auto    Auto
	Release bool
	Owner   incidents.Person // empty: the lead says so
	Why     string
	By      incidents.Person
}

// Kind names the fact.
func (AutomationWanted) Kind() string { return "automation-wanted/1" }

// AutomationSwitched says that an automation is off, and what it was before.
type AutomationSwitched struct {
	Auto   Auto
	Before string
	After  string
	Proof  string // who saw it
	By     incidents.Person
}

// Kind names the fact.
func (AutomationSwitched) Kind() string { return "automation-switched/1" }

// AutomationReleased says that an automation has the state back that it had
// before. After is off where it was off before, or where For still needs it.
type AutomationReleased struct {
	Auto   Auto
	Before string
	After  string
	Proof  string
	For    string // key of another incident that keeps it off
	Why    string
	By     incidents.Person
}

// Kind names the fact.
func (AutomationReleased) Kind() string { return "automation-released/1" }

// WishTakenBack is the code of a wish that somebody took back.
const WishTakenBack = "taken-back"

// AutomationRefused says that it could not be switched, or that the wish was
// taken back.
type AutomationRefused struct {
	Auto    Auto
	Release bool
	Code    string
	Say     string
	By      incidents.Person
}

// Kind names the fact.
func (AutomationRefused) Kind() string { return "automation-refused/1" }
