package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

type rangRow struct {
	Kind    string    `db:"kind"`
	Subject string    `db:"subject"`
	Person  string    `db:"person"`
	Beat    time.Time `db:"beat"`
	RangAt  time.Time `db:"rang_at"`
	Over    bool      `db:"over"`
}

const findRang = `
	select kind, subject, person, beat, rang_at, over_at is not null as over
	from nag_rings
	where incident = $1
	order by kind, subject, person`

func loadRang(ctx context.Context, q asker, id incidents.ID) ([]incidents.Rang, error) {
	rows, err := q.Query(ctx, findRang, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read nags: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[rangRow])
	if err != nil {
		return nil, fmt.Errorf("read nags: %w", err)
	}
	all := make([]incidents.Rang, len(found))
	for n, f := range found {
		all[n] = incidents.Rang{Kind: f.Kind, Subject: f.Subject, Person: incidents.Person(f.Person), Beat: f.Beat.UTC(), At: f.RangAt.UTC(), Over: f.Over}
	}
	return all, nil
}

const upsertRang = `
	insert into nag_rings (incident, kind, subject, person, beat, rang_at)
	values ($1, $2, $3, $4, $5, $6)
	on conflict (incident, kind, subject, person) do update
	set beat = excluded.beat, rang_at = excluded.rang_at, over_at = null`

func rang(ctx context.Context, tx pgx.Tx, id incidents.ID, ring incidents.Ring, at time.Time) error {
	for _, p := range ring.People {
		if _, err := tx.Exec(ctx, upsertRang, int64(id), ring.Kind, ring.Subject, string(p), ring.Beat, at); err != nil {
			return fmt.Errorf("keep a nag: %w", err)
		}
	}
	return nil
}

const endRang = `
	update nag_rings
	set over_at = $5
	where incident = $1 and kind = $2 and subject = $3 and person = $4`

func nagOver(ctx context.Context, tx pgx.Tx, id incidents.ID, gone incidents.Rang, at time.Time) error {
	if _, err := tx.Exec(ctx, endRang, int64(id), gone.Kind, gone.Subject, string(gone.Person), at); err != nil {
		return fmt.Errorf("end a nag: %w", err)
	}
	return nil
}

type hushRow struct {
	Kind    string     `db:"kind"`
	Subject string     `db:"subject"`
	Until   *time.Time `db:"until_at"`
	Off     bool       `db:"is_off"`
	Why     string     `db:"why"`
	By      string     `db:"hushed_by"`
}

const findHushes = `
	select kind, subject, until_at, is_off, why, hushed_by
	from nag_hushes
	where incident = $1
	order by kind, subject`

func loadHushes(ctx context.Context, q asker, id incidents.ID) ([]incidents.Hush, error) {
	rows, err := q.Query(ctx, findHushes, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read what silences nags: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[hushRow])
	if err != nil {
		return nil, fmt.Errorf("read what silences nags: %w", err)
	}
	all := make([]incidents.Hush, len(found))
	for n, f := range found {
		all[n] = incidents.Hush{Kind: f.Kind, Subject: f.Subject, Until: instant(f.Until), Off: f.Off, Why: f.Why, By: incidents.Actor(f.By)}
	}
	return all, nil
}
