package rollback

import "slices"

// MaxReviewed is the longest statement of evidence, in bytes.
const MaxReviewed = 64 << 10

// Reviewed is evidence as it was declared: a statement that people have
// reviewed, and what the columns of its answer mean. It may name the run of a
// plan as :run, and its window as :since and :until.
type Reviewed struct {
	Query
	Rule  string   // how it infers, in words
	Key   []string // columns of its answer that tell records apart, in the order of the table's key
	May   []string // columns of its answer that hold what a field was
	Group string   // column of its answer that names what is restored as a whole; empty for none
	Guess bool     // whatever it says is one of several possible values
	Most  int64    // records that it may know of
	Of    string   // source whose records it is about, which may be another than the one it is asked in
	Reads []Read   // what the login that asks it has to be able to read
}

// Read is what somebody has to be able to read of a relation.
type Read struct {
	Relation string
	Columns  []string
}

// Columns of an answer with a meaning of their own.
const (
	SaysConfidence = "confidence" // "derived", or "guess" where a record may have been something else
	SaysEvidence   = "evidence"   // why, in words
	SaysCandidates = "candidates" // how many values are possible: 0 is no evidence, several a guess
)

// Means says that a column of an answer has a meaning.
func (r Reviewed) Means(column string) bool {
	return slices.Contains(r.Key, column) || slices.Contains(r.May, column) ||
		column == SaysConfidence || column == SaysEvidence || column == SaysCandidates || r.Group != "" && column == r.Group
}

// ScopeParams are what a statement of evidence may name of the plan that asks.
func ScopeParams() []Param {
	return []Param{{Name: "run", Type: ParamText}, {Name: "since", Type: ParamInstant}, {Name: "until", Type: ParamInstant}}
}

// Arg is what a scope gives for a parameter of a statement of evidence; false
// where it gives nothing.
func (s Scope) Arg(param string) (string, bool) {
	at := s.To
	switch param {
	case "run":
		return s.Run, true
	case "since":
		at = s.From
	}
	return at.UTC().Format("2006-01-02T15:04:05.999999Z07:00"), !at.IsZero()
}
