package rollback

import (
	"slices"
	"time"

	"snafu/incidents"
)

// PlanView is a plan as its cards show it: the newest revision, or the one that
// was asked for. It is read from rows and carries no right to do anything.
type PlanView struct {
	Spec       Spec
	State      StateName
	Why        string // the reason it ended
	Note       string // what the author said about it
	Stamp      Stamp  // what buttons about this revision carry
	Newest     int64  // the newest revision; greater than Spec.Revision when this one was replaced
	ReplacedAt time.Time

	Freezing    bool   // a freeze was asked for and has not come back
	FreezeError string // why the last freeze failed, as a sentence; empty otherwise
	Frozen      *Freeze
	Cohorts     []Cohort // with counts once frozen

	Proposed    time.Time
	Approvals   []Approval         // that count, oldest first
	Hasty       []incidents.Person // of those who approved: gave more than MostInAnHour approvals within an hour
	Missing     int64
	Can         []incidents.Person // who may still approve
	Pool        []incidents.Person // everybody on the approver list when it was proposed
	Expires     time.Time          // the counts are too old to approve after this
	StartBefore time.Time          // zero until approved

	Reviewed []incidents.Person // approvers without a voice who looked at a break-glass run
	Claim    *Claim             // who started it, on whose approvals
	Progress Progress
	Pace     Pace             // of the sitting, by its last batch
	Waits    string           // why it is paused or leaves its source alone, as a sentence; empty otherwise
	Canary   bool             // paused because the first records want to be looked at
	Unread   int64            // of the first records: written, and without the value when they were read back
	Order    OrderWord        // given and not yet obeyed; empty otherwise
	Cohorted []CohortOutcomes // what the run did so far, by cohort
	Holds    []Held           // what its owners stop while it writes, and what still stands still
	Ended    time.Time
	Waived   *Waived // nothing waits for it, though it parked nothing
	Freed    bool    // it contained its records while something was off, which was released since
	Said     Said    // who was asked, and with whom it was discussed
	Unsaid   bool    // that is missing, and wanted before approvals are asked for
	Report   *Report // lines and values of the verification, once it was made
}

// Writes is the number of records the plan writes, 0 before the freeze.
func (v PlanView) Writes() int64 {
	if v.Frozen == nil {
		return 0
	}
	return v.Frozen.Writes
}

// Classes are the frozen records per class, zero before the freeze.
func (v PlanView) Classes() Counts {
	if v.Frozen == nil {
		return Counts{}
	}
	return v.Frozen.Classes()
}

// Approvers are the people whose approvals count, oldest first.
func (v PlanView) Approvers() []incidents.Person {
	out := make([]incidents.Person, len(v.Approvals))
	for i, a := range v.Approvals {
		out[i] = a.By
	}
	return out
}

// Unheld are the things that have to be held before the plan may write, and are
// not.
func (v PlanView) Unheld() []Held {
	if v.Frozen == nil {
		return nil
	}
	needed := v.Spec.ToHold(v.Frozen.Inventory)
	return slices.DeleteFunc(slices.Clone(v.Holds), func(h Held) bool { return h.Stands() || !slices.Contains(needed, h.Name) })
}

// OrderWord is what a person tells a run to do.
type OrderWord string

// The orders. A run obeys between two batches. OrderContinue follows the first
// records, OrderResume any other pause; both want the same approvals.
const (
	OrderPause    OrderWord = "pause"
	OrderContinue OrderWord = "continue"
	OrderResume   OrderWord = "resume"
	OrderAbort    OrderWord = "abort"
)

// Done is the order as what could not be done: "resumed".
func (w OrderWord) Done() string {
	switch w {
	case OrderPause:
		return "paused"
	case OrderContinue:
		return "continued"
	case OrderResume:
		return "resumed"
	case OrderAbort:
		return "aborted"
	}
	return string(w)
}

// Run describes the run to those who only read: the ledger of a plan is asked
// for with it. It needs a frozen plan.
func (v PlanView) Run() Run {
	run := Run{
		Label: v.Spec.Label(), Ref: v.Spec.Ref, Revision: v.Spec.Revision, Digest: v.Stamp.Digest, FreezeID: v.Frozen.ID,
		Scope: v.Spec.Scope, Decisions: v.Spec.Decisions, Guard: v.Spec.Guard, TouchedAt: v.Spec.TouchedAt,
		Batch: v.Spec.Batch, Tolerance: v.Spec.Tolerance, Frozen: *v.Frozen, Undoes: v.Spec.Undoes, Of: v.Spec.Of, Expect: v.Spec.Expect, Evidence: v.Spec.Evidence,
		Require: v.Spec.Require,
	}
	if v.Claim != nil {
		run.ClaimedAt, run.StartedBy = v.Claim.At, v.Claim.By
	}
	return run
}
