package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// The next update is promised from the first second to the end: by whoever says
// when, else by the usual time of the severity.

// Promise says when the next update will come. It refuses with Conflict what is
// resolved, and with Invalid a time that has passed or is more than a week ahead.
func (r *Response) Promise(ctx context.Context, act journal.Act, id incidents.ID, due time.Time) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		due = due.UTC().Truncate(time.Microsecond)
		if err := inc.PromiseAt(due, at); err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{incidents.Promised{Due: due}}, promise(ctx, tx, id, due, act.By, at, promiseChanged)
	})
}

// Promised returns the promise of an incident that stands; its Due is zero if
// there is none.
func (r *Response) Promised(ctx context.Context, id incidents.ID) (incidents.Promise, error) {
	return loadPromise(ctx, r.db.Pool(), id)
}

// keepPromise follows what a decision made of an incident: one that is worked on
// has a promise, a worse severity shortens the usual one, and one that is resolved
// has none. It returns the new one, or zero where it made none.
func (r *Response) keepPromise(ctx context.Context, tx pgx.Tx, was, now incidents.Incident, at time.Time) (due time.Time, err error) {
	if was.Phase().Live() == now.Phase().Live() && was.Severity == now.Severity {
		return due, nil
	}
	stands, err := loadPromise(ctx, tx, now.ID)
	if err != nil {
		return due, err
	}
	if !now.Phase().Live() {
		if stands.Due.IsZero() {
			return due, nil
		}
		return due, endPromise(ctx, tx, now.ID, promiseOver, at)
	}
	usual := now.Severity.Promises(at, r.home())
	if !stands.Due.IsZero() && !usual.Before(stands.Due) {
		return due, nil
	}
	return usual, promise(ctx, tx, now.ID, usual, incidents.System("response"), at, promiseChanged)
}

// home is where the people work who set this up; UTC if nobody said.
func (r *Response) home() *time.Location {
	if r.o.Home == nil {
		return time.UTC
	}
	return r.o.Home
}

const findMissed = `
	select p.incident
	from promises p join incidents i on i.id = p.incident
	where p.ended_at is null and p.due_at < $1 and i.phase in ('triage', 'contained', 'restoring')
		and (p.missed_at is null or p.told = 0 and p.due_at <= $2 or p.told = 1 and i.severity = 1 and p.due_at <= $3)
	order by p.due_at`

// Missed says of each promise that was not kept that it is overdue: the cards as
// soon as it is, the channel after five minutes, and at SEV1 again after fifteen.
// It returns how often.
func (r *Response) Missed(ctx context.Context) (int, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	rows, err := r.db.Pool().Query(ctx, findMissed, at, at.Add(-incidents.OverdueSaid), at.Add(-incidents.OverdueAgain))
	if err != nil {
		return 0, fmt.Errorf("read missed promises: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return 0, fmt.Errorf("read missed promises: %w", err)
	}
	told, faults := 0, []error(nil)
	for _, id := range ids {
		n, err := r.missed(ctx, id)
		told += n
		if err != nil {
			faults = append(faults, fmt.Errorf("tell that an update of %s is overdue: %w", id, err))
		}
	}
	return told, errors.Join(faults...)
}

func (r *Response) missed(ctx context.Context, id incidents.ID) (told int, err error) {
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		told = 0
		inc, at, err := relock(ctx, tx, r.db, id)
		if err != nil {
			return err
		}
		p, err := loadPromise(ctx, tx, id)
		if err != nil || p.Due.IsZero() || !inc.Phase().Live() {
			return err
		}
		late, was := at.Sub(p.Due), p
		var facts []incidents.Fact
		if late > 0 && !p.Missed {
			p.Missed = true
			facts = append(facts, incidents.UpdateMissed{Due: p.Due})
		}
		if said := inc.Severity.Overdue(late); said > p.Told {
			p.Told = said
			facts = append(facts, incidents.UpdateOverdue{Due: p.Due, Late: int64(late / time.Second), Lead: inc.Lead})
		}
		if told = len(facts); told == 0 {
			return nil
		}
		act := journal.Act{By: incidents.System("response"), Key: fmt.Sprintf("overdue:%d:%d:%d:%t", id, p.Due.UnixMicro(), p.Told, was.Missed)}
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		if err := savePromise(ctx, tx, id, p, at); err != nil {
			return err
		}
		return r.record(ctx, tx, act, id, at, facts)
	})
	return told, err
}

// NagUpdateDue calls the lead to mind of the update that was promised.
const NagUpdateDue = "update-due"

func (r *Response) nagUpdateDue(ctx context.Context, q asker, inc incidents.Incident, at time.Time) ([]incidents.Nag, error) {
	if !inc.Phase().Live() {
		return nil, nil
	}
	p, err := loadPromise(ctx, q, inc.ID)
	if err != nil || p.Due.IsZero() {
		return nil, err
	}
	say := incidents.Sentence("The next update of "+inc.Key()+" was promised by ", p.Due, ".")
	if !p.Ahead(at) {
		heard, err := lastUpdate(ctx, q, inc)
		if err != nil {
			return nil, err
		}
		silent := incidents.Took(at.Sub(heard).Truncate(time.Minute))
		say = incidents.Sentence("No update for "+silent+". The next one was promised by ", incidents.Near(p.Due, at), ".")
	}
	return []incidents.Nag{{
		Kind: NagUpdateDue, To: []incidents.Person{inc.Lead}, From: p.Due, Say: say,
		Beats: incidents.Beats{At: []time.Duration{-5 * time.Minute, 0, 15 * time.Minute}, Every: time.Hour},
		Do:    []incidents.NagAct{{Action: "update.open", Label: "Post update"}},
	}}, nil
}
