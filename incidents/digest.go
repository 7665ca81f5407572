package incidents

import (
	"strconv"
	"time"
)

// StillOpen is one incident as the digest of a morning tells it.
type StillOpen struct {
	ID       ID
	Title    string
	Phase    Phase
	Severity Severity
	Lead     Person
	Due      time.Time // when the next update was promised; zero: it is not
}

// Overdue says whether its update is.
func (s StillOpen) Overdue(at time.Time) bool {
	return s.Phase.Live() && !s.Due.IsZero() && at.After(s.Due)
}

// Digest says how many are open and how many updates are overdue: "3 open
// snafus, 1 update overdue".
func Digest(open []StillOpen, at time.Time) string {
	late := 0
	for _, s := range open {
		if s.Overdue(at) {
			late++
		}
	}
	line := several(len(open), "open snafu")
	if late > 0 {
		line += ", " + several(late, "update") + " overdue"
	}
	return line
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
