package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Version is the rung of River's own ladder that this binary needs.
const Version = 8

// The app works with all of River's rows and owns none of its tables.
const grants = `
	grant usage on schema river to snafu_app;
	grant select, insert, update, delete on all tables in schema river to snafu_app;
	grant usage, select on all sequences in schema river to snafu_app;
	grant execute on all functions in schema river to snafu_app`

// Migrate makes River's tables in schema river, owned by the role that the pool
// connects as, and lets the app work with them. A second call changes nothing.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	if _, err := pool.Exec(ctx, `create schema if not exists river`); err != nil {
		return fmt.Errorf("create schema river: %w", err)
	}
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{
		Schema: Schema,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return fmt.Errorf("prepare River's tables: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{TargetVersion: Version}); err != nil {
		return fmt.Errorf("make River's tables: %w", err)
	}
	if _, err := pool.Exec(ctx, grants); err != nil {
		return fmt.Errorf("let the app work with River's tables: %w", err)
	}
	return nil
}
