// Package count measures how many records an incident is about.
//
// It asks a source in one pass and one snapshot, stores what it saw, and keeps
// what people decided the records should be. It classifies nothing itself:
// rollback does, from the groups and the decisions. It never writes to a source.
package count

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Options are what counting needs.
type Options struct {
	DB *pgdb.DB
	// Reader gives the counting login of a source by its configured name.
	// Anything but a declared source is a refusal.
	Reader func(name string) (source.Reader, error)
	// Queries are the reviewed counts that people ask for by name.
	Queries []rollback.Query
	// Typists is the user group of a source whose members may type statements to
	// be counted; a source without one takes none.
	Typists map[string]string
	// Member says, as of now, whether a person is in a user group. An error means
	// that nobody knows, and is a refusal.
	Member func(ctx context.Context, group string, p incidents.Person) (bool, error)
	// PerSource is the most questions at once to one source besides its one
	// count; the rest wait. 0 means 2.
	PerSource int
	// Window is how far back runs are looked for. 0 means 30 days.
	Window time.Duration
	// Every is the pace of a watch for which nobody named one, and Soon its pace
	// right after an act on the cause. Zeros mean 15 minutes and 1 minute.
	Every, Soon time.Duration
	// Grown is told in the transaction of a count that found more members than
	// the one before it, and how many more; inc is the incident as it was before
	// that count. Nil tells nobody.
	Grown func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, more int64, at time.Time) error
}

// Count measures and remembers.
type Count struct {
	db     *pgdb.DB
	reader func(name string) (source.Reader, error)
	window time.Duration
	slots  slots // quick questions
	counts slots // counts: one at a time in each source

	flights flights

	every, soon time.Duration
	grown       func(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, more int64, at time.Time) error

	queries []rollback.Query
	typists map[string]string
	member  func(ctx context.Context, group string, p incidents.Person) (bool, error)
}

// New makes the counting room.
func New(o Options) *Count {
	if o.PerSource == 0 {
		o.PerSource = 2
	}
	if o.Window == 0 {
		o.Window = 30 * 24 * time.Hour
	}
	return &Count{
		db: o.DB, reader: o.Reader, window: o.Window, slots: newSlots(o.PerSource), counts: newSlots(1), flights: newFlights(),
		every: orElse(o.Every, incidents.WatchEvery), soon: orElse(o.Soon, incidents.WatchSoon), grown: o.Grown,
		queries: o.Queries, typists: o.Typists, member: o.Member,
	}
}

// with asks a source a quick question, at most PerSource of them at once, so that
// a panicking crowd cannot exhaust a customer's database.
func (c *Count) with(ctx context.Context, name string, ask func(source.Reader) error) error {
	return c.through(ctx, c.slots, name, ask)
}

// counting lets a source count, one count at a time.
func (c *Count) counting(ctx context.Context, name string, ask func(source.Reader) error) error {
	return c.through(ctx, c.counts, name, ask)
}

func (c *Count) through(ctx context.Context, lane slots, name string, ask func(source.Reader) error) error {
	r, err := c.reader(name)
	if err != nil {
		return err
	}
	release, err := lane.take(ctx, name)
	if err != nil {
		return busy(name)
	}
	defer release()
	return ask(r)
}
