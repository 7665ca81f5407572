package approval

import (
	"context"
	"fmt"
	"strings"

	"snafu/incidents/journal"
	"snafu/rollback"
)

const stopCounting = `
	update approvals
	set counts = false
	where plan = $1 and digest = $2 and person = $3 and counts`

const storeWaiting = `
	update revisions
	set state = 'proposed', start_before = null
	where plan = $1 and number = $2`

// WithdrawApproval takes back the approval of who asks, until the plan starts.
// They cannot give it again on this revision. It refuses who gave none, and a
// plan that has started or ended (state).
func (a *Approval) WithdrawApproval(ctx context.Context, act journal.Act, stamp rollback.Stamp) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, stamp.Plan, refusedApproval("withdraw-approval"), func(s *step) error {
		if err := s.fresh(stamp); err != nil {
			return err
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		switch st := state.(type) {
		case rollback.Proposed:
			_, err = st.WithdrawApproval(by)
		case rollback.Approved:
			_, err = st.WithdrawApproval(by)
		default:
			err = rollback.RefuseState(s.ref(), state.Name(), "changed by taking an approval back", nextAfter(state.Name(), s.ref()))
		}
		if err != nil {
			return err
		}
		if _, err := s.tx.Exec(ctx, stopCounting, s.id, s.rev.Digest, by); err != nil {
			return fmt.Errorf("withdraw approval: %w", err)
		}
		if _, err := s.tx.Exec(ctx, storeWaiting, s.id, s.rev.Number); err != nil {
			return fmt.Errorf("store that the plan waits: %w", err)
		}
		// The last approval had put its own deadline in the place of the counts'.
		if err := s.expireAt(ctx, s.rev.FreezeExpires.UTC()); err != nil {
			return err
		}
		return s.say(ctx, TakenBack{Rev: s.fact(), By: by})
	})
}

// Reject ends a plan that waits or is approved; one eligible no is enough. It
// refuses who could not approve either (guest, account, not-listed, self and so
// on), an empty reason, and a plan that has started or ended (state).
func (a *Approval) Reject(ctx context.Context, act journal.Act, stamp rollback.Stamp, why string) error {
	if why = strings.TrimSpace(why); why == "" {
		return refuseNoReason("plan")
	}
	v, err := a.voter(ctx, act, stamp.Plan)
	if err != nil {
		return err
	}
	return a.decide(ctx, act, stamp.Plan, refusedApproval("reject"), func(s *step) error {
		can := s.without(v.standing.Pool)
		if err := v.standing.Account(can); err != nil {
			return err
		}
		if err := s.fresh(stamp); err != nil {
			return err
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		var ended rollback.Ended
		switch st := state.(type) {
		case rollback.Proposed:
			ended, err = st.Reject(why), st.Eligible(v.by, can)
		case rollback.Approved:
			ended, err = st.Reject(why), st.Eligible(v.by, can)
		default:
			return rollback.RefuseState(s.ref(), state.Name(), "rejected", nextAfter(state.Name(), s.ref()))
		}
		if err != nil {
			return err
		}
		if err := v.standing.Refuse(can); err != nil {
			return err
		}
		if err := s.end(ctx, ended); err != nil {
			return err
		}
		return s.say(ctx, Rejected{Rev: s.fact(), By: v.by, Why: why})
	})
}

// Withdraw ends a plan by one of its authors or the lead, before it starts. It
// refuses anybody else (not-author) and a plan that has started or ended
// (state).
func (a *Approval) Withdraw(ctx context.Context, act journal.Act, id rollback.ID, why string) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		if !s.wrote(by) && by != s.inc.Lead {
			return rollback.RefuseNotAuthor(s.ref(), append(s.authors(), s.inc.Lead))
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		withdrawer, ok := state.(interface {
			Withdraw(why string) rollback.Ended
		})
		if !ok {
			return rollback.RefuseState(s.ref(), state.Name(), "withdrawn", nextAfter(state.Name(), s.ref()))
		}
		if err := s.end(ctx, withdrawer.Withdraw(why)); err != nil {
			return err
		}
		return s.say(ctx, Withdrawn{Rev: s.fact(), Why: why})
	})
}
