package rollback

import (
	"fmt"
	"slices"
	"time"

	"snafu/incidents"
)

// Saved is a revision as its rows hold it.
type Saved struct {
	Spec      Spec
	State     StateName
	Why       string
	Freeze    *Freeze
	Canonical []byte
	Digest    Digest
	Proposed  time.Time
	Approvals []Approval         // that count, oldest first
	Withdrew  []incidents.Person // took back an approval of this revision
	Involved  []incidents.Person
	Claim     *Claim
}

// Load rebuilds a state by making its decisions again: the freeze must give the
// stored digest, each approval must still be one, and a running plan is started
// anew from its approvals. Rows that were changed behind our back make no
// Approved and no Running: Load refuses them (RefuseDigest) or fails.
func Load(s Saved) (State, error) {
	d, err := NewDraft(s.Spec)
	if err != nil {
		return nil, err
	}
	d.involved, d.withdrew = s.Involved, s.Withdrew
	if s.Freeze == nil {
		return loadDraft(s, d)
	}
	f, err := d.Freeze(*s.Freeze)
	if err != nil {
		return nil, err
	}
	if f.digest != s.Digest || !slices.Equal(f.canonical, s.Canonical) {
		return nil, RefuseDigest(s.Spec.Ref)
	}
	if s.State == NameFrozen {
		return f, nil
	}
	f.proposed = s.Proposed
	if !s.State.Open() {
		f.approvals = s.Approvals
		if s.Claim != nil {
			f.claim = *s.Claim
		}
		return f.end(s.State, s.Why), nil
	}
	return loadVoted(s, Proposed(f))
}

func loadDraft(s Saved, d Draft) (State, error) {
	switch {
	case s.State == NameDraft:
		return d, nil
	case s.State.Open():
		return nil, fmt.Errorf("load %s: %s without a freeze", s.Spec.Is(), s.State)
	}
	return d.end(s.State, s.Why), nil
}

// loadVoted counts the approvals again, and starts again what was started.
func loadVoted(s Saved, p Proposed) (State, error) {
	var state State = p
	for _, a := range s.Approvals {
		open, ok := state.(Proposed)
		switch {
		case !ok:
			return nil, fmt.Errorf("load %s: an approval after the last one needed", s.Spec.Is())
		case open.Eligible(a.By, nil) != nil, open.approvedBy(a.By), slices.Contains(open.withdrew, a.By), a.Typed != open.freeze.Writes:
			return nil, fmt.Errorf("load %s: an approval that could not have been given", s.Spec.Is())
		}
		state = open.vote(a)
		if enough, ok := state.(Approved); ok && s.State == NameProposed && len(s.Withdrew) > 0 {
			// Where the clock went back, an approval may have run out when another one
			// was given and count again behind a third. Whoever then took one back has
			// the last word: the plan waits.
			state = Proposed(enough)
		}
	}
	if s.State.Live() {
		a, ok := state.(Approved)
		if !ok || s.Claim == nil {
			return nil, fmt.Errorf("load %s: running without the approvals it needs", s.Spec.Is())
		}
		r, err := a.Start(s.Claim.By, s.Claim.At)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", s.Spec.Is(), err)
		}
		if !slices.Equal(r.claim.Voices, s.Claim.Voices) {
			return nil, fmt.Errorf("load %s: the claim names other voices than the approvals", s.Spec.Is())
		}
		state = r
		if s.State == NamePaused {
			state = r.Pause()
		}
	}
	if state.Name() != s.State {
		return nil, fmt.Errorf("load %s: stored as %s, its approvals make it %s", s.Spec.Is(), s.State, state.Name())
	}
	return state, nil
}
