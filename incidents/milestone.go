package incidents

import "time"

// Marker is a fact that may be a milestone. Its instant is kept for the first
// and the last time it was reached, at the act: what somebody edits later moves
// nothing.
type Marker interface {
	Fact
	Milestone() Milestone // "" if this one is none
}

// Milestone names a point on the way of an incident.
type Milestone string

// The milestones, in the order of a good day.
const (
	MilestoneOpened      Milestone = "opened"
	MilestoneCalled      Milestone = "called"
	MilestoneAnswered    Milestone = "answered" // somebody is on it
	MilestoneContained   Milestone = "contained"
	MilestoneUncontained Milestone = "uncontained" // what was contained occurs again
	MilestoneDecided     Milestone = "decided"     // each record that was touched has a decision
	MilestoneProposed    Milestone = "proposed"
	MilestoneApproved    Milestone = "approved"
	MilestoneStarted     Milestone = "started"
	MilestoneVerified    Milestone = "verified"
	MilestoneCustomers   Milestone = "customers" // some customers were reached
	MilestoneTold        Milestone = "told"      // the last of them was told
	MilestoneResolved    Milestone = "resolved"
	MilestoneReopened    Milestone = "reopened"
	MilestoneClosed      Milestone = "closed"
	MilestoneExported    Milestone = "exported" // the post-mortem was written
	MilestoneRefused     Milestone = "refused"  // an approval that was not counted
	MilestoneUndone      Milestone = "undone"   // an undo was planned
)

// Reached is when a milestone was reached, and how often.
type Reached struct {
	First, Last time.Time
	Times       int64
}

// Milestone marks the fact.
func (Opened) Milestone() Milestone { return MilestoneOpened }

// Milestone marks the fact.
func (Called) Milestone() Milestone { return MilestoneCalled }

// Milestone marks the fact.
func (CallAnswered) Milestone() Milestone { return MilestoneAnswered }

// Milestone marks the fact.
func (Contained) Milestone() Milestone { return MilestoneContained }

// Milestone marks the fact.
func (Uncontained) Milestone() Milestone { return MilestoneUncontained }

// Milestone marks the fact.
func (Resolved) Milestone() Milestone { return MilestoneResolved }

// Milestone marks the fact.
func (Reopened) Milestone() Milestone { return MilestoneReopened }

// Milestone marks the fact.
func (Closed) Milestone() Milestone { return MilestoneClosed }

// Milestone marks the answer that some customers were reached.
func (a Answered) Milestone() Milestone {
	if a.Question == QuestionCustomers && (Answer{Choices: a.Choices, At: time.Unix(1, 0)}).is("some") {
		return MilestoneCustomers
	}
	return ""
}

// Exported says that the post-mortem was written, and how.
type Exported struct {
	Format string // md, html, csv, json, public
	Files  []ExportedFile
}

// ExportedFile is one file of an export.
type ExportedFile struct {
	Name   string
	Bytes  int64
	SHA256 []byte
}

// Kind names the fact.
func (Exported) Kind() string { return "exported/1" }

// TakenOut says that the export of a private incident was written by somebody who
// runs snafu, and not for a member of its channel.
type TakenOut struct {
	Format string
	Why    string
}

// Kind names the fact.
func (TakenOut) Kind() string { return "taken-out/1" }

// Words returns "Whoever runs snafu exported this private snafu (md): the auditor
// asked for it".
func (f TakenOut) Words() Words {
	return Sentence("Whoever runs snafu exported this private snafu (" + f.Format + "): " + oneLine(f.Why))
}

// Milestone marks the fact; the text for the public is no post-mortem.
func (e Exported) Milestone() Milestone {
	if e.Format == ExportPublic {
		return ""
	}
	return MilestoneExported
}

// The forms of an export.
const (
	ExportMarkdown = "md"
	ExportHTML     = "html"
	ExportCSV      = "csv"
	ExportJSON     = "json"
	ExportPublic   = "public"
)
