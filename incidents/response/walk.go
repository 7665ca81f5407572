package response

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

const newestWalk = `
	select number, steps
	from walks
	where incident = $1
	order by number desc
	limit 1`

const insertWalk = `
	insert into walks (incident, number, steps, by, at)
	values ($1, $2, $3, $4, $5)`

// Walk is the walk-through of an incident; one without steps if nobody began.
func (r *Response) Walk(ctx context.Context, id incidents.ID) (incidents.Walk, error) {
	_, w, err := loadWalk(ctx, r.db.Pool(), id)
	return w, err
}

// AddStep puts a step before the one of that number, or at the end for 0. It
// refuses with Invalid a step that cannot be read, and with Conflict when there
// are too many.
func (r *Response) AddStep(ctx context.Context, act journal.Act, id incidents.ID, before int64, s incidents.WalkStep) error {
	return r.walk(ctx, act, id, func(w incidents.Walk, at time.Time) (incidents.Walk, incidents.Walked, error) {
		return w.Add(before, s, act.By, at)
	})
}

// ChangeStep replaces the words of the step that find points out. It refuses
// what find refuses, and with Invalid a step that cannot be read.
func (r *Response) ChangeStep(ctx context.Context, act journal.Act, id incidents.ID, find func(incidents.Walk) (int64, error), s incidents.WalkStep) error {
	return r.walk(ctx, act, id, func(w incidents.Walk, at time.Time) (incidents.Walk, incidents.Walked, error) {
		n, err := find(w)
		if err != nil {
			return w, incidents.Walked{}, err
		}
		return w.Change(n, s, act.By, at)
	})
}

// RemoveStep takes the step out that find points out; the journal keeps it. It
// refuses what find refuses.
func (r *Response) RemoveStep(ctx context.Context, act journal.Act, id incidents.ID, find func(incidents.Walk) (int64, error)) error {
	return r.walk(ctx, act, id, func(w incidents.Walk, _ time.Time) (incidents.Walk, incidents.Walked, error) {
		n, err := find(w)
		if err != nil {
			return w, incidents.Walked{}, err
		}
		return w.Remove(n)
	})
}

// walk is one change of a walk-through. An incident that is over takes it too:
// what is learned later belongs to it.
func (r *Response) walk(ctx context.Context, act journal.Act, id incidents.ID, change func(incidents.Walk, time.Time) (incidents.Walk, incidents.Walked, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		number, w, err := loadWalk(ctx, tx, id)
		if err != nil {
			return inc, nil, err
		}
		w, fact, err := change(w, at)
		if err != nil {
			return inc, nil, err
		}
		if err := addVersion(ctx, tx, insertWalk, id, number+1, w, act.By, at); err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{fact}, nil
	})
}

func loadWalk(ctx context.Context, q asker, id incidents.ID) (number int, w incidents.Walk, err error) {
	return newestVersion[incidents.Walk](ctx, q, newestWalk, id)
}
