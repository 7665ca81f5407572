package approval

import (
	"time"

	"snafu/incidents"
	"snafu/rollback"
)

// The facts of a plan. None carries a key or a value of a record.

// Facts are one empty fact of each kind, so that a table of how each is told
// can be held complete.
func Facts() []incidents.Fact {
	return []incidents.Fact{
		Drafted{},
		UndoDrafted{},
		EvidenceDrafted{},
		SpotChecked{},
		EvidenceTrusted{},
		Edited{},
		Withdrawn{},
		FreezeAsked{},
		Frozen{},
		FreezeFailed{},
		Proposed{},
		Given{},
		Refused{},
		TakenBack{},
		Approved{},
		Rejected{},
		Expired{},
		Superseded{},
		Claimed{},
		RunRefused{},
		Preflighted{},
		CanaryDone{},
		Continued{},
		BatchDone{},
		Throttled{},
		Paused{},
		PauseAsked{},
		Resumed{},
		Revived{},
		TakenOver{},
		AbortAsked{},
		Aborted{},
		Verified{},
		Finished{},
		ConflictsKept{},
		ConflictsPlanned{},
		ContainWaived{},
		Contained{},
		Freed{},
		Involved{},
		FewerCan{},
		HoldConfirmed{},
		HoldReleased{},
		GlassBroken{},
		GlassReviewed{},
		ReviewWanted{},
		Waiting{},
		Snoozed{},
		RulesChanged{},
		AutomationAsked{},
		AutomationWanted{},
		AutomationSwitched{},
		AutomationReleased{},
		AutomationRefused{},
		SecondWanted{},
		Seconded{},
		SecondExpired{},
		Discussed{},
		ListMade{},
		ExportRead{},
		ExportsDeleted{},
	}
}

// Rev names a revision in a fact.
type Rev struct {
	Plan     int64
	Ref      string
	Revision int64
	Digest   []byte // empty for a draft
}

// Drafted says that somebody asked for a plan.
type Drafted struct {
	Rev     Rev
	Source  string
	Table   string
	Run     string
	Cohorts int64
	By      incidents.Person
}

// Kind names the fact.
func (Drafted) Kind() string { return "plan-drafted/1" }

// UndoDrafted says that somebody asked for a plan that puts back what a run has
// written.
type UndoDrafted struct {
	Rev     Rev
	Of      Rev // the plan whose run is undone
	Source  string
	Table   string
	Records int64 // that it has written
	By      incidents.Person
}

// Kind names the fact.
func (UndoDrafted) Kind() string { return "undo-drafted/1" }

// Edited says that somebody changed a plan and is now one of its authors.
type Edited struct {
	Rev     Rev
	Cohorts int64
	By      incidents.Person
}

// Kind names the fact.
func (Edited) Kind() string { return "plan-edited/1" }

// Withdrawn says that an author or the lead took the plan back.
type Withdrawn struct {
	Rev Rev
	Why string
}

// Kind names the fact.
func (Withdrawn) Kind() string { return "plan-withdrawn/1" }

// FreezeAsked says that the records are being fixed.
type FreezeAsked struct {
	Rev     Rev
	Attempt int64
}

// Kind names the fact.
func (FreezeAsked) Kind() string { return "freeze-asked/1" }

// Classes are records per class in a fact.
type Classes struct {
	Write, Right, Already, Conflict, ConflictLater, Missing, Ambiguous, Unrecoverable, Undecided int64
}

// Frozen says that records, values and limits are fixed under a digest.
type Frozen struct {
	Rev          Rev
	Classes      Classes
	Rows         int64
	Writes       int64
	RowsDigest   []byte
	Fingerprint  []byte
	ExportRows   int64
	ExportSHA256 []byte
	Counted      time.Time // the snapshot
	Expires      time.Time
}

// Kind names the fact.
func (Frozen) Kind() string { return "plan-frozen/1" }

// FreezeFailed says why a freeze came to nothing.
type FreezeFailed struct {
	Rev     Rev
	Attempt int64
	Code    string
	Why     string
}

// Kind names the fact.
func (FreezeFailed) Kind() string { return "freeze-failed/1" }

// Proposed says that a plan asks for approvals.
type Proposed struct {
	Rev    Rev
	Writes int64
	Needs  int64
	Can    []string
}

// Kind names the fact.
func (Proposed) Kind() string { return "plan-proposed/1" }

// Given is one person's approval.
type Given struct {
	Rev   Rev
	By    incidents.Person
	Typed int64
	Count int64 // approvals that stand now, with this one
	Needs int64
}

// Kind names the fact.
func (Given) Kind() string { return "approval-given/1" }

// Refused is a decision that was not counted.
type Refused struct {
	Rev  Rev
	By   incidents.Person
	Act  string // approve, review, reject
	Code string
}

// Kind names the fact.
func (Refused) Kind() string { return "approval-refused/1" }

// TakenBack is an approval withdrawn by who gave it.
type TakenBack struct {
	Rev Rev
	By  incidents.Person
}

// Kind names the fact.
func (TakenBack) Kind() string { return "approval-withdrawn/1" }

// Approved says that the last approval needed was given.
type Approved struct {
	Rev         Rev
	Voices      []string
	StartBefore time.Time
}

// Kind names the fact.
func (Approved) Kind() string { return "plan-approved/1" }

// Rejected says that an approver said no.
type Rejected struct {
	Rev Rev
	By  incidents.Person
	Why string
}

// Kind names the fact.
func (Rejected) Kind() string { return "plan-rejected/1" }

// Expired says that a deadline passed.
type Expired struct {
	Rev Rev
	Was string // the state it expired in
}

// Kind names the fact.
func (Expired) Kind() string { return "plan-expired/1" }

// Superseded says that a revision was replaced and its approvals are void.
type Superseded struct {
	Rev  Rev
	Next int64
	Code string // growth, shrink, schema; edited; again
	Why  string
}

// Kind names the fact.
func (Superseded) Kind() string { return "plan-superseded/1" }

// ConflictsKept says that what people changed since stays as they set it.
type ConflictsKept struct {
	Rev     Rev
	Records int64
	Why     string
}

// Kind names the fact.
func (ConflictsKept) Kind() string { return "conflicts-kept/1" }

func classesOf(c rollback.Counts) Classes {
	return Classes{
		Write: c.Write, Right: c.Right, Already: c.Already, Conflict: c.Conflict, ConflictLater: c.ConflictLater,
		Missing: c.Missing, Ambiguous: c.Ambiguous, Unrecoverable: c.Unrecoverable, Undecided: c.Undecided,
	}
}

func names(people []incidents.Person) []string {
	out := make([]string, len(people))
	for i, p := range people {
		out[i] = string(p)
	}
	return out
}
