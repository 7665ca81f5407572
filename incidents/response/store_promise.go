package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

// Why a promise does not stand any more.
const (
	promiseUpdated = "update"
	promiseChanged = "changed"
	promiseOver    = "over"
)

type promiseRow struct {
	Due    time.Time `db:"due_at"`
	Made   time.Time `db:"made_at"`
	By     string    `db:"made_by"`
	Missed bool      `db:"missed"`
	Told   int64     `db:"told"`
}

const findPromise = `
	select due_at, made_at, made_by, missed_at is not null as missed, told
	from promises
	where incident = $1 and ended_at is null`

// loadPromise returns the promise that stands, or none.
func loadPromise(ctx context.Context, q asker, id incidents.ID) (incidents.Promise, error) {
	rows, err := q.Query(ctx, findPromise, int64(id))
	if err != nil {
		return incidents.Promise{}, fmt.Errorf("read promise: %w", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[promiseRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return incidents.Promise{}, nil
	}
	if err != nil {
		return incidents.Promise{}, fmt.Errorf("read promise: %w", err)
	}
	return incidents.Promise{Due: p.Due.UTC(), Made: p.Made.UTC(), By: incidents.Actor(p.By), Missed: p.Missed, Told: p.Told}, nil
}

const endStanding = `
	update promises
	set ended_at = $2, ended_why = $3
	where incident = $1 and ended_at is null`

func endPromise(ctx context.Context, tx pgx.Tx, id incidents.ID, why string, at time.Time) error {
	if _, err := tx.Exec(ctx, endStanding, int64(id), at, why); err != nil {
		return fmt.Errorf("end promise: %w", err)
	}
	return nil
}

const insertPromise = `
	insert into promises (incident, number, due_at, made_at, made_by)
	select $1, coalesce(max(number), 0) + 1, $2, $3, $4
	from promises
	where incident = $1`

// promise makes a promise that takes the place of the one that stands, for a
// reason, under the lock of the incident.
func promise(ctx context.Context, tx pgx.Tx, id incidents.ID, due time.Time, by incidents.Actor, at time.Time, why string) error {
	if err := endPromise(ctx, tx, id, why, at); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, insertPromise, int64(id), due, at, string(by)); err != nil {
		return fmt.Errorf("keep promise: %w", err)
	}
	return nil
}

const updatePromise = `
	update promises
	set missed_at = case when $2 then coalesce(missed_at, $4) end, told = $3
	where incident = $1 and ended_at is null`

func savePromise(ctx context.Context, tx pgx.Tx, id incidents.ID, p incidents.Promise, at time.Time) error {
	if _, err := tx.Exec(ctx, updatePromise, int64(id), p.Missed, p.Told, at); err != nil {
		return fmt.Errorf("save promise: %w", err)
	}
	return nil
}

const findLastUpdate = `
	select max(posted_at)
	from updates
	where incident = $1`

// lastUpdate is when the newest update was posted, or since when there is none.
func lastUpdate(ctx context.Context, q asker, inc incidents.Incident) (time.Time, error) {
	rows, err := q.Query(ctx, findLastUpdate, int64(inc.ID))
	if err != nil {
		return time.Time{}, fmt.Errorf("read the last update: %w", err)
	}
	at, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[*time.Time])
	if err != nil {
		return time.Time{}, fmt.Errorf("read the last update: %w", err)
	}
	if at == nil {
		return inc.Opened, nil
	}
	return at.UTC(), nil
}
