package rollback

// Outcome is what became of one record of a run, as the ledger stores it.
type Outcome int

// The outcomes by their stored code. A record without ledger row is pending.
const (
	Pending       Outcome = 0 // no ledger row: the run has not come to it, or was aborted before
	Written       Outcome = 1
	Already       Outcome = 2 // it holds the desired value, and not by us
	Conflict      Outcome = 3 // it holds something else
	ConflictLater Outcome = 4 // it holds the error value, but somebody wrote it after the run
	Missing       Outcome = 5
	Locked        Outcome = 6 // somebody held it until the end of the run
	Failed        Outcome = 7 // a constraint of the source refused the value
	Unknown       Outcome = 8 // only systems without transactions
)

// AllOutcomes are the outcomes of ledger rows in the order of their codes.
var AllOutcomes = []Outcome{Written, Already, Conflict, ConflictLater, Missing, Locked, Failed, Unknown}

var outcomeNames = map[Outcome]string{
	Pending: "pending",
	Written: "written", Already: "already", Conflict: "conflict", ConflictLater: "conflict_later",
	Missing: "missing", Locked: "locked", Failed: "failed", Unknown: "unknown",
}

// String is the outcome's stable name.
func (o Outcome) String() string { return outcomeNames[o] }

// Outcomes are numbers of records per outcome. Their sum and what is pending
// make the writes of the plan, always.
type Outcomes struct {
	Written       int64 `json:"written"`
	Already       int64 `json:"already"`
	Conflict      int64 `json:"conflict"`
	ConflictLater int64 `json:"conflict_later"`
	Missing       int64 `json:"missing"`
	Locked        int64 `json:"locked"`
	Failed        int64 `json:"failed"`
	Unknown       int64 `json:"unknown"`
}

func (o *Outcomes) of(outcome Outcome) *int64 {
	switch outcome {
	case Written:
		return &o.Written
	case Already:
		return &o.Already
	case Conflict:
		return &o.Conflict
	case ConflictLater:
		return &o.ConflictLater
	case Missing:
		return &o.Missing
	case Locked:
		return &o.Locked
	case Failed:
		return &o.Failed
	case Unknown:
		return &o.Unknown
	case Pending: // has no counter: it is what the sum leaves
	}
	panic("rollback: no such outcome")
}

// Of is the number of records with one outcome.
func (o Outcomes) Of(outcome Outcome) int64 { return *o.of(outcome) }

// With is the outcomes with n more records of one.
func (o Outcomes) With(outcome Outcome, n int64) Outcomes {
	*o.of(outcome) += n
	return o
}

// Plus adds two sets of outcomes.
func (o Outcomes) Plus(other Outcomes) Outcomes {
	for _, outcome := range AllOutcomes {
		o = o.With(outcome, other.Of(outcome))
	}
	return o
}

// Sum is the number of records that have an outcome.
func (o Outcomes) Sum() int64 {
	var n int64
	for _, outcome := range AllOutcomes {
		n += o.Of(outcome)
	}
	return n
}

// Conflicts are the records that people changed since, by value or by writer.
func (o Outcomes) Conflicts() int64 { return o.Conflict + o.ConflictLater }

// Clean says whether every record was settled: none locked, failed or unknown.
func (o Outcomes) Clean() bool { return o.Locked == 0 && o.Failed == 0 && o.Unknown == 0 }
