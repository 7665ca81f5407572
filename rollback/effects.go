package rollback

import (
	"slices"
	"strings"
	"time"

	"snafu/incidents"
)

// Effects is what to do about what our writes set off: triggers that fire on
// the set columns, and syncs that copy them elsewhere.
type Effects string

// The choices. EffectsFire accepts that they fire; EffectsGUC relies on their
// condition on our setting; EffectsHold has an owner stop them. Empty is no
// choice yet.
const (
	EffectsNone Effects = ""
	EffectsFire Effects = "fire"
	EffectsGUC  Effects = "guc"
	EffectsHold Effects = "hold"
)

// ParseEffects reads a choice. It refuses any other word (Invalid).
func ParseEffects(word string) (Effects, error) {
	switch e := Effects(strings.ToLower(strings.TrimSpace(word))); e {
	case EffectsFire, EffectsGUC, EffectsHold:
		return e, nil
	}
	return EffectsNone, RefuseEffects(word)
}

// Sync copies a table to or from another system, outside the database.
type Sync struct {
	Name      string
	Direction string // out, in or both
	Owner     string // Slack user id of who can stop it
}

// TwoWay says that a sync carries changes both ways: one that runs while a plan
// writes can bring the error back.
func (s Sync) TwoWay() bool { return s.Direction == "both" }

// String is the sync as an inventory holds it.
func (s Sync) String() string { return strings.Join([]string{s.Name, s.Direction, s.Owner}, " ") }

// syncOf reads a sync of an inventory.
func syncOf(text string) Sync {
	parts := append(strings.Fields(text), "", "", "")
	return Sync{Name: parts[0], Direction: parts[1], Owner: parts[2]}
}

// Copies are the declared syncs of the table.
func (i Inventory) Copies() []Sync {
	var out []Sync
	for _, s := range i.Syncs {
		out = append(out, syncOf(s))
	}
	return out
}

// SetOff names everything that a write to the set columns sets off unless
// somebody sees to it: "trigger lead_mail", "sync map_push". A trigger that
// spares our writes is not among them.
func (i Inventory) SetOff() []string {
	var names []string
	for _, t := range i.Firing() {
		names = append(names, "trigger "+t)
	}
	for _, s := range i.Copies() {
		names = append(names, "sync "+s.Name)
	}
	return names
}

// chosen refuses (side-effect) to ask for approvals while nobody has chosen what
// to do about what the writes set off, where a choice does not cover all of it,
// and a sync that copies both ways and is not held.
func (s Spec) chosen(inv Inventory) error {
	for _, c := range inv.Copies() {
		if c.TwoWay() && s.Effects != EffectsHold {
			return RefuseTwoWay(s.Ref, c.Name)
		}
	}
	set := inv.SetOff()
	switch s.Effects {
	case EffectsFire, EffectsHold:
		return nil
	case EffectsGUC:
		open := slices.DeleteFunc(set, func(name string) bool { return slices.Contains(s.Accepted, name) })
		if len(open) > 0 {
			return RefuseUnguarded(s.Ref, open)
		}
		return nil
	case EffectsNone:
	}
	if len(set) > 0 {
		return RefuseSideEffect(s.Ref, set)
	}
	return nil
}

// ToHold names what owners have to stop before the plan may write: nothing
// unless that was chosen.
func (s Spec) ToHold(inv Inventory) []string {
	if s.Effects != EffectsHold {
		return nil
	}
	return inv.SetOff()
}

// Held is one thing that its owner stops while a plan writes.
type Held struct {
	Name     string             // "sync map_push"
	Owners   []incidents.Person // any of them can say that it is stopped; empty: whoever leads the incident
	By       incidents.Person   // who said so; empty while nobody has
	At       time.Time
	Released bool // it runs again
}

// Stands says that it is stopped now.
func (h Held) Stands() bool { return h.By != "" && !h.Released }
