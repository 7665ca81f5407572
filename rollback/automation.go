package rollback

import (
	"maps"
	"slices"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// Automation is something in a source that works by itself, and may be the cause
// of an error: a workflow with a switch column, a job of pg_cron, or whatever
// only a person can stop.
type Automation struct {
	Name   string // as the configuration calls it: "weekly-sync"
	Title  string // as people say it
	Switch SwitchColumn
	Cron   string // name of the job of pg_cron
	Manual bool   // only Admin can stop it
	Admin  string // Slack user id
	// Dependents are what stands still with it.
	Dependents []string
	Risky      bool // a second person confirms that it is switched off
}

// SwitchColumn is one column of one record that says whether an automation works.
type SwitchColumn struct {
	Relation string            // schema.table
	Key      map[string]string // column to the text of its value
	Column   string
	On, Off  string // what it holds, as text
}

// Columns are those of the key, sorted.
func (s SwitchColumn) Columns() []string { return slices.Sorted(maps.Keys(s.Key)) }

// State says what a value of the column means. Nothing is known of any other
// value than the two declared ones.
func (s SwitchColumn) State(value Value) (SwitchState, bool) {
	switch value {
	case Text(s.On):
		return SwitchOn, true
	case Text(s.Off):
		return SwitchOff, true
	}
	return "", false
}

// Value is what the column holds in a state.
func (s SwitchColumn) Value(state SwitchState) string {
	if state == SwitchOn {
		return s.On
	}
	return s.Off
}

// SwitchState is whether an automation works.
type SwitchState string

// The two states of an automation.
const (
	SwitchOn  SwitchState = "on"
	SwitchOff SwitchState = "off"
)

// Switch is what an automation was found as, and what it is now.
type Switch struct {
	Name          string
	Before, After SwitchState
}

// SwitchStage is how far somebody's wish about an automation has come.
type SwitchStage string

// The stages, in their order. Failed has never changed anything that is known of.
const (
	StageSwitching SwitchStage = "switching" // asked for, not done yet
	StageOff       SwitchStage = "off"
	StageReleasing SwitchStage = "releasing"
	StageReleased  SwitchStage = "released"
	StageFailed    SwitchStage = "failed"
)

// Switched is an automation that contains an incident: it is to be off, is off,
// or gets back the state it had before.
type Switched struct {
	ID       int64
	Incident incidents.ID
	Source   string
	Name     string
	Title    string
	Stage    SwitchStage
	Manual   bool
	Owner    incidents.Person // who confirms a manual one
	Before   SwitchState      // empty until it is known
	AskedBy  incidents.Person
	AskedAt  time.Time
	OffAt    time.Time // zero until it is off
	// FreeBy asked for it to get its state back, with why.
	FreeBy incidents.Person
	Why    string
}

// Contains says that an incident relies on its being off.
func (s Switched) Contains() bool { return s.Stage == StageOff || s.Stage == StageReleasing }

// Word is how people type it: "crm/weekly-sync".
func (s Switched) Word() string { return s.Source + "/" + s.Name }

// Label names it beside those of other sources.
func (s Switched) Label() string { return s.Title + " (" + s.Source + ")" }

// RefuseNoAutomation means that nothing of that name is declared.
func RefuseNoAutomation(name string, known []string) error {
	if len(known) == 0 {
		return refusal.Invalid("No automation is declared here. Switch it off by hand and record that: `/snafu contain stopped WHAT`. An admin can declare it in snafu.yaml, under automations.").Coded("automation")
	}
	return refusal.Invalid("%q is none of the declared automations. Those are: %s.", name, strings.Join(known, ", ")).Coded("automation")
}

// RefuseWhichAutomation means that a word names several of them.
func RefuseWhichAutomation(word string, those []string) error {
	return refusal.Invalid("%q could be several: %s. Write one of these.", word, strings.Join(those, ", ")).Coded("automation")
}

// RefuseDrill means that nothing real is switched for practice.
func RefuseDrill(a Automation, source string, id incidents.ID) error {
	return refusal.Conflict("%s is a drill, and %s is a real system, so %s works on. `/snafu contain stopped WHAT` records what you would have done.", id, source, a.Title).Coded("drill")
}

// RefusePractice means that a drill writes to nothing that is real.
func RefusePractice(source string, id incidents.ID) error {
	return refusal.Conflict("%s is a drill, and %s is a real system, so nothing is written there. A system marked drill: true in snafu.yaml is for practice.", id, source).Coded("drill")
}

// RefuseAutomationState means that the switch holds neither of the declared
// values, so that nobody can say what putting it back would be.
func RefuseAutomationState(a Automation, where string) error {
	return refusal.Conflict("%s is neither on nor off: its switch %s holds none of the two values that snafu.yaml declares. Nothing was changed. Switch it by hand.", a.Title, where).Coded("automation")
}

// RefuseAutomationGone means that its switch is not where it was declared, or not
// there alone.
func RefuseAutomationGone(a Automation, where string, found int64) error {
	how := "is not there"
	if found > 1 {
		how = "is there more than once"
	}
	return refusal.Conflict("The switch of %s %s: %s. Nothing was changed. Correct it in snafu.yaml; without it there, the lead says how it stands.", a.Title, how, where).Coded("automation")
}

// RefuseAutomationKept means that the source put its own value in place of ours.
func RefuseAutomationKept(a Automation) error {
	return refusal.Conflict("%s did not stay as it was switched: something in the source set it back. Switch it by hand.", a.Title).Coded("automation")
}

// RefuseSwitcher means that somebody else has to switch it.
func RefuseSwitcher(a Automation, source string, lead incidents.Person) error {
	return refusal.Forbidden("Only the lead or an approver of %s can switch %s. The lead is %s.", source, a.Title, lead.Mention()).Coded("not-lead")
}

// RefuseSwitchState means that a wish about an automation does not fit how far
// it has come.
func RefuseSwitchState(title, is, next string) error {
	return refusal.Conflict("%s %s. %s", title, is, next).Coded("state")
}

// RefuseSwitchOwner means that its own person has to say that it stands still or
// works again.
func RefuseSwitchOwner(s Switched) error {
	return refusal.Forbidden("Only who looks after %s can say that. That is %s.", s.Title, s.Owner.Mention()).Coded("not-owner")
}
