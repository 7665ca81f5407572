package rollback

import (
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// SecondWithin is how long a second person may take to confirm that a risky
// automation is to be switched off.
const SecondWithin = 15 * time.Minute

// SecondAsk is somebody's wish to have a risky automation switched off, which a
// second person has to confirm.
type SecondAsk struct {
	ID       int64
	Incident incidents.ID
	Source   string
	Name     string
	Title    string
	By       incidents.Person
	At       time.Time
	Until    time.Time
}

// Confirm refuses a confirmation that comes too late (state), and that of whoever
// asked (same-person).
func (s SecondAsk) Confirm(by incidents.Person, at time.Time) error {
	switch {
	case !at.Before(s.Until):
		return RefuseSwitchState(s.Title, "was to be confirmed within 15 minutes, and they are over", "Ask again: `/snafu contain switch "+s.Name+"`.")
	case by == s.By:
		return refusal.Forbidden("You asked for %s to be switched off, so somebody else has to confirm it: the lead or an approver of %s.", s.Title, s.Source).Coded("same-person")
	}
	return nil
}

// RefuseNoSecond means that nobody has asked for a risky automation, or that it
// was confirmed or is over.
func RefuseNoSecond(title, name string) error {
	return RefuseSwitchState(title, "waits for nobody's confirmation", "`/snafu contain switch "+name+"` asks for it.")
}
