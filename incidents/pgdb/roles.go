package pgdb

import (
	"context"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// The logins of the log database. manifests/roles/log.sql makes them.
const (
	App    = "snafu_app"     // the bot
	Mover  = "snafu_migrate" // snafu migrate
	Reader = "snafu_verify"  // snafu audit verify
)

// Roles runs the role script as an administrator of the database. It serves the
// embedded database and the tests; an operator runs the same file with psql. A
// second run changes nothing.
func Roles(ctx context.Context, adminURL, script string) error {
	conn, err := pgx.Connect(ctx, adminURL)
	if err != nil {
		return fmt.Errorf("connect as administrator: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // its work is done or has failed
	if _, err := conn.Exec(ctx, script); err != nil {
		return fmt.Errorf("make roles: %w", err)
	}
	return nil
}

// As is the same database URL with another login and no password, for a server
// that trusts its socket, as the embedded one does.
func As(role, databaseURL string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", fmt.Errorf("read database URL: %w", err)
	}
	u.User = url.User(role)
	return u.String(), nil
}
