package app

import (
	"context"
	"errors"
	"fmt"

	"snafu/incidents/pgdb"
)

// Migrate brings the log database to the schema of this binary.
func Migrate(ctx context.Context, c DatabaseConfig, o LogOptions) error {
	if c.URL.Given() && !c.MigrateURL.Given() {
		return fmt.Errorf("the log database is migrated as %s, and nobody named that login. Set database.migrate_url_env, or %s", pgdb.Mover, migrateEnv)
	}
	l, err := OpenLog(ctx, c, o) // a server of our own migrates itself when it is opened
	if err != nil {
		return sentence("The log database cannot be opened", err)
	}
	if err := pgdb.Migrate(ctx, l.MigrateURL, o.Log); err != nil {
		return errors.Join(sentence("The log database was not migrated", err), l.Close())
	}
	return l.Close()
}
