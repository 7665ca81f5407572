package approval

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

const insertInvolved = `
	insert into involved (incident, person, said_by, at)
	values ($1, $2, $3, $4)
	on conflict (incident, person) do nothing`

// Involve records that somebody had a part in the cause, as they say themselves
// or as the lead records. Nobody is asked for it, and no reason is kept. Their
// approval counts for no plan of the incident from then on, unless the source
// lets it; a plan that it counted for goes back to draft. A second time changes
// nothing.
//
// It refuses who records it about somebody else and does not lead (not-lead).
func (a *Approval) Involve(ctx context.Context, act journal.Act, id incidents.ID, who incidents.Person) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, a.db, act, id)
		if err != nil {
			return err
		}
		if by != who && by != inc.Lead {
			return rollback.RefuseRecordInvolved(inc.Lead)
		}
		tag, err := tx.Exec(ctx, insertInvolved, id, who, by, at)
		if err != nil {
			return fmt.Errorf("record who is involved: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		if err := journal.Append(ctx, tx, id, act, at, Involved{Person: who}); err != nil {
			return err
		}
		return a.eachOpen(ctx, tx, act, inc, at, func(s *step) error { return s.lose(ctx, who) })
	})
}

// lose makes of a plan what it is without one of the people who could approve.
func (s *step) lose(ctx context.Context, who incidents.Person) error {
	spec, err := s.spec()
	if err != nil || spec.InvolvedCounts {
		return err
	}
	if !s.voted(who) {
		if s.stateName() != rollback.NameProposed {
			return nil
		}
		return s.say(ctx, FewerCan{Rev: s.fact()})
	}
	// As it stands until now: its approvals are those that were given.
	s.involved = slices.DeleteFunc(s.involved, func(q involvedRow) bool { return q.Person == string(who) })
	state, err := s.state()
	if err != nil {
		return err
	}
	d, ok := state.(movable)
	if !ok {
		return nil
	}
	return s.supersede(ctx, d, "involved", "an approval of it does not count any more")
}
