package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Target says who the server claims to be.
func (r *Reader) Target(ctx context.Context) (rollback.Target, error) {
	var out rollback.Target
	err := r.snapshot(ctx, "identify", func(tx pgx.Tx) (err error) {
		out, err = target(ctx, tx)
		return err
	})
	return out, err
}

const databaseSQL = `
	select d.datname, d.oid::bigint,
	       has_function_privilege('pg_catalog.pg_control_system()', 'execute')
	       and has_function_privilege('pg_catalog.pg_control_checkpoint()', 'execute')
	  from pg_catalog.pg_database d where d.datname = current_database()`

// Hosting services may hide the control file; then both stay empty.
const controlSQL = `
	select s.system_identifier::text, c.timeline_id::bigint
	  from pg_catalog.pg_control_system() s, pg_catalog.pg_control_checkpoint() c`

func target(ctx context.Context, tx pgx.Tx) (rollback.Target, error) {
	cfg := tx.Conn().Config()
	t := rollback.Target{System: "postgres", Host: cfg.Host, Port: int64(cfg.Port)}
	var control bool
	if err := tx.QueryRow(ctx, databaseSQL).Scan(&t.Database, &t.OID, &control); err != nil {
		return t, fmt.Errorf("read the database: %w", err)
	}
	if !control {
		return t, nil
	}
	if err := tx.QueryRow(ctx, controlSQL).Scan(&t.SystemID, &t.Timeline); err != nil {
		return t, fmt.Errorf("read the control file: %w", err)
	}
	return t, nil
}
