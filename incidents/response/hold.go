package response

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

const hold = `
	insert into holds (incident, name)
	values ($1, $2)
	on conflict (incident, name) do update
	set released_at = null`

// Hold keeps an incident from being resolved and closed, inside the caller's
// transaction, under the lock of the incident. The same name twice is one hold.
func Hold(ctx context.Context, tx pgx.Tx, id incidents.ID, name string) error {
	if _, err := tx.Exec(ctx, hold, int64(id), name); err != nil {
		return fmt.Errorf("hold %s: %w", id, err)
	}
	return nil
}

const release = `
	update holds
	set released_at = clock_timestamp()
	where incident = $1 and name = $2 and released_at is null`

// Release takes a hold away, inside the caller's transaction, under the lock of
// the incident. One that is not there is no error.
func Release(ctx context.Context, tx pgx.Tx, id incidents.ID, name string) error {
	if _, err := tx.Exec(ctx, release, int64(id), name); err != nil {
		return fmt.Errorf("release %s: %w", id, err)
	}
	return nil
}
