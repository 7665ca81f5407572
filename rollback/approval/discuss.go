package approval

import (
	"context"
	"fmt"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

const storeSaid = `
	update plans
	set asked = $2, discussed = $3, undiscussed = $4
	where id = $1`

// Discuss records who was asked about a plan and with whom it was discussed, or
// why not. What was said before stays where nothing new is said.
//
// It refuses nothing said (Invalid) and a plan that people approve or that has
// ended (state): what they read is what was said.
func (a *Approval) Discuss(ctx context.Context, act journal.Act, id rollback.ID, say rollback.Said) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	if say == (rollback.Said{}) {
		return refusal.Invalid("Say who was asked, or with whom it was discussed, in a few words.")
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		if now := s.stateName(); now != rollback.NameDraft && now != rollback.NameFrozen {
			return rollback.RefuseState(s.ref(), now, "discussed first", "What was said of it stands on its review.")
		}
		s.said = s.said.With(say)
		if _, err := s.tx.Exec(ctx, storeSaid, s.id, s.said.Asked, s.said.Discussed, s.said.Undiscussed); err != nil {
			return fmt.Errorf("store what was said: %w", err)
		}
		return s.say(ctx, Discussed{Rev: s.fact(), By: by, Asked: say.Asked, Discussed: say.Discussed, Undiscussed: say.Undiscussed})
	})
}

// Discussed says who was asked about a plan, with whom it was discussed, or why
// not.
type Discussed struct {
	Rev         Rev
	By          incidents.Person
	Asked       string
	Discussed   string
	Undiscussed string
}

// Kind names the fact.
func (Discussed) Kind() string { return "plan-discussed/1" }

// unsaid is true for a plan that its source wants discussed, and of which nobody
// has said that it was.
func (a *Approval) unsaid(p *plan) bool {
	src, err := a.source(p.source)
	return err == nil && src.Discussed && !p.said.Done()
}
