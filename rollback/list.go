package rollback

import (
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// ListName says which records of a run are on a list.
type ListName string

// The lists. Fixed, conflicts and pending share no record.
const (
	ListFixed     ListName = "fixed"     // that the run has written
	ListConflicts ListName = "conflicts" // left alone because people changed them, before the run or during it
	ListPending   ListName = "pending"   // to be written and not written for any other reason, or not yet
	ListLeft      ListName = "left"      // all that was to be written and was not, with those that were right already
	ListListed    ListName = "listed"    // that a plan contains without writing them; no words but its plan ask for it
)

// ListFormat is how a list is written.
type ListFormat string

// The formats. A spreadsheet runs nothing that stands in a CSV of ours, and
// cannot tell an empty text from none; JSON lines are exact.
const (
	ListCSV   ListFormat = "csv"
	ListJSONL ListFormat = "jsonl"
)

// ListOf is a list and how it is written.
type ListOf struct {
	Name   ListName
	Format ListFormat
}

// ParseListOf reads which list is meant, in any order of words: the one of who
// was fixed, as CSV, where they are silent. It refuses (Invalid) other words.
func ParseListOf(words []string) (ListOf, error) {
	of := ListOf{ListFixed, ListCSV}
	for _, w := range words {
		switch low := strings.ToLower(w); low {
		case string(ListFixed), string(ListConflicts), string(ListPending), string(ListLeft):
			of.Name = ListName(low)
		case string(ListCSV), string(ListJSONL):
			of.Format = ListFormat(low)
		default:
			return of, refusal.Invalid("I know no list %q. Write `fixed R1`, `fixed R1 conflicts`, `fixed R1 pending` or `fixed R1 left`, with `jsonl` behind it for programs.", brief(w))
		}
	}
	return of, nil
}

// brief is a word short enough to be said back.
func brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// Takes says whether a record of a run stands on the list.
func (n ListName) Takes(o Outcome) bool {
	switch n {
	case ListFixed:
		return o == Written
	case ListConflicts:
		return o == Conflict || o == ConflictLater
	case ListPending:
		return o == Pending || o == Locked || o == Failed || o == Missing || o == Unknown
	case ListLeft:
		return o != Written
	}
	return false
}

// ListRow is one record on a list.
type ListRow struct {
	Key     Key
	Export  Values // in the order of Table.Export
	Before  Values // what the run left
	After   Values // what it should hold
	Holds   Values // what it holds; nil when that is not known
	Outcome Outcome
	Batch   int64     // 0 for none
	At      time.Time // zero while pending
	Note    string
}

// Listed is the record as a list shows it. One that was written holds what it
// should, one that was refused or only touched holds what was frozen; what a
// record holds that is gone or that somebody is writing is not known.
func (r LedgerRow) Listed() ListRow {
	out := ListRow{
		Key: r.Key, Export: r.Export, Before: r.Before, After: r.After, Holds: r.Seen,
		Outcome: r.Outcome, Batch: r.Batch, At: r.At, Note: r.Note,
	}
	switch {
	case out.Holds != nil:
	case r.Outcome == Written:
		out.Holds = r.After
	case r.Outcome == ConflictLater, r.Outcome == Failed:
		out.Holds = r.Before
	}
	return out
}
