package pgdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"snafu/incidents/pgdb/jobs"
)

//go:embed migrations/*.sql
var embedded embed.FS

// riverRung is the place of River's tables on our ladder. Their own ladder is
// River's; a newer River gets a new rung.
const riverRung = 8

// The ladder belongs to the owner, and so does all that is built on it.
const (
	owner      = "snafu_owner"
	laddersKey = 7233726684717 // one process climbs at a time
)

// Migrate brings the log database to the schema of this binary. It connects with
// the login of migrateURL (snafu_migrate, or an administrator) and works as
// snafu_owner. A second call changes nothing; of two at once the second waits. It
// goes forward only, and refuses if a migration was edited after it ran here.
func Migrate(ctx context.Context, migrateURL string, log *slog.Logger) error {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	return migrate(ctx, migrateURL, files, log)
}

func migrate(ctx context.Context, migrateURL string, files fs.FS, log *slog.Logger) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	params := map[string]string{"application_name": "snafu migrate", "search_path": "snafu", "TimeZone": "UTC"}
	pool, err := open(ctx, migrateURL, 4, params, becomeOwner)
	if err != nil {
		return err
	}
	defer pool.Close()

	lock, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to database: %w", err)
	}
	defer lock.Release()
	if _, err := lock.Exec(ctx, `select pg_advisory_lock($1)`, laddersKey); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	defer func() {
		_, _ = lock.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, laddersKey)
	}()
	return climb(ctx, pool, files, log)
}

func becomeOwner(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `set role snafu_owner`)
	switch State(err) {
	case "22023":
		return fmt.Errorf("role %s is missing here. Run manifests/roles/log.sql as an administrator of this database, then migrate again: %w", owner, err)
	case "42501":
		return fmt.Errorf("the login %s may not act as %s. Migrate as snafu_migrate, or run manifests/roles/log.sql as an administrator: %w", conn.Config().User, owner, err)
	}
	return err
}

const groundwork = `
	create schema if not exists snafu;
	create table if not exists snafu.rungs (
		version bigint primary key,
		name    text   not null,
		sha256  bytea  not null
	)`

func climb(ctx context.Context, pool *pgxpool.Pool, files fs.FS, log *slog.Logger) error {
	if _, err := pool.Exec(ctx, groundwork); err != nil {
		return fmt.Errorf("lay the ground of schema snafu: %w", err)
	}
	sums, err := sumsOf(files)
	if err != nil {
		return err
	}
	if err := refuseEdited(ctx, pool, sums); err != nil {
		return err
	}

	db := stdlib.OpenDBFromPool(pool)
	defer db.Close() //nolint:errcheck // closes nothing: the pool is ours
	ladder, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(goose.NewGoMigration(riverRung, &goose.GoFunc{
			RunDB: func(ctx context.Context, _ *sql.DB) error { return jobs.Migrate(ctx, pool) },
		}, nil)),
		goose.WithLogger(goose.NopLogger()),
	)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	done, err := ladder.Up(ctx)
	for _, r := range done {
		if err := keepSum(ctx, pool, r.Source.Version, sums); err != nil {
			return err
		}
		log.InfoContext(ctx, "migrated", "version", r.Source.Version, "took", r.Duration)
	}
	var partial *goose.PartialError
	if errors.As(err, &partial) && partial.Failed != nil {
		for _, r := range partial.Applied {
			if err := keepSum(ctx, pool, r.Source.Version, sums); err != nil {
				return err
			}
		}
		return fmt.Errorf("migration %d: %w", partial.Failed.Source.Version, partial.Err)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := pool.Exec(ctx, `grant select on snafu.goose_db_version, snafu.rungs to snafu_app, snafu_verify`); err != nil {
		return fmt.Errorf("let the app read the ladder: %w", err)
	}
	return nil
}

// rung is a migration file with its checksum.
type rung struct {
	name string
	sum  []byte
}

func sumsOf(files fs.FS) (map[int64]rung, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	sums := map[int64]rung{}
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", name, err)
		}
		// A checkout with other line ends is the same migration.
		sum := sha256.Sum256([]byte(strings.ReplaceAll(string(text), "\r\n", "\n")))
		sums[version] = rung{name: name, sum: sum[:]}
	}
	return sums, nil
}

func refuseEdited(ctx context.Context, pool *pgxpool.Pool, sums map[int64]rung) error {
	rows, err := pool.Query(ctx, `select version, name, sha256 from snafu.rungs order by version`)
	if err != nil {
		return fmt.Errorf("read checksums of migrations: %w", err)
	}
	var version int64
	var name string
	var sum []byte
	_, err = pgx.ForEachRow(rows, []any{&version, &name, &sum}, func() error {
		if now, ok := sums[version]; ok && string(now.sum) != string(sum) {
			return fmt.Errorf("migration %s was edited after it ran here as %s. Put the file back as it was, and write the change as a new migration", now.name, name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("check migrations: %w", err)
	}
	return nil
}

const keepRung = `
	insert into snafu.rungs (version, name, sha256)
	values ($1, $2, $3)
	on conflict (version) do nothing`

func keepSum(ctx context.Context, pool *pgxpool.Pool, version int64, sums map[int64]rung) error {
	r, ok := sums[version]
	if !ok {
		return nil // River's rung is Go
	}
	if _, err := pool.Exec(ctx, keepRung, version, r.name, r.sum); err != nil {
		return fmt.Errorf("keep checksum of %s: %w", r.name, err)
	}
	return nil
}

const readLadder = `select coalesce(max(version_id), 0) from goose_db_version where is_applied`

// Ladder tells the schema version that the database has and the one this binary
// needs. A database without our schema has 0.
func (db *DB) Ladder(ctx context.Context) (have, need int64, err error) {
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return 0, 0, fmt.Errorf("read migrations: %w", err)
	}
	sums, err := sumsOf(files)
	if err != nil {
		return 0, 0, err
	}
	need = riverRung
	for version := range sums {
		need = max(need, version)
	}
	err = db.pool.QueryRow(ctx, readLadder).Scan(&have)
	if s := State(err); s == "42P01" || s == "3F000" || s == "42501" {
		return 0, need, nil
	}
	if err != nil {
		return 0, need, fmt.Errorf("read schema version: %w", err)
	}
	return have, need, nil
}

// Stamp names the schema of this binary: 12 hex digits over all migrations and
// the place of River's.
func Stamp() string {
	files, _ := fs.Sub(embedded, "migrations") // the folder is compiled in
	sums, err := sumsOf(files)
	if err != nil {
		panic(err) // so are the names in it
	}
	all := sha256.New()
	for _, version := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(all, "%d %s %x\n", version, sums[version].name, sums[version].sum)
	}
	fmt.Fprintf(all, "%d river %d\n", riverRung, jobs.Version)
	return fmt.Sprintf("%x", all.Sum(nil))[:12]
}
