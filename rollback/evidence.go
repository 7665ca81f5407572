package rollback

import (
	"encoding/json"
	"slices"
	"time"

	"snafu/incidents"
)

// KindRestore takes them from the copy of a backup, KindReconstruct from
// evidence that people have reviewed. Both compare and swap like any plan; they
// never load.
const (
	KindRestore     Kind = "restore"
	KindReconstruct Kind = "reconstruct"
)

// EvidenceFrom is what says what the records were, where no history does.
type EvidenceFrom string

// Where evidence comes from.
const (
	FromBackup EvidenceFrom = "backup" // a copy of the table, as it was saved
	FromQuery  EvidenceFrom = "query"  // a reviewed file of SQL
)

// Newer says what becomes of records that people wrote since the run.
type Newer string

// The weighings. KeepNewer leaves what people entered; TakeBackup overwrites it
// with what was saved; ByHand leaves it and hands out a list.
const (
	KeepNewer  Newer = "keep"
	TakeBackup Newer = "take"
	ByHand     Newer = "hand"
)

// Evidence is what a restore or a reconstruction rests on. All of it enters the
// digest.
type Evidence struct {
	From      EvidenceFrom     `json:"from"`
	Name      string           `json:"name"`             // as the configuration calls it
	SHA256    string           `json:"sha256"`           // of the statement that reads it, in hex
	Source    string           `json:"source,omitempty"` // that a query is asked in, where it is not the plan's
	Rule      string           `json:"rule,omitempty"`   // of a query: how it infers, in words
	Author    incidents.Person `json:"author,omitempty"` // of the file
	LastSaved time.Time        `json:"last_saved,omitzero"`
	Copy      Target           `json:"copy,omitzero"` // who the server of the copy, or of Source, says it is
	Records   int64            `json:"records"`       // that the copy held when the plan was drafted
	Newer     Newer            `json:"newer,omitempty"`
	Complete  int64            `json:"complete,omitempty"` // per mille of a group that must be restorable, or none of it is
	Guess     bool             `json:"guess,omitempty"`    // a plan of its own for records with several possible values
	Spot      *Spot            `json:"spot,omitempty"`
	Beside    *Beside          `json:"beside,omitempty"` // a second evidence of the same records
}

// Spot is a comparison by hand of records that were chosen by a seed.
type Spot struct {
	By      incidents.Person `json:"by"`
	At      time.Time        `json:"at"`
	Records int64            `json:"records"` // compared
	Differ  int64            `json:"differ"`  // of them, not as the person found them to be
	Of      string           `json:"of"`      // SHA-256, in hex, of all that the evidence said
}

// SpotSize is how many records a spot check compares, or all if there are fewer.
const SpotSize = 20

// EvidenceFound is what evidence came to when a plan was frozen.
type EvidenceFound struct {
	SHA256   string     `json:"sha256"`   // over all that it said, in hex
	Records  int64      `json:"records"`  // that it knows
	Absent   int64      `json:"absent"`   // members it does not know: they stay as they are
	Erased   int64      `json:"erased"`   // members whose value must never come back
	Outdated int64      `json:"outdated"` // changed between the Last Saved State and the run
	Guesses  int64      `json:"guesses"`  // members with several possible values
	ByHand   int64      `json:"by_hand"`  // newer values that people settle one by one
	Newer    int64      `json:"newer"`    // newer values that are to be overwritten
	Coverage []Coverage `json:"coverage,omitempty"`
	Disagree int64      `json:"disagree,omitempty"` // members of which a second evidence says something else
}

// Coverage is how much of a group can be restored. A group below its demand is
// left out as a whole.
type Coverage struct {
	Group      string `json:"group"` // empty for all records, where none are told apart
	Affected   int64  `json:"affected"`
	Restorable int64  `json:"restorable"`
	Held       bool   `json:"held"` // below its demand: contained
}

// Share is the restorable part in words: "1,833 of 3,632 (50.4 %)".
func (c Coverage) Share() string {
	if c.Affected == 0 {
		return "0 of 0"
	}
	return Number(c.Restorable) + " of " + Number(c.Affected) + " (" + perCent(c.Restorable, c.Affected) + ")"
}

