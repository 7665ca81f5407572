package approval

import (
	"time"

	"snafu/incidents"
)

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

// GlassBroken says that a plan asks for approvals of which its requester's is
// one, and who was told.
type GlassBroken struct {
	Rev    Rev
	By     incidents.Person
	Why    string
	Writes int64
	People []string
}

// Kind names the fact.
func (GlassBroken) Kind() string { return "break-glass/1" }

// GlassReviewed says that somebody who had no voice has looked at a run whose
// requester was one.
type GlassReviewed struct {
	Rev   Rev
	By    incidents.Person
	Count int64
	Needs int64
}

// Kind names the fact.
func (GlassReviewed) Kind() string { return "break-glass-reviewed/1" }

// ReviewWanted says who was asked again to look at such a run.
type ReviewWanted struct {
	Rev     Rev
	Missing int64
	People  []string
}

// Kind names the fact.
func (ReviewWanted) Kind() string { return "break-glass-review-wanted/1" }

// Waiting says who was reminded of a plan that waits for approvals.
type Waiting struct {
	Rev     Rev
	Missing int64
	Expires time.Time
	People  []string
}

// Kind names the fact.
func (Waiting) Kind() string { return "approval-waiting/1" }

// RulesChanged says that who may approve on a source, or how many must, is
// another than before. It stands in the chain of the house.
type RulesChanged struct {
	Source          string
	Users           []string
	Usergroup       string
	Needed          int64
	RequesterCounts bool
	InvolvedCounts  bool
	GlassRows       int64 // 0: break-glass is off
}

// Kind names the fact.
func (RulesChanged) Kind() string { return "approvers-changed/1" }
