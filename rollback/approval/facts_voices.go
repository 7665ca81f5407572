package approval

import "snafu/incidents"

// Involved says that somebody had a part in the cause, as they said or as the
// lead recorded. Their approval does not count.
type Involved struct {
	Person incidents.Person
}

// Kind names the fact.
func (Involved) Kind() string { return "involved/1" }

// FewerCan says that one person less can approve a plan that waits.
type FewerCan struct {
	Rev Rev
}

// Kind names the fact.
func (FewerCan) Kind() string { return "plan-involved/1" }
