package journal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"snafu/incidents"
)

// Report is what Verify found. It never says that all is well without saying what
// it did not look at.
type Report struct {
	Chains     []Chain // by number, the house first
	NotChecked []string
}

// Chain is the verdict on one chain.
type Chain struct {
	Incident    incidents.ID
	Entries     int64
	First, Last time.Time // instants of the first and the last entry, UTC
	Head        Hash
	Fault       *Fault // the first one; nil if the chain holds
}

// Fault is the first entry of a chain that does not hold, and why. What comes
// after it was not judged.
type Fault struct {
	Seq  int64
	Kind string
	Say  string
}

// Broken counts the chains that do not hold.
func (r Report) Broken() int {
	n := 0
	for _, c := range r.Chains {
		if c.Fault != nil && c.Fault.Kind != FaultFormat {
			n++
		}
	}
	return n
}

// Unreadable counts the chains that this binary cannot judge, because an entry has
// a format that it does not know.
func (r Report) Unreadable() int {
	n := 0
	for _, c := range r.Chains {
		if c.Fault != nil && c.Fault.Kind == FaultFormat {
			n++
		}
	}
	return n
}

// WriteTo prints a line for each chain, what was not checked, and the verdict.
func (r Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	for _, c := range r.Chains {
		fmt.Fprintln(&b, c)
	}
	fmt.Fprintf(&b, "not checked: %s\n", strings.Join(r.NotChecked, "; "))
	switch broken, odd := r.Broken(), r.Unreadable(); {
	case broken > 0:
		fmt.Fprintf(&b, "BROKEN: %d of %s\n", broken, chains(len(r.Chains)))
	case odd > 0:
		fmt.Fprintf(&b, "COULD NOT CHECK: %d of %s\n", odd, chains(len(r.Chains)))
	default:
		fmt.Fprintf(&b, "OK: %s, all that was checked holds\n", chains(len(r.Chains)))
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// String is the line of one chain.
func (c Chain) String() string {
	name, when := c.Incident.String(), "-"
	if c.Incident == House {
		name = "house"
	}
	if c.Entries > 0 {
		last := c.Last.Format("15:04:05")
		if c.First.Format(time.DateOnly) != c.Last.Format(time.DateOnly) {
			last = c.Last.Format(time.DateTime)
		}
		when = c.First.Format(time.DateTime) + " .. " + last
	}
	verdict := "OK"
	switch f := c.Fault; {
	case f == nil:
	case f.Kind == FaultFormat:
		verdict = fmt.Sprintf("COULD NOT CHECK from #%d: %s (%s)", f.Seq, f.Kind, f.Say)
	default:
		verdict = fmt.Sprintf("BROKEN at #%d: %s (%s)", f.Seq, f.Kind, f.Say)
	}
	word := "entries"
	if c.Entries == 1 {
		word = "entry  "
	}
	return fmt.Sprintf("%-10s %6d %s  %-31s  head %s   %s", name, c.Entries, word, when, c.Head, verdict)
}

func chains(n int) string {
	if n == 1 {
		return "1 chain"
	}
	return fmt.Sprintf("%d chains", n)
}
