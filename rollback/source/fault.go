package source

import (
	"errors"
	"strings"
)

// ErrTakenOver means that another owner holds the run: whoever meets it stops
// at once and writes nothing more.
var ErrTakenOver = errors.New("the run has another owner")

// Fault is a system's no without its words: error texts of a database carry
// values of records, so only the code and the names of what refused are kept.
type Fault struct {
	Doing      string // what was asked: "freeze records"
	State      string // SQLSTATE, or the system's own code; empty when no answer came
	Table      string
	Column     string
	Constraint string
	Commit     bool // no answer to a commit: the outcome is unknown until it is read
}

// Error names what was asked and what refused.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Doing)
	if f.State == "" {
		b.WriteString(": no answer")
	} else {
		b.WriteString(": SQLSTATE " + f.State)
	}
	for _, part := range []struct{ what, name string }{{"table", f.Table}, {"column", f.Column}, {"constraint", f.Constraint}} {
		if part.name != "" {
			b.WriteString(", " + part.what + " " + part.name)
		}
	}
	return b.String()
}

// Busy says that the same work may succeed in a moment: a lock or a statement
// timed out, a deadlock was broken, a serialization failed.
func (f *Fault) Busy() bool {
	switch f.State {
	case "57014", "40P01", "40001", "55P03":
		return true
	}
	return false
}

// Refused says that a constraint, a type or a trigger of the system refused a
// value.
func (f *Fault) Refused() bool {
	for _, class := range []string{"22", "23", "44", "P0"} {
		if strings.HasPrefix(f.State, class) {
			return !f.Commit
		}
	}
	return false
}

// Away says that the system cannot be reached or has no room now.
func (f *Fault) Away() bool {
	return f.State == "" || strings.HasPrefix(f.State, "08") || strings.HasPrefix(f.State, "53") || strings.HasPrefix(f.State, "57P")
}

// AsFault finds the fault in an error.
func AsFault(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}

// Rewritten means that something in the system swallowed or changed values as
// they were written, so the batch was rolled back.
type Rewritten struct {
	Records int64
}

// Error says how many records did not keep the value.
func (*Rewritten) Error() string { return "records did not keep the value that was written" }

// AsRewritten finds a Rewritten in an error.
func AsRewritten(err error) (*Rewritten, bool) {
	var r *Rewritten
	ok := errors.As(err, &r)
	return r, ok
}
