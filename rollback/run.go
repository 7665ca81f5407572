package rollback

import (
	"slices"
	"time"

	"snafu/incidents"
)

// Run describes a run to those who only read: what was frozen, where, and what
// it may write. Describing a run starts nothing; a writer wants a Running.
type Run struct {
	Label     string // "SNAFU-42/R1"
	Ref       Ref
	Revision  int64
	Digest    Digest
	FreezeID  int64
	Scope     Scope
	Decisions []Decision // cohort n is decision n, from 1
	Guard     Guard
	TouchedAt TouchedAt
	Batch     Batching
	Tolerance Tolerance
	Frozen    Freeze
	ClaimedAt time.Time // zero before the start
	StartedBy incidents.Person
	Undoes    *Undone   // the run that this one puts back; nil for none
	Of        []string  // the columns of the state table in which its members were chosen, if they were
	Evidence  *Evidence // what it rests on, where no history says it; nil for none
	Expect    int64     // the most records that people mean to write; 0 is nothing said
	Require   *Required // what must hold of a record when it is written; nil for nothing
}

// Writes is how many records the run walks: ords 1 to Writes.
func (r Run) Writes() int64 { return r.Frozen.Writes }

// Span is one batch to come: the ords Lo to Hi, both inclusive.
type Span struct {
	Number int64
	Lo, Hi int64
	Last   bool // the last pass: a record that is still locked gets the outcome locked

	// Careful skips the quick path: its records were locked before.
	Careful bool
	// Failed is the name of what refused the one record of this span. The record
	// gets the outcome failed instead of a write.
	Failed string
}

// Batch is one committed transaction of a run.
type Batch struct {
	Number   int64            `json:"number"`
	Lo       int64            `json:"lo"`
	Hi       int64            `json:"hi"`
	Counts   Outcomes         `json:"counts"`
	Deferred int64            `json:"deferred"` // locked by somebody; no ledger row yet
	Cohorts  []CohortOutcomes `json:"cohorts"`  // Counts by cohort of the plan
	Digest   []byte           `json:"digest"`   // over the ledger rows of this batch in ord order
	At       time.Time        `json:"at"`
}

// Progress is how far a run has come, read from the source's own batches.
type Progress struct {
	Batches int64 // number of the last batch, 0 before the first
	Hi      int64 // last ord walked
	Counts  Outcomes
}

// Pace is how fast a run goes: what it settled, in how long.
type Pace struct {
	Records int64
	Took    time.Duration
}

// Left is how long the rest will take at this pace; zero while nobody can say.
func (p Pace) Left(rest int64) time.Duration {
	if p.Records <= 0 || p.Took < time.Second || rest <= 0 {
		return 0
	}
	return time.Duration(min(float64(rest)/float64(p.Records)*float64(p.Took), float64(1000*time.Hour)))
}

// PerSecond is how many records it settles in a second, zero while nobody can
// say.
func (p Pace) PerSecond() int64 {
	if p.Took < time.Second {
		return 0
	}
	return int64(float64(p.Records) / p.Took.Seconds())
}

// Drift is what a preflight found changed since the freeze.
type Drift struct {
	Target   string   // the part of the target that differs; empty when it is the same server
	Schema   []string // what changed about the table, in words; empty when the fingerprint holds
	RowsKept bool     // the frozen rows still give the approved rows digest
	Growth   int64    // members of the run that were not frozen
	Shrink   int64    // frozen writes that no longer hold the error value or fail the guard
}

// Line is one comparison of a verification.
type Line struct {
	Check    string // "R1: records to write that hold MQL"
	Expected int64
	Found    int64
}

// Holds says whether what was found is what was expected.
func (l Line) Holds() bool { return l.Expected == l.Found }

// CohortOutcomes is the ledger of one cohort of the plan.
type CohortOutcomes struct {
	Cohort   int64    `json:"cohort"`
	Outcomes Outcomes `json:"outcomes"`
}

// AddCohorts adds what one batch did to each cohort to what others did before.
func AddCohorts(sum, more []CohortOutcomes) []CohortOutcomes {
	sum = slices.Clone(sum)
	for _, m := range more {
		i := slices.IndexFunc(sum, func(c CohortOutcomes) bool { return c.Cohort == m.Cohort })
		if i < 0 {
			sum = append(sum, m)
			continue
		}
		sum[i].Outcomes = sum[i].Outcomes.Plus(m.Outcomes)
	}
	return sum
}

// Report is a verification by fresh reads on the counting login.
type Report struct {
	At       time.Time
	Lines    []Line
	Outcomes Outcomes // from the ledger
	Cohorts  []CohortOutcomes
	Values   []ValueCount // the whole table by current value
	Total    int64        // records of the whole table
	Table    StateTable   // the scope measured anew

	Contested []Contested `json:",omitempty"` // what the run left to people, as it is now
}

// Agrees says whether every line holds.
func (r Report) Agrees() bool {
	for _, l := range r.Lines {
		if !l.Holds() {
			return false
		}
	}
	return true
}

// LedgerRow is one record of the fixed list, or of the lists beside it.
type LedgerRow struct {
	Ord     int64
	Cohort  int64
	Key     Key
	Outcome Outcome
	Before  Values // the error value that was frozen
	After   Values // the desired value
	Seen    Values // what the record held instead; nil when it held what was frozen
	Export  Values // the export columns, in the order of Table.Export
	Batch   int64
	At      time.Time // of the batch; zero while pending
	Note    string    // name of the constraint that refused it
}
