package story

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"snafu/cmd/snafu/app"
)

// Check is one figure of the story: what it should be, and what it was.
type Check struct{ What, Expected, Found string }

// Holds says whether it was as expected.
func (c Check) Holds() bool { return c.Expected == c.Found }

// Report is how a story ended.
type Report struct {
	Checks []Check
	// Broke is why the story could not be told to its end.
	Broke error
}

// Verdict is nil if the story came to its end and every check held, else it
// wraps app.ErrDoesNotHold.
func (r Report) Verdict() error {
	if r.Broke != nil {
		return fmt.Errorf("%w: %w", app.ErrDoesNotHold, r.Broke)
	}
	if len(r.Checks) == 0 {
		return fmt.Errorf("%w: nothing was checked", app.ErrDoesNotHold)
	}
	for _, c := range r.Checks {
		if !c.Holds() {
			return app.ErrDoesNotHold
		}
	}
	return nil
}

// WriteTo prints the checks as a table.
func (r Report) WriteTo(out io.Writer) (int64, error) {
	what, expected := len("check"), len("expected")
	for _, c := range r.Checks {
		what = max(what, utf8.RuneCountInString(c.What))
		expected = max(expected, utf8.RuneCountInString(c.Expected))
	}
	var b strings.Builder
	row := func(mark, a, x, y string) {
		fmt.Fprintf(&b, "%-4s %s  %s  %s\n", mark, padded(a, what), padded(x, expected), y)
	}
	row("", "check", "expected", "found")
	held := 0
	for _, c := range r.Checks {
		mark := "FAIL"
		if c.Holds() {
			mark, held = "ok", held+1
		}
		row(mark, c.What, c.Expected, c.Found)
	}
	fmt.Fprintf(&b, "%d of %d checks held.\n", held, len(r.Checks))
	if r.Broke != nil {
		fmt.Fprintf(&b, "The story broke off: %s\n", r.Broke)
	}
	n, err := io.WriteString(out, b.String())
	return int64(n), err
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
