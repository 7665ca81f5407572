package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
)

type offerRow struct {
	ID       int64      `db:"id"`
	Incident int64      `db:"incident"`
	Asked    bool       `db:"asked"`
	From     string     `db:"from_person"`
	To       string     `db:"to_person"`
	Points   string     `db:"points"`
	Why      string     `db:"why"`
	Gone     string     `db:"gone"`
	State    string     `db:"state"`
	MadeAt   time.Time  `db:"made_at"`
	FreeAt   *time.Time `db:"free_at"`
	DueAt    time.Time  `db:"due_at"`
	ToldAt   *time.Time `db:"told_at"`
	EndedAt  *time.Time `db:"ended_at"`
	EndedBy  string     `db:"ended_by"`
	EndedWhy string     `db:"ended_why"`
}

// The open one, or that of a number.
const findOffer = `
	select id, incident, asked, from_person, to_person, points, why, gone, state, made_at, free_at, due_at, told_at, ended_at, ended_by, ended_why
	from lead_offers
	where incident = $1 and (id = $2 or $2 = 0 and state = 'open')`

// loadOffer returns an offer of the lead; its ID is 0 if there is none.
func loadOffer(ctx context.Context, q asker, id incidents.ID, offer int64) (incidents.LeadOffer, error) {
	rows, err := q.Query(ctx, findOffer, int64(id), offer)
	if err != nil {
		return incidents.LeadOffer{}, fmt.Errorf("read an offer of the lead: %w", err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[offerRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return incidents.LeadOffer{}, nil
	}
	if err != nil {
		return incidents.LeadOffer{}, fmt.Errorf("read an offer of the lead: %w", err)
	}
	return incidents.LeadOffer{
		ID: row.ID, Incident: incidents.ID(row.Incident), Asked: row.Asked, From: incidents.Person(row.From), To: incidents.Person(row.To),
		Points: row.Points, Why: row.Why, Gone: row.Gone, State: incidents.OfferState(row.State), At: row.MadeAt.UTC(), Free: instant(row.FreeAt), Due: row.DueAt.UTC(),
		Told: instant(row.ToldAt), EndedAt: instant(row.EndedAt), EndedBy: incidents.Person(row.EndedBy), EndedWhy: row.EndedWhy,
	}, nil
}

const insertOfferSQL = `
	insert into lead_offers (incident, asked, from_person, to_person, points, why, gone, made_at, free_at, due_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
	returning id`

func insertOffer(ctx context.Context, tx pgx.Tx, o incidents.LeadOffer) (id int64, err error) {
	err = tx.QueryRow(ctx, insertOfferSQL, int64(o.Incident), o.Asked, string(o.From), string(o.To), o.Points, o.Why, o.Gone, o.At, orNull(o.Free), o.Due).Scan(&id)
	if pgdb.Broke(err, "lead_offers_one_open") {
		return 0, refusal.Conflict("The lead of %s is on offer already.", o.Incident)
	}
	if err != nil {
		return 0, fmt.Errorf("store an offer of the lead: %w", err)
	}
	return id, nil
}

const updateOffer = `
	update lead_offers
	set state = $2, told_at = $3, ended_at = $4, ended_by = $5, ended_why = $6
	where id = $1`

func saveOffer(ctx context.Context, tx pgx.Tx, o incidents.LeadOffer) error {
	_, err := tx.Exec(ctx, updateOffer, o.ID, string(o.State), orNull(o.Told), orNull(o.EndedAt), string(o.EndedBy), o.EndedWhy)
	if err != nil {
		return fmt.Errorf("store an offer of the lead: %w", err)
	}
	return nil
}

const findOverdueOffers = `
	select incident, id offer
	from lead_offers
	where state = 'open' and (due_at < $1 or free_at < $1 and told_at is null)
	order by id`

func overdueOffers(ctx context.Context, tx pgx.Tx, before time.Time) ([]LeadDue, error) {
	rows, err := tx.Query(ctx, findOverdueOffers, before)
	if err != nil {
		return nil, fmt.Errorf("read overdue offers of the lead: %w", err)
	}
	lost, err := pgx.CollectRows(rows, pgx.RowToStructByName[LeadDue])
	if err != nil {
		return nil, fmt.Errorf("read overdue offers of the lead: %w", err)
	}
	return lost, nil
}
