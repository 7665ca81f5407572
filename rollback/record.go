package rollback

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Look says which members of a run a person wants to see.
type Look struct {
	Pair    *Pair    // of this cohort; nil is of all, those without history too
	Key     []string // this one record, by the text of its key; nil is a sample
	Changed bool     // only those that do not hold what the run left, or that somebody wrote since
	Limit   int64    // most records
	Wishes  []Wish   // of a file that gives each record a value of its own
	Seed    int64    // the same seed finds the same records
}

// Record is one member of a run as a person may read it: what is declared as
// personal has been masked where it was read. It is shown to whoever asked, and
// stored nowhere.
type Record struct {
	Group          // one record
	Key     string // masked where a column of it is personal
	Desired Values // what a file says that it should be; nil where none does
	Fields  []Field
	Past    []Change // of the set columns, oldest first, the newest few
	Older   int64    // entries before those
}

// Field is a column that is shown beside a record.
type Field struct {
	Name   string
	Value  Value
	Masked bool
}

// Change is one entry of a record's history.
type Change struct {
	At   time.Time
	Run  string // the run that wrote it; "" for a person
	By   string // who wrote it, as far as the history says, masked like a personal column
	Ours bool   // it is the erroneous run's
	Old  Value
	New  Value

	Field  string // the set column it is of; empty where there is but one
	Column int    // its place among the set columns, from 0
}

// Shared is the record as everybody may read it: what happened to its field, by
// which runs, and the end of its key where that is nobody's name. No other field
// is in it, not even masked, and nobody's name.
func (r Record) Shared() Record {
	r.Key, r.Fields = strings.Join(r.Keys, ""), nil
	r.Past = slices.Clone(r.Past)
	for i := range r.Past {
		r.Past[i].By = ""
	}
	return r
}

// Class is what a plan may do with the record, given what was decided for its
// cohort.
func (r Record) Class(c Cohort) Class {
	if !r.Known {
		return ClassUnrecoverable
	}
	return r.class(c)
}

// Expected is what the record should have been, given what was decided for its
// cohort, and false while nobody has said that.
func (r Record) Expected(c Cohort) (Values, bool) {
	if c.Each() {
		return r.Desired, len(r.Desired) > 0
	}
	return c.Expected()
}

// Step is one change of a record's field beside what was expected of it.
type Step struct {
	Change
	Expected *Value // nil where nobody has said what should have happened
	Broke    bool   // the first step that did not do what was expected
}

// Walk goes through what happened to a record. What stood before the run was
// as it should be; from its first entry on the decided value is expected, and
// the first entry that wrote another one is where it broke. While nothing is
// decided nothing is expected.
func (r Record) Walk(c Cohort) []Step {
	var steps []Step
	began, broke := false, false
	for _, e := range r.Past {
		began = began || e.Ours
		s := Step{Change: e}
		if wished, said := r.Expected(c); began && said {
			want := wished[e.Column]
			s.Expected = &want
			s.Broke = !broke && e.New != want
			broke = broke || s.Broke
		}
		steps = append(steps, s)
	}
	return steps
}

// Mask hides a personal value and leaves what tells two of them apart: the
// first letter and, of an address, how its host begins and ends.
func Mask(text string) string {
	name, host, mail := strings.Cut(text, "@")
	switch {
	case text == "":
		return ""
	case mail:
		end := ""
		if dot := strings.LastIndexByte(host, '.'); dot > 0 && len(host)-dot <= 5 {
			end = host[dot:]
		}
		return initial(name) + "…@" + initial(host) + "…" + end
	case utf8.RuneCountInString(text) < 6:
		return "…"
	}
	return initial(text) + "…"
}

func initial(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

// Tail is the end of a key, which tells records apart for those who can look
// them up, and tells nobody else who they are.
func Tail(key string) string {
	const shown = 4
	n := utf8.RuneCountInString(key)
	if n <= shown {
		return key
	}
	return "…" + string([]rune(key)[n-shown:])
}
