package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// RefuseUnknown is the answer to the key of an incident that is not there, and
// of one that somebody may not know of: nobody can tell the two apart.
func RefuseUnknown(id incidents.ID) error {
	return refusal.NotFound("There is no %s that you can see. `/snafu list` shows the open ones.", id)
}

// Veil says what stands between a person and an incident.
type Veil struct {
	// Private is true for a private incident that the person does not lead: only
	// the members of Channel know of it, and who reported it while it has none.
	Private bool
	Channel string
	Called  bool // they were called for it, so they may answer
}

const findVeil = `
	select private and $2 <> lead and not ($2 = reporter and channel = '') as private, channel,
		private and exists (
			select from pages p join page_steps s on s.page = p.id
			where p.incident = incidents.id and $2 = any(s.people)) as called
	from incidents
	where id = $1`

// Veil returns what stands between a person and an incident. It refuses with
// NotFound an unknown one.
func (r *Response) Veil(ctx context.Context, id incidents.ID, p incidents.Person) (Veil, error) {
	rows, err := r.db.Pool().Query(ctx, findVeil, int64(id), string(p))
	if err != nil {
		return Veil{}, fmt.Errorf("ask who may see an incident: %w", err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Veil])
	if errors.Is(err, pgx.ErrNoRows) {
		return Veil{}, RefuseUnknown(id)
	}
	if err != nil {
		return Veil{}, fmt.Errorf("ask who may see an incident: %w", err)
	}
	return v, nil
}

const anyPrivate = `select exists (select from incidents where private)`

// AnyPrivate says whether there is a private incident at all, so that nobody
// has to ask who is in which channel while there is none.
func (r *Response) AnyPrivate(ctx context.Context) (yes bool, err error) {
	if err := r.db.Pool().QueryRow(ctx, anyPrivate).Scan(&yes); err != nil {
		return false, fmt.Errorf("look for private incidents: %w", err)
	}
	return yes, nil
}

// KeptOut journals that somebody asked about a private incident that they may
// not know of.
func (r *Response) KeptOut(ctx context.Context, act journal.Act, id incidents.ID, verb string) error {
	return r.decide(ctx, act, id, func(_ pgx.Tx, inc incidents.Incident, _ time.Time) (incidents.Incident, []incidents.Fact, error) {
		return inc, []incidents.Fact{incidents.KeptOut{Verb: verb}}, nil
	})
}
