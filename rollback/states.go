package rollback

import (
	"slices"
	"time"

	"snafu/incidents"
)

// StateName is the stored name of a plan's state.
type StateName string

// The states. The last eight are ended and have no moves.
const (
	NameDraft      StateName = "draft"
	NameFrozen     StateName = "frozen"
	NameProposed   StateName = "proposed"
	NameApproved   StateName = "approved"
	NameRunning    StateName = "running"
	NamePaused     StateName = "paused"
	NameDone       StateName = "done"
	NamePartial    StateName = "partial"
	NameAborted    StateName = "aborted"
	NameFailed     StateName = "failed"
	NameRejected   StateName = "rejected"
	NameExpired    StateName = "expired"
	NameSuperseded StateName = "superseded"
	NameWithdrawn  StateName = "withdrawn"
)

// StateNames are all states in the order a plan meets them.
var StateNames = []StateName{
	NameDraft, NameFrozen, NameProposed, NameApproved, NameRunning, NamePaused, NameDone, NamePartial,
	NameAborted, NameFailed, NameRejected, NameExpired, NameSuperseded, NameWithdrawn,
}

var stateWords = map[StateName]string{NameDraft: "a draft", NamePartial: "partly done"}

// Words is the state inside a sentence: "R1 is running", "R1 is a draft".
func (n StateName) Words() string {
	if w, ok := stateWords[n]; ok {
		return w
	}
	return string(n)
}

// Open says whether the revision can still move.
func (n StateName) Open() bool {
	switch n {
	case NameDraft, NameFrozen, NameProposed, NameApproved, NameRunning, NamePaused:
		return true
	}
	return false
}

// Live says whether a run holds the source.
func (n StateName) Live() bool { return n == NameRunning || n == NamePaused }

// State is a revision in one of its states. Each state is a type that has only
// the decisions that are legal in it. The set of states is sealed.
type State interface {
	Name() StateName
	Spec() Spec
	sealed()
}

// Approval is one person's yes to one digest.
type Approval struct {
	By    incidents.Person
	Typed int64
	At    time.Time
}

// revision is what all states share. Later parts are empty in earlier states.
type revision struct {
	spec      Spec
	freeze    Freeze
	canonical []byte
	digest    Digest
	proposed  time.Time
	approvals []Approval // that count, oldest first
	withdrew  []incidents.Person
	involved  []incidents.Person
	claim     Claim
}

func (r revision) Spec() Spec { return r.spec }
func (revision) sealed()      {}

// frozenPart is what every state from Frozen on can tell.
type frozenPart struct{ revision }

// Freeze is what the dry run found.
func (r frozenPart) Freeze() Freeze { return r.freeze }

// Digest is the hash of the whole frozen plan.
func (r frozenPart) Digest() Digest { return r.digest }

// Canonical is the bytes whose hash is the digest.
func (r frozenPart) Canonical() []byte { return slices.Clone(r.canonical) }

// Writes is the number of records the plan writes: what an approver types.
func (r frozenPart) Writes() int64 { return r.freeze.Writes }

// Stamp is what buttons about this revision carry.
func (r frozenPart) Stamp() Stamp {
	return Stamp{Plan: r.spec.Plan, Revision: r.spec.Revision, Digest: r.digest}
}

// Expires is when the counts are too old to approve.
func (r frozenPart) Expires() time.Time { return r.freeze.At.Add(r.spec.Limits.FreezeExpires) }

// Draft can be edited and frozen.
type Draft struct{ revision }

// Frozen can be proposed: its records, values and limits are fixed.
type Frozen struct{ frozenPart }

// Proposed waits for approvals.
type Proposed struct{ frozenPart }

// Approved has the voices it needs and may be started in time.
type Approved struct{ frozenPart }

// Running may write. Only Approved.Start and Paused.Resume make one.
type Running struct{ frozenPart }

// Paused holds the source and writes nothing.
type Paused struct{ frozenPart }

// Ended has no moves.
type Ended struct {
	revision
	name StateName
	why  string
}

// Name is the stored name of the state.
func (Draft) Name() StateName { return NameDraft }

// Name is the stored name of the state.
func (Frozen) Name() StateName { return NameFrozen }

// Name is the stored name of the state.
func (Proposed) Name() StateName { return NameProposed }

// Name is the stored name of the state.
func (Approved) Name() StateName { return NameApproved }

// Name is the stored name of the state.
func (Running) Name() StateName { return NameRunning }

// Name is the stored name of the state.
func (Paused) Name() StateName { return NamePaused }

// Name is the stored name of the state it ended in.
func (e Ended) Name() StateName { return e.name }

// Why is the reason it ended, in words.
func (e Ended) Why() string { return e.why }

func (r revision) end(name StateName, why string) Ended {
	return Ended{revision: r, name: name, why: why}
}
