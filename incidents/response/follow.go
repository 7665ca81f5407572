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

const upsertFollower = `
	insert into followers (incident, person, since)
	values ($1, $2, $3)
	on conflict (incident, person) do update
	set since = excluded.since, ended_at = null
	where followers.ended_at is not null`

const endFollower = `
	update followers
	set ended_at = $3
	where incident = $1 and person = $2 and ended_at is null`

// Follow lets somebody hear of each update, change of phase and end, by direct
// message; who follows already is no news. It refuses with Forbidden whoever is
// not the lead and chooses somebody else.
func (r *Response) Follow(ctx context.Context, act journal.Act, id incidents.ID, who incidents.Person) error {
	return r.following(ctx, act, id, who, upsertFollower, incidents.Followed{People: []incidents.Person{who}})
}

// Unfollow ends that, with the same refusals.
func (r *Response) Unfollow(ctx context.Context, act journal.Act, id incidents.ID, who incidents.Person) error {
	return r.following(ctx, act, id, who, endFollower, incidents.Unfollowed{People: []incidents.Person{who}})
}

func (r *Response) following(ctx context.Context, act journal.Act, id incidents.ID, who incidents.Person, change string, fact incidents.Fact) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		if err := inc.MayFollow(act.By, who); err != nil {
			return inc, nil, err
		}
		tag, err := tx.Exec(ctx, change, int64(id), string(who), at)
		if err != nil {
			return inc, nil, fmt.Errorf("keep who follows: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return inc, nil, nil
		}
		return inc, []incidents.Fact{fact}, nil
	})
}

const findFollowers = `
	select person
	from followers
	where incident = $1 and ended_at is null
	order by since, person`

// Followers are who hears of an incident by direct message.
func (r *Response) Followers(ctx context.Context, id incidents.ID) ([]incidents.Person, error) {
	return followers(ctx, r.db.Pool(), id)
}

func followers(ctx context.Context, q asker, id incidents.ID) ([]incidents.Person, error) {
	rows, err := q.Query(ctx, findFollowers, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read who follows: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[incidents.Person])
	if err != nil {
		return nil, fmt.Errorf("read who follows: %w", err)
	}
	return people, nil
}

const findFollowed = `
	select incident
	from followers
	where person = $1 and ended_at is null
	order by incident`

// Follows are the incidents that somebody follows.
func (r *Response) Follows(ctx context.Context, p incidents.Person) ([]incidents.ID, error) {
	rows, err := r.db.Pool().Query(ctx, findFollowed, string(p))
	if err != nil {
		return nil, fmt.Errorf("read what somebody follows: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[incidents.ID])
	if err != nil {
		return nil, fmt.Errorf("read what somebody follows: %w", err)
	}
	return ids, nil
}

const findSettings = `
	select rest_from, rest_to, rest_weekends, dm_updates, dm_phases
	from person_settings
	where person = $1`

// Settings returns what somebody wants of the bot: what they set, else the usual.
func (r *Response) Settings(ctx context.Context, p incidents.Person) (incidents.Settings, error) {
	var s incidents.Settings
	err := r.db.Pool().QueryRow(ctx, findSettings, string(p)).Scan(&s.Rest.From, &s.Rest.To, &s.Rest.Weekends, &s.Updates, &s.Phases)
	if errors.Is(err, pgx.ErrNoRows) {
		return incidents.UsualSettings, nil
	}
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	return s, nil
}

const upsertSettings = `
	insert into person_settings (person, rest_from, rest_to, rest_weekends, dm_updates, dm_phases, set_at)
	values ($1, $2, $3, $4, $5, $6, $7)
	on conflict (person) do update
	set rest_from = excluded.rest_from, rest_to = excluded.rest_to, rest_weekends = excluded.rest_weekends,
		dm_updates = excluded.dm_updates, dm_phases = excluded.dm_phases, set_at = excluded.set_at`

// Set keeps what whoever acts wants of the bot. It refuses with Invalid a time of
// day that is none.
func (r *Response) Set(ctx context.Context, act journal.Act, s incidents.Settings) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	if err := s.Check(); err != nil {
		return err
	}
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		if err := journal.Take(ctx, tx, act); err != nil {
			return err
		}
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, upsertSettings, string(by), s.Rest.From, s.Rest.To, s.Rest.Weekends, s.Updates, s.Phases, at); err != nil {
			return fmt.Errorf("keep settings: %w", err)
		}
		return nil
	})
}
