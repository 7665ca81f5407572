package approval

import (
	"context"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// Trust records which of two evidences counts where they disagree. Who decides
// becomes an author of the plan; its next revision says so, is frozen anew, and is
// compared by hand.
//
// It refuses what Edit refuses, a plan without a second evidence (nothing), a name
// that is neither (no-evidence), a plan that is not frozen (state), and an empty
// reason.
func (a *Approval) Trust(ctx context.Context, act journal.Act, stamp rollback.Stamp, take, why string) error {
	if why == "" {
		return refuseNoReason("plan")
	}
	return a.newest(ctx, act, stamp, func(s *step, by incidents.Person, src Source) error {
		spec, err := s.spec()
		if err != nil {
			return err
		}
		if s.stateName() != rollback.NameFrozen {
			return rollback.RefuseState(s.ref(), s.stateName(), "decided about", nextAfter(s.stateName(), s.ref()))
		}
		e, err := spec.Trusted(take, by, incidents.Line(why, glassWhyMax), s.at)
		if err != nil {
			return err
		}
		d, ended, err := s.edited(ctx, rollback.Edit{By: by, Scope: spec.Scope, Decisions: spec.Decisions, Effects: spec.Effects, Accepted: spec.Accepted, Evidence: &e})
		if err != nil {
			return err
		}
		if err := s.join(ctx, by, s.authorPart(by)); err != nil {
			return err
		}
		if err := s.say(ctx, EvidenceTrusted{Rev: s.fact(), By: by, Take: take, Beside: e.Beside.Name, Why: e.Beside.Why}); err != nil {
			return err
		}
		return s.instead(ctx, *ended, src.now(d), s.authorPart(by), "evidence", "decided which evidence counts")
	})
}

// EvidenceTrusted says that somebody has decided which of two evidences counts
// where they disagree.
type EvidenceTrusted struct {
	Rev    Rev
	By     incidents.Person
	Take   string // name of the one, or neither
	Beside string // name of the second
	Why    string
}

// Kind names the fact.
func (EvidenceTrusted) Kind() string { return "evidence-trusted/1" }
