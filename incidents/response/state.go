package response

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Replayed returns the state of an incident as its journal alone tells it, and as
// the tables hold it, both of one instant. Where they differ, somebody has written
// past the program.
func (r *Response) Replayed(ctx context.Context, id incidents.ID) (told, held incidents.State, err error) {
	err = pgx.BeginTxFunc(ctx, r.db.Pool(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		entries, err := journal.OfKinds(ctx, tx, id, incidents.StateKinds()...)
		if err != nil {
			return err
		}
		events := make([]incidents.Event, len(entries))
		for n, e := range entries {
			events[n] = incidents.Event{Seq: e.Seq, At: e.At, By: e.Actor, Kind: e.Kind, Fact: e.Value}
		}
		if told, err = incidents.Replay(id, events); err != nil {
			return err
		}
		held, err = r.state(ctx, tx, id)
		return err
	})
	return told, held, err
}

const findSaid = `
	select changed, next, need, audience
	from updates
	where incident = $1
	order by number`

const findTicks = `
	select from_incident, number, by, at
	from checklist_ticks
	where incident = $1
	order by from_incident, number`

const findCallStates = `
	select id, state, answered_by, joined
	from pages
	where incident = $1
	order by id`

// state reads what a replay makes again, table by table.
func (r *Response) state(ctx context.Context, tx pgx.Tx, id incidents.ID) (s incidents.State, err error) {
	if s.Incident, err = load(ctx, tx, id, false); err != nil {
		return s, err
	}
	if s.Offer, err = loadOffer(ctx, tx, id, 0); err != nil {
		return s, err
	}
	held, err := r.held(ctx, tx, id)
	if err != nil {
		return s, err
	}
	for _, h := range held {
		if h.Person != "" {
			s.Roles = append(s.Roles, incidents.Held{Role: incidents.Role{Name: h.Role.Name}, Person: h.Person, At: h.At})
		}
	}
	if s.Followers, err = followers(ctx, tx, id); err != nil {
		return s, err
	}
	if s.Promise, err = loadPromise(ctx, tx, id); err != nil {
		return s, err
	}
	if s.Said, err = rowsOf(ctx, tx, findSaid, id, pgx.RowToStructByPos[incidents.Update]); err != nil {
		return s, err
	}
	if s.Hushes, err = standingHushes(ctx, tx, id); err != nil {
		return s, err
	}
	if s.Relations, err = relations(ctx, tx, id, false); err != nil {
		return s, err
	}
	if s.Calls, err = rowsOf(ctx, tx, findCallStates, id, pgx.RowToStructByPos[incidents.CallState]); err != nil {
		return s, err
	}
	if s.Ticks, err = rowsOf(ctx, tx, findTicks, id, scanTick); err != nil {
		return s, err
	}
	return r.workedOut(ctx, tx, id, s)
}

func scanTick(row pgx.CollectableRow) (t incidents.Tick, err error) {
	var item incidents.ChecklistItem
	err = row.Scan(&item.From, &item.Number, &t.By, &t.At)
	t.Item, t.At = item.Ref(), t.At.UTC()
	return t, err
}

// workedOut reads what people worked out together.
func (r *Response) workedOut(ctx context.Context, tx pgx.Tx, id incidents.ID, s incidents.State) (incidents.State, error) {
	known, err := r.known(ctx, tx, id, incidents.Evidence{})
	if err != nil {
		return s, err
	}
	s.Walk, s.Whys, s.FollowUps, s.Waivers = known.Walk, known.Whys, known.FollowUps, known.Waivers
	for _, c := range known.Cases {
		c.Title, c.URL = "", ""
		s.Cases = append(s.Cases, c)
	}
	_, s.Board, err = newestVersion[incidents.Board](ctx, tx, newestBoard, id)
	return s.Tidy(), err
}

func standingHushes(ctx context.Context, q asker, id incidents.ID) (standing []incidents.Hush, err error) {
	all, err := loadHushes(ctx, q, id)
	for _, h := range all {
		if h.Off || !h.Until.IsZero() {
			standing = append(standing, h)
		}
	}
	return standing, err
}

func rowsOf[T any](ctx context.Context, q asker, sql string, id incidents.ID, scan pgx.RowToFunc[T]) ([]T, error) {
	rows, err := q.Query(ctx, sql, int64(id))
	if err != nil {
		return nil, fmt.Errorf("read the state of %s: %w", id, err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read the state of %s: %w", id, err)
	}
	return found, nil
}
