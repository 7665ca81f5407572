// Package refusal holds the errors that a person may read.
//
// A refusal says no in a whole sentence that ends in the next step. Every other
// error is internal: it is wrapped, logged once, and never shown.
package refusal

import (
	"errors"
	"fmt"
)

// Kind says what the person can do about a refusal.
type Kind int

// The kinds of refusal. Their zero value is none of them.
const (
	_           Kind = iota
	KindInvalid      // fix your input
	KindNotFound
	KindConflict    // the world moved on; look again
	KindForbidden   // not you; the sentence says who can
	KindUnavailable // try later
)

// String is the name that metrics and logs carry.
func (k Kind) String() string {
	switch k {
	case KindInvalid:
		return "invalid"
	case KindNotFound:
		return "not found"
	case KindConflict:
		return "conflict"
	case KindForbidden:
		return "forbidden"
	case KindUnavailable:
		return "unavailable"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Error is a refusal. Code is its stable name, empty where nobody needs one;
// Say is a whole sentence with the next step in it.
type Error struct {
	Kind Kind
	Code string
	Say  string
}

// Error is the sentence itself.
func (e *Error) Error() string { return e.Say }

// Coded returns the same refusal under a stable name, such as "self".
func (e *Error) Coded(code string) *Error {
	named := *e
	named.Code = code
	return &named
}

// Is holds for a refusal of the same kind and code, so that errors.Is works
// with a refusal as the pattern. An empty code or sentence matches any.
func (e *Error) Is(target error) bool {
	want, ok := target.(*Error)
	return ok && e.Kind == want.Kind &&
		(want.Code == "" || want.Code == e.Code) &&
		(want.Say == "" || want.Say == e.Say)
}

// Invalid refuses an input that the person can mend.
func Invalid(format string, args ...any) *Error { return say(KindInvalid, format, args) }

// NotFound refuses because there is no such thing.
func NotFound(format string, args ...any) *Error { return say(KindNotFound, format, args) }

// Conflict refuses because the world has moved on since the person looked.
func Conflict(format string, args ...any) *Error { return say(KindConflict, format, args) }

// Forbidden refuses this person; the sentence says who can.
func Forbidden(format string, args ...any) *Error { return say(KindForbidden, format, args) }

// Unavailable refuses for the moment; the sentence says when to try again.
func Unavailable(format string, args ...any) *Error { return say(KindUnavailable, format, args) }

// As finds the refusal in a chain of errors.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

func say(kind Kind, format string, args []any) *Error {
	return &Error{Kind: kind, Say: fmt.Sprintf(format, args...)}
}