// Whole sums the coverage of all groups.
func (f EvidenceFound) Whole() (c Coverage) {
	for _, g := range f.Coverage {
		c.Affected += g.Affected
		if !g.Held {
			c.Restorable += g.Restorable
		}
	}
	return c
}

// CopySeen is what the copy of a backup looks like.
type CopySeen struct {
	Target    Target
	Records   int64
	LastSaved time.Time // as the copy itself says; zero where it does not
	Newest    time.Time // last change of any record; zero where no column says it
	SHA256    string    // of the statement that reads its records, in hex
}

// Holds refuses a copy that can't be what it is said to be: empty (backup-empty),
// or with records that are newer than its Last Saved State (backup-empty), or
// without one (backup-state).
func (s CopySeen) Holds(backup, unit string) error {
	switch {
	case s.Records == 0:
		return RefuseBackupEmpty(unit)
	case s.LastSaved.IsZero():
		return RefuseNoLastSaved(backup)
	case s.Newest.After(s.LastSaved):
		return RefuseBackupNewer(backup, s.LastSaved, s.Newest)
	}
	return nil
}

// Same refuses a copy that is not the one a plan was drafted on: of another
// server or size (backup-changed), read otherwise, or not whole any more.
func (e Evidence) Same(s CopySeen, unit string) error {
	s.LastSaved = e.LastSaved
	if err := s.Holds(e.Name, unit); err != nil {
		return err
	}
	if s.Target != e.Copy || s.Records != e.Records || s.SHA256 != e.SHA256 {
		return RefuseBackupChanged(e.Name)
	}
	return nil
}

// Whence are the decisions of a plan that rests on evidence: what the run left
// is the error, and each record gets its own value, in one cohort for each
// confidence.
func (e Evidence) Whence(left []Values) []Decision {
	sure := []Confidence{ConfidenceDerived}
	switch {
	case e.From == FromBackup:
		sure = []Confidence{ConfidenceStrong, ConfidenceDerived}
	case e.Guess:
		sure = []Confidence{ConfidenceGuess}
	}
	var out []Decision
	for _, c := range sure {
		for _, l := range left {
			out = append(out, Decision{Pair: Pair{Error: l}, File: e.SHA256, Told: c})
		}
	}
	if e.Newer == TakeBackup {
		out = append(out, Decision{File: e.SHA256, Told: ConfidenceDerived, Newer: true})
	}
	return out
}

// check holds evidence to the rules that need no source. It refuses a backup
// without Last Saved State (backup-state), one that was taken after the run
// began (backup-late), and a run whose beginning nobody knows.
func (e *Evidence) check(s Spec) error {
	if e == nil || e.From != FromBackup {
		return nil
	}
	switch {
	case e.LastSaved.IsZero():
		return RefuseNoLastSaved(e.Name)
	case s.Scope.From.IsZero():
		return RefuseNoBeginning(s.Scope.Run)
	case e.LastSaved.After(s.Scope.From):
		return RefuseBackupLate(e.LastSaved, s.Scope.From)
	}
	return nil
}

// guesses are the frozen records with several possible values, where nothing
// else is left to write.
func (f Freeze) guesses() int64 {
	if f.Evidence == nil {
		return 0
	}
	return f.Evidence.Guesses
}

// said is evidence as a digest holds it.
func said(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, numbers and instants can always be written
	}
	return string(body)
}

// HeldGroups are the groups that are left out as a whole, by name.
func (f EvidenceFound) HeldGroups() (names []string) {
	for _, c := range f.Coverage {
		if c.Held {
			names = append(names, c.Group)
		}
	}
	return slices.Sorted(slices.Values(names))
}

// evidenced names a cohort whose records were not known by any history.
func (d Decision) evidenced() string {
	left := d.Error.String()
	if d.Newer {
		left = NewerValue
	}
	return EachItsOwn + " -> " + left + ", " + string(d.Sure())
}

// NewerValue stands where a cohort's error would, when it is what people entered
// since.
const NewerValue = "newer value"
