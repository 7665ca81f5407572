package bench

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// makeSecond makes a second database for a log, beside the first.
func (db *database) makeSecond(ctx context.Context) (string, error) {
	if err := db.dropSecond(ctx); err != nil {
		return "", err
	}
	name, err := db.second(ctx)
	if err != nil {
		return "", err
	}
	quoted := pgx.Identifier{name}.Sanitize()
	if err := db.of(ctx, db.conn, "create database "+quoted, "comment on database "+quoted+" is '"+stamp+"'"); err != nil {
		return "", fmt.Errorf("make database %s: %w", name, err)
	}
	return db.address(name)
}

func (db *database) second(ctx context.Context) (string, error) {
	name, _, err := db.beside(ctx, db.conn)
	return name + "2", err
}

const ourSecondSQL = `
	select exists (select from pg_catalog.pg_database where datname = $1 and pg_catalog.shobj_description(oid, 'pg_database') = '` + stamp + `')`

// dropSecond takes it away again, if a benchmark has made it.
func (db *database) dropSecond(ctx context.Context) error {
	name, err := db.second(ctx)
	if err != nil {
		return err
	}
	var ours bool
	if err := db.conn.QueryRow(ctx, ourSecondSQL, name).Scan(&ours); err != nil {
		return fmt.Errorf("look for what is left: %w", err)
	}
	if !ours {
		return nil
	}
	if err := db.of(ctx, db.conn, "drop database "+pgx.Identifier{name}.Sanitize()+" with (force)"); err != nil {
		return fmt.Errorf("drop the log that a benchmark left: %w", err)
	}
	return nil
}
