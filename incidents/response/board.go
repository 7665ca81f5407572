package response

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

const newestBoard = `
	select number, tries
	from boards
	where incident = $1
	order by number desc
	limit 1`

const insertBoard = `
	insert into boards (incident, number, tries, by, at)
	values ($1, $2, $3, $4, $5)`

// Board is what was tried against the error; an empty one if nothing was.
func (r *Response) Board(ctx context.Context, id incidents.ID) (incidents.Board, error) {
	_, b, err := newestVersion[incidents.Board](ctx, r.db.Pool(), newestBoard, id)
	return b, err
}

// Try says what somebody tries, for how long; 0 is without an end. It refuses as
// Board.Add.
func (r *Response) Try(ctx context.Context, act journal.Act, id incidents.ID, approach string, owner incidents.Person, box time.Duration) error {
	return r.board(ctx, act, id, func(b incidents.Board, at time.Time) (incidents.Board, incidents.TryChanged, error) {
		return b.Add(approach, owner, box, act.By, at)
	})
}

// TryLonger gives a try more time. It refuses as Board.Longer.
func (r *Response) TryLonger(ctx context.Context, act journal.Act, id incidents.ID, n int64, box time.Duration) error {
	return r.board(ctx, act, id, func(b incidents.Board, at time.Time) (incidents.Board, incidents.TryChanged, error) {
		return b.Longer(n, box, act.By, at)
	})
}

// Tried says what came of a try. It refuses as Board.Settle.
func (r *Response) Tried(ctx context.Context, act journal.Act, id incidents.ID, n int64, o incidents.TryOutcome) error {
	return r.board(ctx, act, id, func(b incidents.Board, at time.Time) (incidents.Board, incidents.TryChanged, error) {
		return b.Settle(n, o, act.By, at)
	})
}

// board is one change of an options board. An incident that is over takes it too:
// what came of a try may be known later.
func (r *Response) board(ctx context.Context, act journal.Act, id incidents.ID, change func(incidents.Board, time.Time) (incidents.Board, incidents.TryChanged, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		number, b, err := newestVersion[incidents.Board](ctx, tx, newestBoard, id)
		if err != nil {
			return inc, nil, err
		}
		b, fact, err := change(b, at)
		if err != nil {
			return inc, nil, err
		}
		return inc, []incidents.Fact{fact}, addVersion(ctx, tx, insertBoard, id, number+1, b, act.By, at)
	})
}
