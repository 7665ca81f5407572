package rollback

import (
	"errors"
	"slices"
	"time"

	"snafu/incidents"
)

// Claim is the one right to run an approved plan.
type Claim struct {
	By     incidents.Person
	Voices []incidents.Person // the approvals it rests on, sorted
	At     time.Time
}

// ApprovedAt is when the last needed approval was given.
func (a Approved) ApprovedAt() time.Time {
	if int64(len(a.approvals)) < a.spec.Needs || a.spec.Needs < 1 {
		return time.Time{}
	}
	return a.approvals[len(a.approvals)-1].At
}

// StartBefore is the deadline of the start.
func (a Approved) StartBefore() time.Time { return a.ApprovedAt().Add(a.spec.Limits.StartWithin) }

// errUnapproved stops a plan that no path through the decisions has made.
var errUnapproved = errors.New("start: the plan has no digest or fewer than two approvals")

// Start gives the one right to run. It refuses a start after the deadline
// (start-late) and approvals that are too old to count (expired); it fails on
// an Approved that nobody approved, such as the zero value.
func (a Approved) Start(by incidents.Person, at time.Time) (Running, error) {
	voices := slices.Compact(slices.Sorted(slices.Values(a.Voices(at))))
	for _, v := range voices {
		if a.Eligible(v, nil) != nil {
			return Running{}, errUnapproved
		}
	}
	switch {
	case a.digest.IsZero(), a.spec.Needs < 2, int64(len(a.approvals)) < a.spec.Needs, a.freeze.Writes < 1:
		return Running{}, errUnapproved
	case !at.Before(a.StartBefore()):
		return Running{}, RefuseStartLate(a.spec.Ref, a.StartBefore())
	case int64(len(voices)) < a.spec.Needs:
		return Running{}, RefuseApprovalsExpired(a.spec.Ref, a.spec.Limits.ApprovalExpires)
	}
	r := Running(a)
	r.claim = Claim{By: by, Voices: voices, At: at}
	return r, nil
}

// Claim says who started the run, and on whose approvals.
func (r Running) Claim() Claim { return r.claim }

// Claim says who started the run, and on whose approvals.
func (p Paused) Claim() Claim { return p.claim }

// Run describes the run to those who read.
func (r Running) Run() Run { return r.run() }

// Run describes the run to those who read.
func (p Paused) Run() Run { return p.run() }

func (r frozenPart) run() Run {
	return Run{
		Label: r.spec.Label(), Ref: r.spec.Ref, Revision: r.spec.Revision, Digest: r.digest, FreezeID: r.freeze.ID,
		Scope: r.spec.Scope, Decisions: slices.Clone(r.spec.Decisions), Guard: r.spec.Guard, TouchedAt: r.spec.TouchedAt,
		Batch: r.spec.Batch, Tolerance: r.spec.Tolerance, Frozen: r.freeze, ClaimedAt: r.claim.At, StartedBy: r.claim.By,
		Undoes: r.spec.Undoes, Of: r.spec.Of, Expect: r.spec.Expect, Evidence: r.spec.Evidence, Require: r.spec.Require,
	}
}

// Fence is the ownership of a run under one epoch. Only a Running makes one, so
// nothing can be applied that was not started.
type Fence struct {
	run   Run
	epoch int64
}

// Fence binds the run to an epoch taken in the source.
func (r Running) Fence(epoch int64) Fence { return Fence{run: r.run(), epoch: epoch} }

// Run is what may be written.
func (f Fence) Run() Run { return f.run }

// Epoch is the ownership every batch must still find in the source.
func (f Fence) Epoch() int64 { return f.epoch }

// Pause stops before the next batch.
func (r Running) Pause() Paused { return Paused(r) }

// Drift replaces a run that has written nothing because the world moved.
func (r Running) Drift(why string) (Ended, Draft) { return r.end(NameSuperseded, why), r.again() }

// Abort ends the run; what has no outcome stays as it is.
func (r Running) Abort(why string) Ended { return r.end(NameAborted, why) }

// Resume lets a paused run go on. It refuses approvals that are too old to
// stand for further writes (expired).
func (p Paused) Resume(at time.Time) (Running, error) {
	if int64(len(p.Voices(at))) < p.spec.Needs {
		return Running{}, RefuseApprovalsExpired(p.spec.Ref, p.spec.Limits.ApprovalExpires)
	}
	return Running(p), nil
}

// Abort ends the run; what has no outcome stays as it is.
func (p Paused) Abort(why string) Ended { return p.end(NameAborted, why) }

// Result is what a run came to, as the executor found it.
type Result struct {
	Outcomes Outcomes // from the ledger
	Report   Report   // by fresh reads
	Verified bool     // false: the report could not be made
	Broken   string   // ledger and plan disagree, or it stopped before the first write; empty otherwise
}

// Finish ends the run by what was measured. Done means that every write has an
// outcome, none is locked, failed or unknown, and the verification agrees.
// Failed means that it stopped before the first write, or that ledger and plan
// disagree. Anything else is Partial.
func (r Running) Finish(res Result) Ended {
	switch {
	case res.Broken != "":
		return r.end(NameFailed, res.Broken)
	case res.Outcomes.Sum() > r.freeze.Writes:
		return r.end(NameFailed, "the ledger holds more records than the plan")
	case res.Outcomes.Sum() < r.freeze.Writes:
		return r.end(NamePartial, Number(r.freeze.Writes-res.Outcomes.Sum())+" pending")
	case !res.Outcomes.Clean():
		return r.end(NamePartial, "some records could not be written")
	case !res.Verified:
		return r.end(NamePartial, "could not be verified")
	case !res.Report.Agrees():
		return r.end(NamePartial, "the recount disagrees")
	}
	return r.end(NameDone, "")
}
