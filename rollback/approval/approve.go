package approval

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/rollback"
)

// voter is a person whose standing was asked before the transaction.
type voter struct {
	by       incidents.Person
	standing Standing
}

func (a *Approval) voter(ctx context.Context, act journal.Act, id rollback.ID) (voter, error) {
	by, ok := act.By.Person()
	if !ok {
		return voter{}, rollback.RefuseNotPerson()
	}
	p, err := a.incidentOf(ctx, id)
	if err != nil {
		return voter{}, err
	}
	src, err := a.source(p.source)
	if err != nil {
		return voter{}, err
	}
	others, err := a.others(ctx, id)
	if err != nil {
		return voter{}, err
	}
	return voter{by: by, standing: a.ask(ctx, p.incident, src, by, others...)}, nil
}

// Who asked for a plan, wrote a revision or approved the newest one.
const readOthers = `
	select person
	from plan_people
	where plan = $1 and part in ('requester', 'author')
	union
	select a.person
	from approvals a
	join plans p on p.id = a.plan
	join revisions r on r.plan = p.id and r.number = p.newest and r.digest = a.digest
	where a.plan = $1 and a.counts
	order by 1`

func (a *Approval) others(ctx context.Context, id rollback.ID) ([]incidents.Person, error) {
	rows, err := a.db.Pool().Query(ctx, readOthers, id)
	if err != nil {
		return nil, fmt.Errorf("read who took part in a plan: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[incidents.Person])
	if err != nil {
		return nil, fmt.Errorf("read who took part in a plan: %w", err)
	}
	return people, nil
}

// admit refuses, in this order: an account that is no full member, a plan that
// is not waiting for approvals, who took part in it, who is not on the list.
func (s *step) admit(v voter, stamp rollback.Stamp, what string) (rollback.Proposed, []incidents.Person, error) {
	var none rollback.Proposed
	can := s.without(v.standing.Pool)
	if len(v.standing.Pool) == 0 {
		can = s.without(s.pool())
	}
	can = slices.DeleteFunc(can, func(p incidents.Person) bool { return p == v.by })
	if err := v.standing.Account(can); err != nil {
		return none, can, err
	}
	if err := s.fresh(stamp); err != nil {
		return none, can, err
	}
	state, err := s.state()
	if err != nil {
		return none, can, err
	}
	proposed, ok := state.(rollback.Proposed)
	if !ok {
		if s.voted(v.by) {
			return none, can, rollback.RefuseVoted()
		}
		return none, can, rollback.RefuseState(s.ref(), state.Name(), what, nextAfter(state.Name(), s.ref()))
	}
	if err := proposed.Eligible(v.by, can); err != nil {
		return none, can, err
	}
	return proposed, can, v.standing.Refuse(can)
}

// voted says whether a person's approval of the newest revision counts.
func (p *plan) voted(who incidents.Person) bool {
	for _, v := range p.votes {
		if v.Person == string(who) && v.Counts {
			return true
		}
	}
	return false
}

// Review answers the press of [Review and approve]: it changes nothing, and
// refuses at once who cannot approve or looks at an old revision.
func (a *Approval) Review(ctx context.Context, act journal.Act, stamp rollback.Stamp) error {
	v, err := a.voter(ctx, act, stamp.Plan)
	if err != nil {
		return err
	}
	return a.decide(ctx, act, stamp.Plan, refusedApproval("review"), func(s *step) error {
		proposed, can, err := s.admit(v, stamp, "approved")
		if err != nil {
			return err
		}
		return proposed.Review(v.by, stamp.Digest, can, s.at)
	})
}

// A second approval by the same person breaks approvals_one_per_person, even if
// the plan was not locked.
const insertApproval = `
	insert into approvals (plan, digest, person, part, requester_counts, typed, standing, act, at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

const storeApproved = `
	update revisions
	set state = 'approved', start_before = $3
	where plan = $1 and number = $2`

// Approve counts one person's approval of exactly the plan they read: the
// number they typed and the instant at which they opened it come along. The
// last one needed approves the plan.
//
// Nothing is counted, and the refusal is journalled, for who Slack says is no
// full member or does not name (guest, account, shared-channel, slack-unsure),
// is not on the list (not-listed) or took part (self, author, involved); for
// another revision (stale), counts that are too old (expired), a second voice
// (voted) or one taken back (withdrew), a click too soon or too late (too-soon,
// too-late), another number (typed) and a plan that does not wait (state).
func (a *Approval) Approve(ctx context.Context, act journal.Act, stamp rollback.Stamp, typed int64, opened time.Time) error {
	v, err := a.voter(ctx, act, stamp.Plan)
	if err != nil {
		return err
	}
	return a.decide(ctx, act, stamp.Plan, refusedApproval("approve"), func(s *step) error {
		proposed, can, err := s.admit(v, stamp, "approved")
		if err != nil {
			return err
		}
		click := rollback.Click{By: v.by, Read: stamp.Digest, Typed: typed, Opened: opened, MinRead: a.minRead}
		state, err := proposed.Approve(click, can, s.at)
		if err != nil {
			return err
		}
		return s.count(ctx, v, proposed.Spec(), typed, state)
	})
}

func (s *step) count(ctx context.Context, v voter, spec rollback.Spec, typed int64, state rollback.State) error {
	part := "approver"
	if v.by == spec.Requester {
		part = "requester"
	}
	if err := s.join(ctx, v.by, part); err != nil {
		return err
	}
	standing, err := json.Marshal(v.standing)
	if err != nil {
		return fmt.Errorf("write standing: %w", err)
	}
	_, err = s.tx.Exec(ctx, insertApproval, s.id, s.rev.Digest, v.by, part, spec.RequesterVotes(), typed, standing, s.act.Key, s.at)
	if pgdb.Broke(err, "approvals_one_per_person") {
		return rollback.RefuseVoted()
	}
	if err != nil {
		return fmt.Errorf("insert approval: %w", err)
	}
	given := Given{Rev: s.fact(), By: v.by, Typed: typed, Count: spec.Needs, Needs: spec.Needs}
	approved, ok := state.(rollback.Approved)
	if !ok {
		given.Count = spec.Needs - state.(rollback.Proposed).Missing(s.at) //nolint:forcetypeassert // Approve gives one of the two
		return s.say(ctx, given)
	}
	if err := s.say(ctx, given); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, storeApproved, s.id, s.rev.Number, approved.StartBefore()); err != nil {
		return fmt.Errorf("store the last approval: %w", err)
	}
	if err := s.expireAt(ctx, approved.StartBefore()); err != nil {
		return err
	}
	return s.say(ctx, Approved{Rev: s.fact(), Voices: names(approved.Voices(s.at)), StartBefore: approved.StartBefore()})
}
