package source

import (
	"context"

	"snafu/rollback"
)

// Copy is a login of the restored copy of a backup. It can only read, and the
// copy lies on another server than the system it was made of.
type Copy interface {
	// Seen looks at the copy of a table: how much it holds, and of when it is. It
	// refuses (backup-empty) a copy without the table.
	Seen(ctx context.Context, table string, set []string) (rollback.CopySeen, error)
	// Records streams what the copy says about every record of the table, in one
	// snapshot.
	Records(ctx context.Context, table string, set []string) Staged
	// Close ends the login's connections.
	Close()
}
