package pgdb

import (
	"context"
	"io/fs"
	"log/slog"
	"time"
)

// Shorten makes a lease that a test can outlive.
func (l *Lease) Shorten(term, trust time.Duration) *Lease {
	l.term, l.trust = term, trust
	return l
}

// MigrateFiles climbs a ladder of the test's own.
func MigrateFiles(ctx context.Context, url string, files fs.FS) error {
	return migrate(ctx, url, files, slog.New(slog.DiscardHandler))
}

// Files are the migrations of this binary.
func Files() (fs.FS, error) { return fs.Sub(embedded, "migrations") }
