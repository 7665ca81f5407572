package notify

import (
	"errors"
	"net/http"
	"time"
)

// Failure is an error of the other side. Again says that another try can help,
// After when, if the other side said so.
type Failure struct {
	Said  string // in few words, for people: no secret, no address
	Again bool
	After time.Duration
}

// Error is what was said.
func (f *Failure) Error() string { return f.Said }

// FailureOf makes of any error of this package what can be done about it. What
// was lost on the way may be tried again.
func FailureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Said: err.Error(), Again: !errors.Is(err, errPrivate)}
}

// judged makes a failure of a status that is no success.
func judged(got answer, said string) *Failure {
	if said == "" {
		said = http.StatusText(got.status)
	}
	again := got.status == http.StatusTooManyRequests || got.status == http.StatusRequestTimeout || got.status >= 500
	return &Failure{Said: said, Again: again, After: got.after}
}
