package approval

import (
	"context"
	"fmt"
	"slices"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback"
)

// One execution per digest and one live execution per source are constraints;
// so are two different voices that stand, and the deadline.
const insertExecution = `
	insert into executions (plan, digest, source, voice1, voice2, started_by, claimed_at, start_before)
	values ($1, $2, $3, $4, $5, $6, $7, $8)`

const storeState = `
	update revisions
	set state = $3
	where plan = $1 and number = $2`

const readLive = `
	select p.incident, p.number
	from executions e
	join plans p on p.id = e.plan
	where e.source = $1 and e.ended_at is null`

// Claim takes the one right to run an approved plan and asks for the run. Slack
// is asked again for every voice and for the starter, and everything that
// approving demanded is held to once more under the lock.
//
// It refuses who could not start it (guest, account, shared-channel,
// slack-unsure, not-listed), another name typed than the plan's (typed), another
// revision (stale), a plan that is not approved (state), a voice that no longer
// counts (guest, account, not-listed), approvals that are too old (expired), a
// start after the deadline (start-late), a plan that waits for another one to park
// records (contain-first), what has to be held and is not (hold), and a source on which another plan
// runs (running). A drill writes only to a source for practice (drill).
func (a *Approval) Claim(ctx context.Context, act journal.Act, stamp rollback.Stamp, typed string) error {
	v, err := a.voter(ctx, act, stamp.Plan)
	if err != nil {
		return err
	}
	asked, err := a.askVoices(ctx, stamp.Plan)
	if err != nil {
		return err
	}
	return a.decide(ctx, act, stamp.Plan, refusedRun("run"), func(s *step) error {
		if err := v.standing.Refuse(v.standing.Pool); err != nil {
			return err
		}
		if ref, err := rollback.ParseRef(typed); err != nil || ref != s.ref() {
			return rollback.RefuseTypedRef(s.ref())
		}
		if err := s.fresh(stamp); err != nil {
			return err
		}
		state, err := s.state()
		if err != nil {
			return err
		}
		approved, ok := state.(rollback.Approved)
		if !ok {
			return rollback.RefuseState(s.ref(), state.Name(), "started", nextAfter(state.Name(), s.ref()))
		}
		if err := s.ruled(approved.Spec()); err != nil {
			return err
		}
		if err := s.practised(); err != nil {
			return err
		}
		if err := s.containFirst(ctx); err != nil {
			return err
		}
		if err := s.voicesStand(asked, approved.Voices(s.at)); err != nil {
			return err
		}
		if err := s.heldAll(approved.Freeze()); err != nil {
			return err
		}
		running, err := approved.Start(v.by, s.at)
		if err != nil {
			return err
		}
		return s.start(ctx, running, approved)
	})
}

// askVoices asks Slack anew about everybody whose approval counts.
func (a *Approval) askVoices(ctx context.Context, id rollback.ID) (map[incidents.Person]Standing, error) {
	p, err := read(ctx, a.db.Pool(), id, false)
	if err != nil {
		return nil, err
	}
	src, err := a.source(p.source)
	if err != nil {
		return nil, err
	}
	others, err := a.others(ctx, id)
	if err != nil {
		return nil, err
	}
	asked := map[incidents.Person]Standing{}
	for _, v := range p.votes {
		if v.Counts {
			who := incidents.Person(v.Person)
			asked[who] = a.ask(ctx, p.incident, src, who, others...)
		}
	}
	return asked, nil
}

// voicesStand refuses unless each voice was asked about and still counts.
func (s *step) voicesStand(asked map[incidents.Person]Standing, voices []incidents.Person) error {
	barred, err := s.barred()
	if err != nil {
		return err
	}
	for _, who := range voices {
		if slices.Contains(barred, who) {
			return refuseVoice(s.ref(), who, rollback.RefuseInvolved(nil))
		}
		standing, ok := asked[who]
		if !ok {
			return refuseVoicesMoved(s.ref())
		}
		if err := standing.Refuse(nil); err != nil {
			return refuseVoice(s.ref(), who, err)
		}
	}
	return nil
}

func (s *step) start(ctx context.Context, r rollback.Running, approved rollback.Approved) error {
	var other incidents.ID
	var number int64
	if err := s.tx.QueryRow(ctx, readLive, s.source).Scan(&other, &number); err == nil {
		return rollback.RefuseRunning(s.sayOther(other, number), s.source, s.ref())
	}
	claim := r.Claim()
	_, err := s.tx.Exec(ctx, insertExecution, s.id, s.rev.Digest, s.source, claim.Voices[0], claim.Voices[1], claim.By, s.at, approved.StartBefore())
	switch {
	case pgdb.Broke(err, "executions_one_live"):
		return rollback.RefuseRunning("Another plan", s.source, s.ref())
	case pgdb.Broke(err, "executions_once"):
		return rollback.RefuseState(s.ref(), rollback.NameRunning, "started", nextAfter(rollback.NameRunning, s.ref()))
	case pgdb.Broke(err, "executions_in_time"):
		return rollback.RefuseStartLate(s.ref(), approved.StartBefore())
	case err != nil:
		return fmt.Errorf("insert execution: %w", err)
	}
	if _, err := s.tx.Exec(ctx, storeState, s.id, s.rev.Number, r.Name()); err != nil {
		return fmt.Errorf("store the start: %w", err)
	}
	if err := response.Hold(ctx, s.tx, s.incident, string(s.ref())); err != nil {
		return err
	}
	if err := s.askRun(ctx); err != nil {
		return err
	}
	if err := s.say(ctx, Claimed{Rev: s.fact(), Voices: names(claim.Voices), Starter: claim.By, Writes: r.Writes()}); err != nil {
		return err
	}
	if r.Spec().BreakGlass == nil || !slices.Contains(claim.Voices, s.requester) {
		return nil
	}
	return s.askReview(ctx, s.at.Add(reviewAgain))
}

// sayOther names the plan that runs: by its reference alone in this incident,
// with its key from another one.
func (s *step) sayOther(id incidents.ID, number int64) string {
	if id == s.incident {
		return string(rollback.NewRef(number))
	}
	return rollback.Label(id, rollback.NewRef(number))
}

const countOrders = `
	select count(*)
	from orders
	where plan = $1 and digest = $2`

// askRun asks for the run, or for going on with it.
func (s *step) askRun(ctx context.Context) error {
	var turn int64
	if err := s.tx.QueryRow(ctx, countOrders, s.id, s.rev.Digest).Scan(&turn); err != nil {
		return fmt.Errorf("count orders: %w", err)
	}
	return jobs.Add(ctx, s.tx, Run{Plan: s.id, Revision: s.rev.Number, Digest: s.digest(), Turn: turn})
}
