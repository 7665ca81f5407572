package incidents

import (
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
)

// CoverID is the number of a cover, said as C7.
type CoverID int64

// String returns the number as people say it.
func (id CoverID) String() string { return "C" + strconv.FormatInt(int64(id), 10) }

// ParseCoverID reads C7 or c7. It refuses with Invalid.
func ParseCoverID(s string) (CoverID, error) {
	digits, ok := strings.CutPrefix(strings.ToUpper(s), "C")
	n, err := strconv.ParseUint(digits, 10, 63)
	if !ok || err != nil || n == 0 {
		return 0, refusal.Invalid("%q is not the number of a cover. Write it as C7; `/snafu oncall` lists them.", shorten(s, 40))
	}
	return CoverID(n), nil
}

// Cover is somebody else on call for a while. Without a person it is asked for,
// and nobody has taken it yet.
type Cover struct {
	ID        CoverID
	Kind      string // "" is instead of whoever would be on call, add is beside them, remove is without Person
	Rota      string
	Person    Person
	From, To  time.Time
	Why       string
	By        Person
	Made      time.Time
	Cancelled time.Time
	// Where anyone was asked to take it.
	Channel, TS string
}

// The facts of covers are kept in the chain of the house: they are of no
// incident.

// CoverMade says who is on call instead for a while, or that anyone is asked.
type CoverMade struct {
	Cover    int64
	What     string // "", add or remove
	Rota     string
	Person   Person
	From, To time.Time
	By       Person
}

// Kind names the fact.
func (CoverMade) Kind() string { return "cover-made/1" }

// CoverTaken says who took a cover that anyone was asked for.
type CoverTaken struct {
	Cover int64
	Rota  string
	By    Person
}

// Kind names the fact.
func (CoverTaken) Kind() string { return "cover-taken/1" }

// CoverCancelled says that a cover counts no more.
type CoverCancelled struct {
	Cover int64
	Rota  string
	By    Person
}

// Kind names the fact.
func (CoverCancelled) Kind() string { return "cover-cancelled/1" }
