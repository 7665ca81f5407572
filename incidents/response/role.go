package response

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// GiveRole gives a role of an incident to somebody, or takes it from whoever has
// it if to is "". It refuses as incidents.GiveRole does.
func (r *Response) GiveRole(ctx context.Context, act journal.Act, id incidents.ID, name string, to incidents.Person) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		held, err := r.held(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		fact, err := inc.GiveRole(held, name, to)
		if err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{fact}, saveRole(ctx, tx, id, fact, act.By, at)
	})
}

// Held returns the roles of an incident with who has each, in the order of the
// configuration.
func (r *Response) Held(ctx context.Context, id incidents.ID) ([]incidents.Held, error) {
	return r.held(ctx, r.db.Pool(), id)
}

type roleRow struct {
	Role   string    `db:"role"`
	Person string    `db:"person"`
	At     time.Time `db:"at"`
}

const findRoles = `
	select role, person, at
	from roles
	where incident = $1 and person <> ''
	order by role`

func (r *Response) held(ctx context.Context, q asker, id incidents.ID) ([]incidents.Held, error) {
	rows, err := q.Query(ctx, findRoles, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[roleRow])
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	known := r.o.Roles
	if len(known) == 0 {
		known = incidents.Roles
	}
	held := make([]incidents.Held, len(known))
	for n, role := range known {
		held[n].Role = role
	}
	for _, row := range found {
		h := incidents.Held{Role: incidents.Role{Name: row.Role}, Person: incidents.Person(row.Person), At: row.At.UTC()}
		n := slices.IndexFunc(held, func(h incidents.Held) bool { return h.Role.Name == row.Role })
		if n < 0 { // of a configuration before; who has it has it
			held = append(held, h)
			continue
		}
		held[n].Person, held[n].At = h.Person, h.At
	}
	return held, nil
}

const upsertRole = `
	insert into roles (incident, role, person, by, at)
	values ($1, $2, $3, $4, $5)
	on conflict (incident, role) do update
	set person = excluded.person, by = excluded.by, at = excluded.at`

func saveRole(ctx context.Context, tx pgx.Tx, id incidents.ID, f incidents.RoleChanged, by incidents.Actor, at time.Time) error {
	if _, err := tx.Exec(ctx, upsertRole, int64(id), f.Role, string(f.Now), string(by), at); err != nil {
		return fmt.Errorf("store a role: %w", err)
	}
	return nil
}
