package approval

import (
	"time"

	"snafu/incidents"
	"snafu/rollback"
)

// Claimed says who started a plan, on whose approvals.
type Claimed struct {
	Rev     Rev
	Voices  []string
	Starter incidents.Person
	Writes  int64
}

// Kind names the fact.
func (Claimed) Kind() string { return "run-claimed/1" }

// RunRefused is a start, an order or a run that was not obeyed.
type RunRefused struct {
	Rev  Rev
	By   incidents.Actor
	Act  string // run, pause, continue, resume, abort
	Code string
}

// Kind names the fact.
func (RunRefused) Kind() string { return "run-refused/1" }

// Preflighted is the last look before the first write.
type Preflighted struct {
	Rev    Rev
	Growth int64
	Shrink int64
	Code   string // empty when the run may go on
	Why    string
}

// Kind names the fact.
func (Preflighted) Kind() string { return "preflight/1" }

// Counted is outcomes in a fact.
type Counted struct {
	Written, Already, Conflict, ConflictLater, Missing, Locked, Failed, Unknown int64
}

// CanaryDone says that the first records were written and read back.
type CanaryDone struct {
	Rev      Rev
	Written  int64
	ReadBack int64
}

// Kind names the fact.
func (CanaryDone) Kind() string { return "canary/1" }

// Continued says that the run goes on after its first records.
type Continued struct {
	Rev Rev
	By  incidents.Person
}

// Kind names the fact.
func (Continued) Kind() string { return "run-continued/1" }

// BatchDone is one committed transaction of a run.
type BatchDone struct {
	Rev    Rev
	Number int64
	Lo, Hi int64
	Counts Counted
	Ledger []byte // digest of the batch's ledger rows
	Writes int64  // of the plan
	Epoch  int64
}

// Kind names the fact.
func (BatchDone) Kind() string { return "batch/1" }

// Throttled says that a run leaves its source alone for now, and why.
type Throttled struct {
	Rev  Rev
	Code string // lag, active, query, slow
	Why  string
}

// Kind names the fact.
func (Throttled) Kind() string { return "run-throttled/1" }

// Revived says that a run goes on by itself: its source, which had not answered,
// answers again.
type Revived struct {
	Rev    Rev
	Source string
}

// Kind names the fact.
func (Revived) Kind() string { return "run-revived/1" }

// PauseAsked is the order to pause; Paused is its effect.
type PauseAsked struct {
	Rev Rev
	By  incidents.Person
	Why string
}

// Kind names the fact.
func (PauseAsked) Kind() string { return "run-pause-asked/1" }

// Paused says that a run waits, and where it stands.
type Paused struct {
	Rev    Rev
	Code   string // canary, order, fault, away, throttle
	Why    string
	Hi     int64
	Writes int64
}

// Kind names the fact.
func (Paused) Kind() string { return "run-paused/1" }

// Resumed says that a run goes on.
type Resumed struct {
	Rev Rev
	By  incidents.Person
}

// Kind names the fact.
func (Resumed) Kind() string { return "run-resumed/1" }

// TakenOver says that another process goes on with a run.
type TakenOver struct {
	Rev   Rev
	Epoch int64
}

// Kind names the fact.
func (TakenOver) Kind() string { return "run-taken-over/1" }

// AbortAsked is the order to abort; Aborted is its effect.
type AbortAsked struct {
	Rev Rev
	By  incidents.Person
	Why string
}

// Kind names the fact.
func (AbortAsked) Kind() string { return "run-abort-asked/1" }

// Aborted says that a run ended before its end.
type Aborted struct {
	Rev     Rev
	Why     string
	Counts  Counted
	Pending int64
}

// Kind names the fact.
func (Aborted) Kind() string { return "run-aborted/1" }

// Check is one line of a verification.
type Check struct {
	Check           string
	Expected, Found int64
}

// Verified is the recount after a run.
type Verified struct {
	Rev    Rev
	Agrees bool
	Lines  []Check
}

// Kind names the fact.
func (Verified) Kind() string { return "verified/1" }

// Finished says what a run came to.
type Finished struct {
	Rev       Rev
	State     string // done, partial, failed
	Why       string
	Counts    Counted
	Pending   int64
	Conflicts int64 // of the freeze: left alone from the start
	At        time.Time
}

// Kind names the fact.
func (Finished) Kind() string { return "run-finished/1" }

func countedOf(o rollback.Outcomes) Counted {
	return Counted{
		Written: o.Written, Already: o.Already, Conflict: o.Conflict, ConflictLater: o.ConflictLater,
		Missing: o.Missing, Locked: o.Locked, Failed: o.Failed, Unknown: o.Unknown,
	}
}
