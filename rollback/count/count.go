// Package count measures how many records an incident is about.
//
// It asks a source in one pass and one snapshot, stores what it saw, and keeps
// what people decided the records should be. It classifies nothing itself:
// rollback does, from the groups and the decisions. It never writes to a source.
package count

import (
	"context"
	"time"

	"snafu/incidents/pgdb"
	"snafu/incidents/refusal"
	"snafu/rollback/source"
)

// Options are what counting needs.
type Options struct {
	DB *pgdb.DB
	// Reader gives the counting login of a source by its configured name.
	// Anything but a declared source is a refusal.
	Reader func(name string) (source.Reader, error)
	// PerSource is the most measurements at once in one source; the rest wait.
	// 0 means 3.
	PerSource int
	// Window is how far back runs are looked for. 0 means 30 days.
	Window time.Duration
}

// Count measures and remembers.
type Count struct {
	db     *pgdb.DB
	reader func(name string) (source.Reader, error)
	window time.Duration
	slots  slots
}

// New makes the counting room.
func New(o Options) *Count {
	if o.PerSource == 0 {
		o.PerSource = 3
	}
	if o.Window == 0 {
		o.Window = 30 * 24 * time.Hour
	}
	return &Count{db: o.DB, reader: o.Reader, window: o.Window, slots: newSlots(o.PerSource)}
}

// with runs one question to a source, at most PerSource of them at once, so
// that a panicking crowd cannot exhaust a customer's database.
func (c *Count) with(ctx context.Context, name string, ask func(source.Reader) error) error {
	r, err := c.reader(name)
	if err != nil {
		return err
	}
	release, err := c.slots.take(ctx, name)
	if err != nil {
		return refusal.Unavailable("%s is busy with other counts. Try again in a minute.", name)
	}
	defer release()
	return ask(r)
}
