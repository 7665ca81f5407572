package approval

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// snoozeFor is how long somebody is left alone who asks for it.
const snoozeFor = time.Hour

const storeSnooze = `
	insert into plan_snoozes (plan, revision, person, until)
	values ($1, $2, $3, $4)
	on conflict (plan, revision, person) do update
	set until = excluded.until`

const readSnoozed = `
	select person
	from plan_snoozes
	where plan = $1 and revision = $2 and until >= $3`

// Snooze leaves who asks alone about a plan that waits for their approval, for an
// hour or until the last moment that helps, whichever comes first, and says until
// when. The plan waits for them as before.
//
// It refuses a plan that waits for no approvals (state), who cannot approve it
// (not-asked), while all reminders of the incident are silenced then (silenced), and
// once its counts are nearly too old (last-reminder).
func (a *Approval) Snooze(ctx context.Context, act journal.Act, id rollback.ID) (until time.Time, err error) {
	by, ok := act.By.Person()
	if !ok {
		return until, rollback.RefuseNotPerson()
	}
	err = a.decide(ctx, act, id, nil, func(s *step) error {
		v, err := s.view()
		switch {
		case err != nil:
			return err
		case s.stateName() != rollback.NameProposed:
			return rollback.RefuseState(s.ref(), s.stateName(), "put off", nextAfter(s.stateName(), s.ref()))
		case !slices.Contains(v.Can, by):
			return refusal.Forbidden("%s waits for others, so nobody reminds you of it.", s.ref()).Coded("not-asked")
		}
		last := s.rev.FreezeExpires.Add(-lastReminder).UTC()
		if until = s.at.Add(snoozeFor); until.After(last) {
			until = last
		}
		if !until.After(s.at) {
			return refusal.Conflict("The counts of %s are nearly too old, so nobody reminds you again. Approve it, reject it with `reject %s WHY`, or let it expire.", s.ref(), s.ref()).Coded("last-reminder")
		}
		switch silent, err := response.Silenced(ctx, s.tx, s.incident, until); {
		case err != nil:
			return err
		case silent:
			return refusal.Conflict("All reminders of %s are off, or put off for longer, so nobody reminds you of %s. `/snafu nag on %s` changes that.", s.incident, s.ref(), s.incident).Coded("silenced")
		}
		if _, err := s.tx.Exec(ctx, storeSnooze, s.id, s.rev.Number, by, until); err != nil {
			return fmt.Errorf("store until when nobody reminds: %w", err)
		}
		if err := jobs.AddAt(ctx, s.tx, Remind{Plan: s.id, Revision: s.rev.Number, At: until, Person: by}, until); err != nil {
			return err
		}
		return s.say(ctx, Snoozed{Rev: s.fact(), By: by, Until: until})
	})
	return until, err
}

// toRemind are those of whom a reminder of an instant wants an approval: who asked
// for it later, or else everybody; and never who asked for a later one still. It is
// nobody while all reminders of the incident are silenced.
func (s *step) toRemind(ctx context.Context, r Remind, can []incidents.Person) ([]incidents.Person, error) {
	silent, err := response.Silenced(ctx, s.tx, s.incident, s.at)
	if err != nil || silent {
		return nil, err
	}
	can, at := slices.Clone(can), r.At
	if r.Person != "" {
		can = slices.DeleteFunc(can, func(p incidents.Person) bool { return p != r.Person })
		at = at.Add(time.Microsecond) // this reminder itself is not the later one
	}
	rows, err := s.tx.Query(ctx, readSnoozed, s.id, s.rev.Number, at)
	if err != nil {
		return nil, fmt.Errorf("read whom nobody reminds: %w", err)
	}
	later, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read whom nobody reminds: %w", err)
	}
	return slices.DeleteFunc(can, func(p incidents.Person) bool { return slices.Contains(later, string(p)) }), nil
}

// Snoozed says that somebody is left alone about a plan for a while.
type Snoozed struct {
	Rev   Rev
	By    incidents.Person
	Until time.Time
}

// Kind names the fact.
func (Snoozed) Kind() string { return "reminder-snoozed/1" }
