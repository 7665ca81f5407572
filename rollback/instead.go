package rollback

import (
	"fmt"
	"slices"

	"snafu/incidents/refusal"
)

// Instead is how a plan contains records of which it writes none.
type Instead struct {
	How        string `json:"how"`                  // InsteadList or InsteadSwitch
	Automation string `json:"automation,omitempty"` // that is off for them: "crm/weekly-sync"
	Title      string `json:"title,omitempty"`      // as people call it
}

// The ways to contain records without writing them: a list is kept of them, for
// whom they concern, or what would harm them is switched off.
const (
	InsteadList   = "list"
	InsteadSwitch = "switch"
)

// Switches says that the records are contained only while something is off.
func (i *Instead) Switches() bool { return i != nil && i.How == InsteadSwitch }

// checkInstead holds a plan that writes nothing to its form.
func (s Spec) checkInstead() error {
	switch i := s.Instead; {
	case i == nil:
		return nil
	case s.Kind != KindContain || len(s.Of) == 0 || !slices.Equal(s.Of, s.Scope.Set):
		return fmt.Errorf("draft %s: only members that were chosen for containing are listed", s.Is())
	case i.How == InsteadList && i.Automation == "", i.How == InsteadSwitch && i.Automation != "":
		return nil
	}
	return fmt.Errorf("draft %s: %q is no way to contain", s.Is(), s.Instead.How)
}

// Listed are the records that a plan contains without writing them.
func (f Freeze) Listed() int64 { return f.Rows - f.Classes().Missing }

// Contain ends a plan that contains its records without writing any. It refuses
// every other plan (state): records are written by runs that two people approved.
func (f Frozen) Contain() (Ended, error) {
	if f.spec.Instead == nil {
		return Ended{}, RefuseState(f.spec.Ref, NameFrozen, "done", fmt.Sprintf("`plan propose %s` asks for approvals first.", f.spec.Ref))
	}
	return f.end(NameDone, ""), nil
}

// RefuseListed means that a plan writes nothing, so that nobody has to approve it.
func RefuseListed(s Spec) error {
	next := "Its list is made, and nothing else happens."
	if s.Instead.Switches() {
		next = fmt.Sprintf("It is done when %s is off: `/snafu contain switch %s`.", s.Instead.Title, s.Instead.Automation)
	}
	return refusal.Conflict("%s writes nothing, so nobody needs to approve it. %s", s.Ref, next).Coded("nothing")
}
