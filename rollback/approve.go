package rollback

import (
	"slices"
	"time"

	"snafu/incidents"
)

// Pressed is the moment a person opened the plan to decide, and how long they
// must at least have had it before them since it was proposed.
const (
	MinRead   = 10 * time.Second
	MaxOpened = 10 * time.Minute
)

// MostInAnHour is how many approvals one person may give within an hour before
// the cards say so.
const MostInAnHour = 5

// Click is one submitted decision: what the person had on the screen, what
// they typed, when they opened it.
type Click struct {
	By      incidents.Person
	Read    Digest
	Typed   int64
	Opened  time.Time
	MinRead time.Duration // zero means MinRead
}

// Needs is how many people must approve.
func (r frozenPart) Needs() int64 { return r.spec.Needs }

// Approvals are the approvals given so far, oldest first.
func (r frozenPart) Approvals() []Approval { return slices.Clone(r.approvals) }

// Voices are the people whose approvals still stand at an instant.
func (r frozenPart) Voices(at time.Time) []incidents.Person {
	var out []incidents.Person
	for _, a := range r.approvals {
		if !at.After(a.At.Add(r.spec.Limits.ApprovalExpires)) {
			out = append(out, a.By)
		}
	}
	return out
}

// Can are the people of a pool who may still approve this revision.
func (r frozenPart) Can(pool []incidents.Person) []incidents.Person {
	var out []incidents.Person
	for _, p := range pool {
		if r.Eligible(p, nil) == nil && !r.approvedBy(p) && !slices.Contains(r.withdrew, p) {
			out = append(out, p)
		}
	}
	return out
}

// Eligible refuses those who took part in the plan: its requester (self), the
// author of any revision (author), a person involved in the cause (involved).
func (r frozenPart) Eligible(by incidents.Person, can []incidents.Person) error {
	s := r.spec
	switch {
	case by == s.Requester && !s.RequesterVotes():
		return RefuseSelf(s.Ref, can)
	case by != s.Requester && slices.Contains(s.Authors, by):
		return RefuseAuthor(s.Ref, s.Revision, can)
	case !s.InvolvedCounts && slices.Contains(r.involved, by):
		return RefuseInvolved(can)
	}
	return nil
}

// Approve adds one person's approval of exactly the plan they read. The last
// one needed turns a Proposed into an Approved.
//
// It refuses who took part (self, author, involved), another digest (stale),
// counts that are too old (expired), a second voice (voted) or one taken back
// (withdrew), a click too soon after the proposal or too late after the press
// (too-soon, too-late), and a number that is not the number of writes (typed).
func (p Proposed) Approve(c Click, can []incidents.Person, at time.Time) (State, error) {
	if err := p.Review(c.By, c.Read, can, at); err != nil {
		return nil, err
	}
	minRead := c.MinRead
	if minRead == 0 {
		minRead = MinRead
	}
	switch {
	case at.Before(p.proposed.Add(minRead)):
		return nil, RefuseTooSoon(at.Sub(p.proposed))
	case at.After(c.Opened.Add(MaxOpened)):
		return nil, RefuseTooLate()
	case c.Typed != p.freeze.Writes:
		return nil, RefuseTyped(p.spec.Ref, p.freeze.Writes, p.spec.Unit, c.Typed)
	}
	return p.vote(Approval{By: c.By, Typed: c.Typed, At: at}), nil
}

// Review refuses what Approve would refuse whatever the person types: it
// answers the press that opens the plan.
func (p Proposed) Review(by incidents.Person, read Digest, can []incidents.Person, at time.Time) error {
	if err := p.Eligible(by, can); err != nil {
		return err
	}
	switch {
	case read != p.digest || p.digest.IsZero():
		return RefuseStale(p.spec.Ref, p.spec.Revision, p.spec.Revision, time.Time{})
	case p.approvedBy(by):
		return RefuseVoted()
	case slices.Contains(p.withdrew, by):
		return RefuseWithdrew(p.spec.Ref, p.spec.Revision)
	case at.After(p.Expires()):
		return RefuseExpired(p.spec.Ref, p.freeze.At, p.spec.Limits.FreezeExpires)
	}
	return nil
}

func (p Proposed) vote(a Approval) State {
	p.approvals = append(slices.Clone(p.approvals), a)
	if int64(len(p.Voices(a.At))) < p.spec.Needs {
		return p
	}
	return Approved(p)
}

// Missing is how many approvals are still to be given at an instant.
func (p Proposed) Missing(at time.Time) int64 {
	return max(p.spec.Needs-int64(len(p.Voices(at))), 0)
}

// WithdrawApproval takes back an approval; it cannot be given again on this
// revision. It refuses somebody who gave none (state).
func (p Proposed) WithdrawApproval(by incidents.Person) (Proposed, error) {
	r, err := p.without(by)
	return Proposed{r}, err
}

// WithdrawApproval takes back an approval: the plan waits for another one.
func (a Approved) WithdrawApproval(by incidents.Person) (Proposed, error) {
	r, err := a.without(by)
	return Proposed{r}, err
}

func (r frozenPart) without(by incidents.Person) (frozenPart, error) {
	if !r.approvedBy(by) {
		return r, RefuseNoVoice(r.spec.Ref)
	}
	r.approvals = slices.DeleteFunc(slices.Clone(r.approvals), func(a Approval) bool { return a.By == by })
	r.withdrew = append(slices.Clone(r.withdrew), by)
	return r, nil
}

func (r frozenPart) approvedBy(by incidents.Person) bool {
	return slices.ContainsFunc(r.approvals, func(a Approval) bool { return a.By == by })
}

// Edit replaces the revision by a draft of the next one. It refuses who has
// approved (approver-edits).
func (p Proposed) Edit(e Edit, next Ref) (Ended, Draft, error) { return p.edit(e, next) }

// Edit replaces the revision by a draft of the next one. It refuses who has
// approved (approver-edits).
func (a Approved) Edit(e Edit, next Ref) (Ended, Draft, error) { return a.edit(e, next) }

func (r frozenPart) edit(e Edit, next Ref) (Ended, Draft, error) {
	if r.approvedBy(e.By) || slices.Contains(r.withdrew, e.By) {
		return Ended{}, Draft{}, RefuseApproverEdits(r.spec.Ref, r.spec.Revision, next)
	}
	return r.replace(e)
}

// Reject ends the revision; one is enough.
func (p Proposed) Reject(why string) Ended { return p.end(NameRejected, why) }

// Withdraw ends the revision by an author or the lead.
func (p Proposed) Withdraw(why string) Ended { return p.end(NameWithdrawn, why) }

// Expire ends the revision when its counts are too old.
func (p Proposed) Expire() Ended { return p.end(NameExpired, "the counts are too old") }

// Drift replaces the revision because the world moved.
func (p Proposed) Drift(why string) (Ended, Draft) { return p.end(NameSuperseded, why), p.again() }

// Reject ends the revision even after the last approval, until it starts.
func (a Approved) Reject(why string) Ended { return a.end(NameRejected, why) }

// Withdraw ends the revision by an author or the lead.
func (a Approved) Withdraw(why string) Ended { return a.end(NameWithdrawn, why) }

// Expire ends the revision when it was not started in time.
func (a Approved) Expire() Ended { return a.end(NameExpired, "it was not started in time") }

// Drift replaces the revision because the world moved.
func (a Approved) Drift(why string) (Ended, Draft) { return a.end(NameSuperseded, why), a.again() }
