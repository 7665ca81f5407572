package rollback

import (
	"cmp"
	"slices"
	"time"
)

// Group is a set of members of the run that look the same: what they were
// before it, what it left, what they are now.
type Group struct {
	Known     bool   // history tells what they were and became; else Initial and Error are nil
	Present   bool   // the records are still there; else Current is nil
	Initial   Values // before the run; nil where the table keeps no history
	Error     Values // what the run left; what they hold now where the table keeps no history
	Current   Values // now
	Ambiguous bool   // the run's entries do not chain, or another writer stands between them
	Later     bool   // another writer came after the run
	Back      bool   `json:",omitempty"` // a plan of ours has written since, and put back what the run left
	Laid      Laid   `json:",omitzero"`  // how a file's wishes for them compare
	Records   int64
	Keys      []string // ends of a few keys where the records no longer match what the run left, and of the one of a Record; nil where a key is personal
}

// Laid says how the records of a group stand to a file that says what each of
// them should be. All false where no file was laid over them.
type Laid struct {
	Listed bool `json:",omitempty"` // the file names them
	Left   bool `json:",omitempty"` // it wishes what the run left
	Held   bool `json:",omitempty"` // it wishes what they hold now
}

// Matches says that the records still hold what the run left, and that nobody
// wrote them since.
func (g Group) Matches() bool {
	return g.Known && g.Present && !g.Ambiguous && !g.Later && g.Current.Equal(g.Error)
}

// ValueCount is a number of records by their current value.
type ValueCount struct {
	Value   Values
	Records int64
}

// ListCount is how many records a static list of the same run holds.
type ListCount struct {
	Name    string
	Records int64
}

// StateTable is one measurement of a scope in a single snapshot. Groups are
// ordered by the first trace of the run in them (then by what they hold now),
// so that cohorts keep their numbers from one measurement to the next.
type StateTable struct {
	Scope       Scope
	At          time.Time // snapshot instant of the source, UTC microseconds
	Members     int64
	Groups      []Group
	Lists       []ListCount
	Values      []ValueCount  // the whole table by current value, members or not
	Total       int64         // records of the whole table
	HistoryFrom time.Time     // oldest entry of the history, if the run began before it; else zero
	Keeps       time.Duration // how long the source keeps its history; 0 is not known
	KeyParts    int           // columns of the key
	Files       []string      `json:",omitempty"` // SHA-256, in hex, of the files that were laid over the members
}

// Pair is what a cohort is known by: the value before the run and the value it
// left.
type Pair struct {
	Initial Values `json:"initial"`
	Error   Values `json:"error"`
}

// Equal says whether both pairs hold the same values.
func (p Pair) Equal(o Pair) bool { return p.Initial.Equal(o.Initial) && p.Error.Equal(o.Error) }

// Waiver is what people decide about records that are wrong and that no plan
// shall write.
type Waiver string

// The waivers: WaiveKeep leaves the records as they are, on purpose;
// WaiveLost says that nothing can bring their value back.
const (
	WaiveKeep Waiver = "keep"
	WaiveLost Waiver = "lost"
)

// Decision is what a person chose for one pair. A desired value equal to the
// error value writes nothing, whatever it was called; NoChange keeps the words
// of the person who chose it. With a File each record has a desired value of its
// own, and Desired is nil. With a Waiver nothing is written either, and Desired
// is what was wished for before it. A waiver about no pair at all is about the
// members without history.
type Decision struct {
	Pair
	Desired  Values `json:"desired"`
	NoChange bool   `json:"no_change"`
	File     string `json:"file,omitempty"` // SHA-256 of the file that says what each record should be, in hex
	Waiver   Waiver `json:"waiver,omitempty"`
	Why      string `json:"why,omitempty"` // of the waiver

	Kind    CohortKind `json:"kind,omitempty"`       // what is done with members that were chosen, whatever they hold; empty where values decide
	Unclear bool       `json:"unclear,omitempty"`    // they are those without evidence, instead of those of the pair
	Told    Confidence `json:"confidence,omitempty"` // how sure evidence is of what they were; empty where there is none
	Newer   bool       `json:"newer,omitempty"`      // it is about what people entered since the run, whatever that is
	Expect  int64      `json:"expect,omitempty"`     // the most records that people mean to write; 0 is nothing said
}

// Sure is how sure the plan is of what the records were.
func (d Decision) Sure() Confidence { return cmp.Or(d.Told, d.Confidence()) }

// Rest is true for a waiver about the members without history.
func (d Decision) Rest() bool { return d.Waiver != "" && d.Initial == nil && d.Error == nil }

// Each says that every record has a desired value of its own.
func (d Decision) Each() bool { return d.File != "" && d.Waiver == "" }

