package count

import (
	"context"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
)

// Cancelled is journalled when somebody wants no count of an incident to go on
// that people have asked for. Whoever is counting reads it and ends the query in
// the source.
type Cancelled struct {
	By incidents.Actor
}

// Kind is the stored name of the fact.
func (Cancelled) Kind() string { return "count-cancelled/1" }

// Cancel ends the counts of an incident that people have asked for, in whatever
// process they are at work. A watch goes on.
func (c *Count) Cancel(ctx context.Context, act journal.Act, id incidents.ID) error {
	return c.db.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, id, act, at, Cancelled{By: act.By})
	})
}

const newestEntry = `select coalesce(max(seq), 0) from journal where chain = $1`

// Newest is the number of the incident's newest entry: what is cancelled is
// looked for behind it.
func (c *Count) Newest(ctx context.Context, id incidents.ID) (seq int64, err error) {
	err = c.db.Pool().QueryRow(ctx, newestEntry, int64(id)).Scan(&seq)
	return seq, err
}

// CancelledSince returns who cancelled the counts of an incident after an entry,
// and whether somebody did.
func (c *Count) CancelledSince(ctx context.Context, id incidents.ID, seq int64) (incidents.Actor, bool, error) {
	entries, err := journal.Entries(ctx, c.db, id, seq)
	if err != nil {
		return "", false, err
	}
	for _, e := range entries {
		if e.Kind == (Cancelled{}).Kind() {
			return e.Actor, true, nil
		}
	}
	return "", false, nil
}
