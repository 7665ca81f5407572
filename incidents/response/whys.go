package response

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

const newestWhys = `
	select number, tree
	from whys
	where incident = $1
	order by number desc
	limit 1`

const insertWhys = `
	insert into whys (incident, number, tree, by, at)
	values ($1, $2, $3, $4, $5)`

// Whys is the tree of why it happened; an empty one if nobody asked.
func (r *Response) Whys(ctx context.Context, id incidents.ID) (incidents.Whys, error) {
	_, w, err := newestVersion[incidents.Whys](ctx, r.db.Pool(), newestWhys, id)
	return w, err
}

// AddWhy puts an answer below the one at that place, or a problem for "". It
// returns the answer's place, and whether whoever marked it a root is to be asked
// back. It refuses as Whys.Add.
func (r *Response) AddWhy(ctx context.Context, act journal.Act, id incidents.ID, above incidents.WhyRef, n incidents.Why) (ref incidents.WhyRef, ask bool, err error) {
	err = r.whys(ctx, act, id, func(w incidents.Whys, at time.Time) (incidents.Whys, incidents.Fact, error) {
		w, fact, back, err := w.Add(above, n, act.By, at)
		ref, ask = incidents.WhyRef(fact.Ref), back
		return w, fact, err
	})
	return ref, ask, err
}

// ChangeWhy changes an answer as change says, which gets the words that stand now.
// It returns whether whoever marked it a root is to be asked back, and refuses as
// Whys.Change and as change do.
func (r *Response) ChangeWhy(ctx context.Context, act journal.Act, id incidents.ID, ref incidents.WhyRef, change func(incidents.Why) (incidents.Why, error)) (ask bool, err error) {
	err = r.whys(ctx, act, id, func(w incidents.Whys, at time.Time) (incidents.Whys, incidents.Fact, error) {
		n, err := w.Find(ref)
		if err != nil {
			return w, nil, err
		}
		if n, err = change(n); err != nil {
			return w, nil, err
		}
		w, fact, back, err := w.Change(ref, n, act.By, at)
		ask = back
		return w, fact, err
	})
	return ask, err
}

// RemoveWhy takes an answer out; the journal keeps it. It refuses as Whys.Remove.
func (r *Response) RemoveWhy(ctx context.Context, act journal.Act, id incidents.ID, ref incidents.WhyRef) error {
	return r.whys(ctx, act, id, func(w incidents.Whys, _ time.Time) (incidents.Whys, incidents.Fact, error) {
		w, fact, err := w.Remove(ref)
		return w, fact, err
	})
}

// SkipWhys says why nobody asks why. It refuses as Whys.Skip.
func (r *Response) SkipWhys(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	return r.whys(ctx, act, id, func(w incidents.Whys, at time.Time) (incidents.Whys, incidents.Fact, error) {
		w, fact, err := w.Skip(why, act.By, at)
		return w, fact, err
	})
}

// whys is one change of a tree. An incident that is over takes it too: why it
// happened is often understood later.
func (r *Response) whys(ctx context.Context, act journal.Act, id incidents.ID, change func(incidents.Whys, time.Time) (incidents.Whys, incidents.Fact, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		number, w, err := newestVersion[incidents.Whys](ctx, tx, newestWhys, id)
		if err != nil {
			return inc, nil, err
		}
		w, fact, err := change(w, at)
		if err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{fact}, addVersion(ctx, tx, insertWhys, id, number+1, w, act.By, at)
	})
}
