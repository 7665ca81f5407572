package response

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// An answer to the question whether it is one of those is worth a day.
const openingKept = 24 * time.Hour

const (
	seenBy = `(not private or $1 = lead or $1 = reporter and channel = '' or channel <> '' and channel = any($2))`

	findLive = `
	select ` + incidentColumns + `
	from incidents
	where id in (
		select id from incidents where phase not in ('closed', 'cancelled')
		union select id from incidents where opened_at > $3) and ` + seenBy + `
	order by id desc
	limit 200`

	findEarlier = `
	select ` + incidentColumns + `
	from incidents
	where system = $3 and system <> '' and phase in ('resolved', 'closed') and ` + seenBy + `
	order by id desc
	limit 20`
)

// Duplicates returns the incidents that an opening may be the same as, the
// likeliest first, as far as who opens may know of them: sees are the private
// channels they are in. What the same person opened a moment ago under the same
// title is no question: Open returns it.
func (r *Response) Duplicates(ctx context.Context, req OpenRequest, sees []string) ([]incidents.Incident, error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return nil, err
	}
	rows, err := r.db.Pool().Query(ctx, findLive, string(req.Reporter), sees, at.Add(-openingKept))
	others, err := loadAll(ctx, r.db.Pool(), rows, err)
	if err != nil {
		return nil, err
	}
	o := r.sketch(req)
	for _, i := range others {
		if i.Reporter == req.Reporter && i.Title == o.Title && at.Before(i.Opened.Add(sameOpen)) {
			return nil, nil
		}
	}
	return incidents.Duplicates(o, others, at), nil
}

// Earlier returns an incident of the same system that is over and may have come
// back, and whether there is one.
func (r *Response) Earlier(ctx context.Context, req OpenRequest, sees []string) (incidents.Incident, bool, error) {
	o := r.sketch(req)
	rows, err := r.db.Pool().Query(ctx, findEarlier, string(req.Reporter), sees, o.System)
	others, err := loadAll(ctx, r.db.Pool(), rows, err)
	if err != nil {
		return incidents.Incident{}, false, err
	}
	found, yes := incidents.Earlier(o, others)
	return found, yes, nil
}

// sketch is the opening as it would be stored, as far as others are compared
// with it.
func (r *Response) sketch(req OpenRequest) incidents.Opening {
	o := incidents.Opening{Title: incidents.Line(req.Title, incidents.TitleMax), System: strings.TrimSpace(req.System), Drill: req.Drill}
	if s, ok := r.Source(o.System); ok {
		o.System = s.Name
	}
	return o
}

const insertOpening = `
	insert into openings (key, reporter, wanted, asked_at)
	values ($1, $2, $3, $4)
	on conflict (key) do nothing`

const deleteOpenings = `delete from openings where asked_at < $1`

// KeepOpening keeps what somebody wants to open while they are asked whether it
// is one of those that are open, so that nobody types it twice.
func (r *Response) KeepOpening(ctx context.Context, act journal.Act, req OpenRequest) error {
	wanted, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("encode opening: %w", err)
	}
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, deleteOpenings, at.Add(-openingKept)); err != nil {
			return fmt.Errorf("forget old openings: %w", err)
		}
		if _, err := tx.Exec(ctx, insertOpening, act.Key, string(req.Reporter), wanted, at); err != nil {
			return fmt.Errorf("keep opening: %w", err)
		}
		return nil
	})
}

const findOpening = `
	select wanted
	from openings
	where key = $1 and reporter = $2`

// OpenKept opens what KeepOpening kept under a key. However often it is asked
// for, that is one incident. It refuses with Conflict what is not kept any more.
func (r *Response) OpenKept(ctx context.Context, by incidents.Person, key string) (incidents.ID, OpenRequest, error) {
	var wanted []byte
	var req OpenRequest
	act := journal.Act{By: by.Actor(), Key: "anyway:" + key}
	err := r.db.Pool().QueryRow(ctx, findOpening, key, string(by)).Scan(&wanted)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, req, refusal.Conflict("That question is more than a day old. Type it again: /snafu open WHAT HAPPENED --new.").Coded("stale")
	}
	if err != nil {
		return 0, req, fmt.Errorf("find opening: %w", err)
	}
	if err := json.Unmarshal(wanted, &req); err != nil {
		return 0, req, fmt.Errorf("read opening: %w", err)
	}
	id, err := r.Open(ctx, act, req)
	return id, req, err
}
