// Package rollback decides which records a plan may put back, and who may let it.
//
// It knows values, cohorts, plans, digests, approvals and outcomes. It knows no
// Slack, no SQL and no clock: callers pass the instant, read and write the
// source, and store what was decided. Only Approved.Start makes a Running, and
// nothing but a Running can be given to the login that writes.
package rollback

import (
	"fmt"
	"strconv"
	"strings"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// ID names a plan in the log database.
type ID int64

// Ref is how people say a plan inside its incident: "R1".
type Ref string

// NewRef makes the reference of the n-th plan of an incident.
func NewRef(n int64) Ref { return Ref("R" + strconv.FormatInt(n, 10)) }

// ParseRef reads what a person typed: "R1", "r1" and "1" all mean R1. Anything
// else is Invalid.
func ParseRef(s string) (Ref, error) {
	t := strings.TrimSpace(s)
	if t != "" && (t[0] == 'R' || t[0] == 'r') {
		t = t[1:]
	}
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil || n < 1 {
		return "", refusal.Invalid("%q is not a plan. Write it as R1.", s)
	}
	return NewRef(n), nil
}

// Revision is the reference of one revision as it is shown: "R1 r2".
func (r Ref) Revision(n int64) string { return fmt.Sprintf("%s r%d", r, n) }

// Label names a plan outside its incident: "SNAFU-42/R1". It is what the
// writing session tells the source, so that history triggers can name it.
func Label(id incidents.ID, r Ref) string { return id.String() + "/" + string(r) }

// Kind says where a plan takes its desired values from.
type Kind string

// KindRollback takes them from the history of the table.
const KindRollback Kind = "rollback"
