package approval

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// step is one decision inside its transaction: incident and plan are locked,
// the instant is the one after the locks.
type step struct {
	a   *Approval
	tx  pgx.Tx
	act journal.Act
	at  time.Time
	inc incidents.Incident
	*plan
}

func (s *step) say(ctx context.Context, fact incidents.Fact) error {
	return journal.Append(ctx, s.tx, s.incident, s.act, s.at, fact)
}

// incidentOf finds whose plan it is, before any lock. A plan never moves: its
// incident, number, source and requester stay what they are. Nothing else is read.
func (a *Approval) incidentOf(ctx context.Context, id rollback.ID) (*plan, error) {
	p, _, err := readHead(ctx, a.db.Pool(), readPlan, id)
	return p, err
}

// decide runs one decision about a plan in its own transaction. A refusal undoes
// what the decision did and is journalled as the fact that refused makes of it;
// nil leaves it out of the journal.
func (a *Approval) decide(ctx context.Context, act journal.Act, id rollback.ID, refused func(*step, *refusal.Error) incidents.Fact, do func(*step) error) error {
	before, err := a.incidentOf(ctx, id)
	if err != nil {
		return err
	}
	var no *refusal.Error
	err = a.db.InTx(ctx, func(tx pgx.Tx) error {
		no = nil
		s, err := a.begin(ctx, tx, act, before.incident, id)
		if err != nil {
			return err
		}
		nested, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		s.tx = nested
		err = do(s)
		if err == nil {
			return nested.Commit(ctx)
		}
		said, ok := refusal.As(err)
		if !ok || refused == nil {
			return err
		}
		if err := nested.Rollback(ctx); err != nil {
			return err
		}
		no, s.tx = said, tx
		fact := refused(s, said)
		if fact == nil {
			return nil
		}
		return s.say(ctx, fact)
	})
	if err != nil {
		return err
	}
	if no != nil {
		return no
	}
	return nil
}

// begin takes the act key and the locks, in the order of the house: incident,
// plan, journal head.
func (a *Approval) begin(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, plan rollback.ID) (*step, error) {
	inc, at, err := response.Lock(ctx, tx, a.db, act, id)
	if err != nil {
		return nil, err
	}
	p, err := read(ctx, tx, plan, true)
	if err != nil {
		return nil, err
	}
	return &step{a: a, tx: tx, act: act, at: at, inc: inc, plan: p}, nil
}

// refusedApproval journals that a decision about approving was not counted.
func refusedApproval(what string) func(*step, *refusal.Error) incidents.Fact {
	return func(s *step, no *refusal.Error) incidents.Fact {
		by, _ := s.act.By.Person()
		return Refused{Rev: s.fact(), By: by, Act: what, Code: no.Code}
	}
}

// refusedRun journals that a run was not started, or an order not taken.
func refusedRun(what string) func(*step, *refusal.Error) incidents.Fact {
	return func(s *step, no *refusal.Error) incidents.Fact {
		return RunRefused{Rev: s.fact(), By: s.act.By, Act: what, Code: no.Code}
	}
}

// fresh refuses a stamp of another revision or digest than the newest.
func (s *step) fresh(stamp rollback.Stamp) error {
	if stamp.Revision == s.rev.Number && stamp.Digest == s.digest() {
		return nil
	}
	at := s.rev.DraftedAt
	if stamp.Revision >= s.rev.Number {
		at = time.Time{}
	}
	return rollback.RefuseStale(s.ref(), stamp.Revision, s.rev.Number, at)
}
