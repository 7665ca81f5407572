package approval

import (
	"context"
	"encoding/json"
	"fmt"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

const storeProposed = `
	update revisions
	set state = 'proposed', proposed_at = $3, pool = $4
	where plan = $1 and number = $2`

// Propose asks for approvals of a frozen plan. The incident moves to Restoring.
//
// It refuses who wrote no revision (not-author), another revision (stale),
// nothing to write (nothing), undecided records (undecided), unchosen side
// effects (side-effect), a plan that its source wants discussed and that nobody
// says was (discussed), counts that are too old (expired), and a source with
// fewer eligible approvers than the plan needs (too-few).
func (a *Approval) Propose(ctx context.Context, act journal.Act, stamp rollback.Stamp) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	before, err := read(ctx, a.db.Pool(), stamp.Plan, false)
	if err != nil {
		return err
	}
	src, err := a.source(before.source)
	if err != nil {
		return err
	}
	can, pool := a.approvers(ctx, before, src, by)
	return a.decide(ctx, act, stamp.Plan, nil, func(s *step) error {
		if err := s.fresh(stamp); err != nil {
			return err
		}
		if !s.wrote(by) {
			return rollback.RefuseNotAuthor(s.ref(), s.authors())
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		frozen, ok := state.(rollback.Frozen)
		if !ok {
			return rollback.RefuseState(s.ref(), state.Name(), "proposed", nextAfter(state.Name(), s.ref()))
		}
		if err := s.ruled(frozen.Spec()); err != nil {
			return err
		}
		if err := s.practised(); err != nil {
			return err
		}
		proposed, err := frozen.Propose(s.at)
		if err != nil {
			return err
		}
		if src.Discussed && !s.said.Done() {
			return rollback.RefuseUnsaid(s.ref(), s.said)
		}
		can := proposed.Can(can)
		if int64(len(can)) < proposed.Needs() {
			return rollback.RefuseTooFew(s.ref(), proposed.Needs(), can, src.Name, people(src.Admins, by))
		}
		body, err := json.Marshal(pool)
		if err != nil {
			return fmt.Errorf("write the approvers: %w", err)
		}
		if _, err := s.tx.Exec(ctx, storeProposed, s.id, s.rev.Number, s.at, body); err != nil {
			return fmt.Errorf("store the proposal: %w", err)
		}
		if err := s.say(ctx, Proposed{Rev: s.fact(), Writes: proposed.Writes(), Needs: proposed.Needs(), Can: names(can)}); err != nil {
			return err
		}
		if err := s.callAll(ctx, proposed.Spec(), proposed.Writes(), pool); err != nil {
			return err
		}
		if err := s.remindAt(ctx, s.at.Add(firstReminder)); err != nil {
			return err
		}
		return response.Restoring(ctx, s.tx, act, s.incident, s.at)
	})
}

// approvers asks Slack for everybody on the source's list: who counts now, and
// who is on it at all.
func (a *Approval) approvers(ctx context.Context, p *plan, src Source, by incidents.Person) (can, pool []incidents.Person) {
	pool = a.ask(ctx, p.incident, src, by).Pool
	for _, who := range pool {
		if a.ask(ctx, p.incident, src, who).Refuse(nil) == nil {
			can = append(can, who)
		}
	}
	return can, pool
}

func people(users []string, like incidents.Person) []incidents.Person {
	out := make([]incidents.Person, len(users))
	for i, u := range users {
		out[i] = person(u, like)
	}
	return out
}

func (p *plan) authors() []incidents.Person {
	var out []incidents.Person
	for _, q := range p.people {
		if q.Part == "requester" || q.Part == "author" {
			out = append(out, incidents.Person(q.Person))
		}
	}
	return out
}

// nextAfter is what a person can do about a plan in a state, when what they
// asked is not legal in it.
func nextAfter(state rollback.StateName, ref rollback.Ref) string {
	switch state {
	case rollback.NameDraft:
		return fmt.Sprintf("`plan freeze %s` fixes its records first.", ref)
	case rollback.NameFrozen:
		return fmt.Sprintf("`plan propose %s` asks for approvals first.", ref)
	case rollback.NameProposed:
		return "It waits for approvals."
	case rollback.NameApproved:
		return fmt.Sprintf("`run %s` starts it.", ref)
	case rollback.NameRunning:
		return fmt.Sprintf("`abort %s WHY` stops it.", ref)
	case rollback.NamePaused:
		return fmt.Sprintf("`resume %s` goes on, `abort %s WHY` ends it.", ref, ref)
	case rollback.NameExpired:
		return fmt.Sprintf("`plan freeze %s` counts anew.", ref)
	}
	return "Plan a new one."
}