// Want is the value the records should have, nil where each has its own.
func (d Decision) Want() Values {
	switch {
	case d.Each():
		return nil
	case d.NoChange, d.Waiver != "":
		return d.Error
	}
	return d.Desired
}

// Writes says whether records of this pair are wrong at all.
func (d Decision) Writes() bool { return d.Chosen() || d.Each() || !d.Want().Equal(d.Error) }

// Label names the cohort that the decision is about.
func (d Decision) Label() string {
	if d.Chosen() {
		return d.chosenLabel()
	}
	if d.Kind == CohortReinsert {
		return GoneAgain
	}
	if d.Told != "" {
		return d.evidenced()
	}
	label := d.Initial.String() + " -> " + d.Error.String()
	if d.Each() {
		label += ", " + EachItsOwn + ", from file " + d.File[:min(12, len(d.File))]
	}
	return label
}

// EachItsOwn stands where a cohort's desired value would, when every record has
// one of its own.
const EachItsOwn = "each its own"

// CohortKind says what a plan does with the records of a cohort.
type CohortKind string

// The kinds of cohort. KindRevert writes the desired value where the error
// value still stands; KindNoChange freezes, counts and verifies but writes
// nothing; an undecided cohort has no kind yet and cannot be proposed.
const (
	KindRevert   CohortKind = "revert"
	KindNoChange CohortKind = "no_change"
)

// Confidence is how sure a plan is of the value before the run.
type Confidence string

// The confidences, surest first. ConfidenceExact means that the history names
// the run; ConfidenceStrong a backup from before the run, with no change between
// them; ConfidenceDerived one possible value by a stated rule; ConfidenceGuess
// several.
const (
	ConfidenceExact   Confidence = "exact"
	ConfidenceStrong  Confidence = "strong"
	ConfidenceDerived Confidence = "derived"
	ConfidenceGuess   Confidence = "guess"
)

// Code is a confidence as a source stores it; 0 is none. What is surer has the
// higher code.
func (c Confidence) Code() int {
	return 1 + slices.Index([]Confidence{ConfidenceGuess, ConfidenceDerived, ConfidenceStrong, ConfidenceExact}, c)
}

// Cohort is all members that share a pair, with what was decided for them.
type Cohort struct {
	Number     int64      `json:"number"` // dense from 1, the order of the plan's decisions
	Label      string     `json:"label"`  // "Prospect -> SQL"
	Kind       CohortKind `json:"kind"`   // empty while undecided
	Pair       Pair       `json:"pair"`
	Desired    Values     `json:"desired"` // equals the error value for no change; nil while undecided
	NoChange   bool       `json:"no_change"`
	File       string     `json:"file,omitempty"` // SHA-256 of the file that says what each record should be
	Confidence Confidence `json:"confidence"`
	Counts     Counts     `json:"counts"`
	Back       int64      `json:"back,omitempty"` // of those to write: a plan of ours has put back what the run left

	Waiver Waiver `json:"waiver,omitempty"`
	Why    string `json:"why,omitempty"`    // of the waiver
	Wished Values `json:"wished,omitempty"` // what was desired before the waiver; nil for nothing
}

// Wrong is true for a cohort that was spoilt, whether it is to be written or
// not.
func (c Cohort) Wrong() bool { return c.Kind == KindRevert || c.Waiver != "" }

// Each says that every record has a desired value of its own.
func (c Cohort) Each() bool { return c.File != "" && c.Waiver == "" }

// Spoilt is the number of records that are wrong, whatever became of them since:
// none of a cohort that was left right, and not those for which a file wishes
// what the run left, or nothing.
func (c Cohort) Spoilt() int64 {
	switch {
	case !c.Wrong():
		return 0
	case c.Each():
		return c.Counts.Total() - c.HeldAlready() - c.Counts.Right - c.Counts.Undecided
	}
	return c.Counts.Total() - c.HeldAlready()
}

// Expected is what the records should have been, and false while nobody has
// said that.
func (c Cohort) Expected() (Values, bool) {
	if c.Waiver != "" {
		return c.Wished, len(c.Wished) > 0
	}
	return c.Desired, c.Kind != "" && len(c.Desired) > 0
}

// Holds says whether the records of a group hold what they should have been.
func (c Cohort) Holds(g Group) bool {
	if c.Each() {
		return g.Laid.Held
	}
	wished, said := c.Expected()
	return said && g.Current.Equal(wished)
}

// Should is the desired value in words: "MQL", "no change", "each its own",
// "keep", "lost" or "?".
func (c Cohort) Should() string {
	switch {
	case c.Kind == "":
		return "?"
	case c.Waiver != "":
		return string(c.Waiver)
	case c.Each():
		return EachItsOwn
	case c.NoChange:
		return "no change"
	}
	return c.Desired.String()
}
