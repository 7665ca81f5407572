package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

const insertUpdate = `
	insert into updates (incident, number, changed, next, need, audience, posted_by, posted_at, promise_at)
	select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8
	from updates
	where incident = $1
	returning number`

// Update posts what changed, and promises the next one: at due, or where that is
// zero by what stands and lies ahead, or after the usual time. It refuses with
// Invalid an update that says nothing, and with Conflict an incident that is over.
func (r *Response) Update(ctx context.Context, act journal.Act, id incidents.ID, u incidents.Update, due time.Time) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		stands, err := loadPromise(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		fact, err := inc.Report(u, stands, due.UTC().Truncate(time.Microsecond), at, r.home())
		if err != nil {
			return inc, nil, err
		}
		err = tx.QueryRow(ctx, insertUpdate, int64(id), fact.Changed, fact.Next, fact.Need, fact.Audience, string(act.By), at, orNull(fact.Promise)).Scan(&fact.Number)
		if err != nil {
			return inc, nil, fmt.Errorf("keep update: %w", err)
		}
		if !fact.Promise.IsZero() {
			err = promise(ctx, tx, id, fact.Promise, act.By, at, promiseUpdated)
		}
		return inc, []incidents.Fact{fact}, err
	})
}

const findUpdate = `
	select changed, next, need, audience
	from updates
	where incident = $1
	order by number desc
	limit 1`

// LastUpdate returns the newest update of an incident, or an empty one.
func (r *Response) LastUpdate(ctx context.Context, id incidents.ID) (u incidents.Update, err error) {
	err = r.db.Pool().QueryRow(ctx, findUpdate, int64(id)).Scan(&u.Changed, &u.Next, &u.Need, &u.Audience)
	if errors.Is(err, pgx.ErrNoRows) {
		return u, nil
	}
	if err != nil {
		return u, fmt.Errorf("read the last update: %w", err)
	}
	return u, nil
}
