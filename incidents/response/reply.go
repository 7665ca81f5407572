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

// An answer outside of Slack by somebody whom nobody knows here stands on the card
// of the call, and changes nothing else.
const insertHeard = `
	insert into page_sends (page, step, way, event, person, people, asked_at, state, said, done_at)
	values ($1, 0, $2, 'heard', '', '{}', $3, 'accepted', $4, $3)`

// Heard records what was done about a call elsewhere, by somebody who is nobody
// here: the call goes on, because they can be asked nothing. Of a call that was
// answered or has ended it records nothing.
func (r *Response) Heard(ctx context.Context, act journal.Act, id incidents.ID, page int64, way, said string) error {
	err := r.onPage(ctx, act, id, page, func(tx pgx.Tx, p incidents.Page, _ incidents.Incident, at time.Time) (incidents.Page, []incidents.Fact, error) {
		if p.State != incidents.PageCalling && p.State != incidents.PageUnanswered {
			return p, nil, nil
		}
		said := incidents.Line(said, 120)
		if _, err := tx.Exec(ctx, insertHeard, p.ID, way, at, said); err != nil {
			return p, nil, fmt.Errorf("keep what was heard: %w", err)
		}
		return p, []incidents.Fact{incidents.CallSent{Page: p.ID, Way: way, Event: incidents.SendHeard, Accepted: true, Said: said}}, nil
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

const ownersOf = `
	select person
	from contacts
	where way = 'phone' and address = $1 and verified_at is not null
	order by person`

// OwnersOf returns whose telephone number that is, by their own word: those who
// typed back the code that was sent to it.
func (r *Response) OwnersOf(ctx context.Context, number string) ([]incidents.Person, error) {
	rows, err := r.db.Pool().Query(ctx, ownersOf, number)
	if err != nil {
		return nil, fmt.Errorf("read whose number that is: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read whose number that is: %w", err)
	}
	return persons(people), nil
}

// repliesFor is how long after a call a word from a telephone is taken for an
// answer to it.
const repliesFor = 24 * time.Hour

const (
	// The newest call that wants an answer from them, else the newest that they can
	// join. An older ladder may have come to them last.
	calledLast = `
	select p.incident, p.id
	from pages p
	join page_steps s on s.page = p.id
	where p.state <> 'ended' and $1 = any(s.people) and s.at > $2
	order by p.state = 'answered', s.at desc, p.id desc
	limit 1`

	// The chains of what they were called for are few: nothing finds an entry by its
	// key alone.
	ackedBefore = `
	select j.chain
	from journal j
	where j.act_key = $1 and j.chain in (
		select p.incident
		from pages p
		join page_steps s on s.page = p.id
		where $2 = any(s.people))
	limit 1`
)

// AckLast says that whoever acts is on it: the call of a day that called them last.
// It returns the incident, 0 where nobody has called them. It refuses as Ack does; an
// act that comes again is ErrAlready, with the incident of the first time.
func (r *Response) AckLast(ctx context.Context, act journal.Act) (incidents.ID, error) {
	by, err := person(act)
	if err != nil {
		return 0, err
	}
	id, err := r.ackLast(ctx, act, by)
	if id != 0 && !errors.Is(err, journal.ErrAlready) || err != nil && id == 0 {
		return id, err
	}
	var before int64
	was := r.db.Pool().QueryRow(ctx, ackedBefore, act.Key, string(by)).Scan(&before)
	switch {
	case errors.Is(was, pgx.ErrNoRows):
		return id, err
	case was != nil:
		return 0, fmt.Errorf("read what was answered before: %w", was)
	}
	return incidents.ID(before), journal.ErrAlready
}

func (r *Response) ackLast(ctx context.Context, act journal.Act, by incidents.Person) (incidents.ID, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	var id, page int64
	err = r.db.Pool().QueryRow(ctx, calledLast, string(by), at.Add(-repliesFor)).Scan(&id, &page)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read who was called: %w", err)
	}
	return incidents.ID(id), r.Ack(ctx, act, incidents.ID(id), page)
}

// hintsEvery is how often somebody is told by text how to answer: two programs that
// answer each other would go on for ever.
const hintsEvery = 10 * time.Minute

// FirstHint says whether somebody may be told by text how to answer: once in ten
// minutes.
func (r *Response) FirstHint(ctx context.Context, p incidents.Person) (first bool, err error) {
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		return journal.Take(ctx, tx, journal.Act{By: p.Actor(), Key: fmt.Sprintf("sms-hint:%s:%d", p, at.Truncate(hintsEvery).Unix())})
	})
	if errors.Is(err, journal.ErrAlready) {
		return false, nil
	}
	return err == nil, err
}
