package response

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// Get returns an incident. It refuses with NotFound an unknown one.
func (r *Response) Get(ctx context.Context, id incidents.ID) (incidents.Incident, error) {
	return load(ctx, r.db.Pool(), id, false)
}

const findByChannel = `
	select id
	from incidents
	where channel = $1 and channel <> ''`

// ByChannel returns the incident of a channel. It refuses with NotFound a
// channel that has none.
func (r *Response) ByChannel(ctx context.Context, channel string) (incidents.ID, error) {
	var id int64
	err := r.db.Pool().QueryRow(ctx, findByChannel, channel).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, refusal.NotFound("This channel has no snafu. Which one? Write its key: SNAFU-42. `/snafu list` shows the open ones.").Coded("no-incident")
	}
	if err != nil {
		return 0, fmt.Errorf("find incident of channel: %w", err)
	}
	return incidents.ID(id), nil
}

// Which says which incidents a list holds.
type Which string

// The lists. ListOpen is everything that is not closed or cancelled.
const (
	ListOpen   Which = "open"
	ListMine   Which = "mine" // open, and Of leads or reported them
	ListClosed Which = "closed"
	ListAll    Which = "all"
	ListEnded  Which = "ended" // closed or cancelled, the newest first
)

// Filter chooses what List returns.
type Filter struct {
	Which Which            // ListOpen if empty
	Of    incidents.Person // for ListMine
	Limit int              // 20 if zero
	// Sees are the channels of private incidents that Of is in. Others, but those
	// that Of leads or reported, are left out.
	Sees []string
	// OnlyPrivate leaves out what everybody sees.
	OnlyPrivate bool
	Offset      int
}

// What a person may see of a list: $3 is that person, $4 the channels of private
// incidents that they are in, $5 leaves out what everybody sees. Who reported a
// private one has no more right to it than others, once it has its channel.
const seen = `
	(private or not $5)
	and (not private or $3 = lead or $3 = reporter and channel = '' or channel <> '' and channel = any($4))`

// How much is shown stands in a query of its own, so that Postgres does not plan
// the list anew for each number: with thousands of closed incidents that took
// longer than reading it.
const aPage = `
	limit (select $1::bigint) offset (select $2::bigint)`

// One statement for each list, so that each is answered by its own index: among
// thousands of closed incidents only those are read that are shown.
const (
	listAll = `
	select ` + incidentColumns + `
	from incidents
	where ` + seen + `
	order by phase in ('closed', 'cancelled'), phase = 'resolved', severity, id desc` + aPage
	listOpen = `
	select ` + incidentColumns + `
	from incidents
	where phase not in ('closed', 'cancelled') and ` + seen + `
	order by phase = 'resolved', severity, id desc
	limit $1 offset $2`
	listEnded = `
	select ` + incidentColumns + `
	from incidents
	where phase in ('closed', 'cancelled') and ` + seen + `
	order by severity, id desc` + aPage
	listLast = `
	select ` + incidentColumns + `
	from incidents
	where phase in ('closed', 'cancelled') and ` + seen + `
	order by closed_at desc, id desc` + aPage
	listMine = `
	select ` + incidentColumns + `
	from incidents
	where phase not in ('closed', 'cancelled') and $3 in (lead, reporter) and ` + seen + `
	order by phase = 'resolved', severity, id desc
	limit $1 offset $2`
)

// List returns incidents, worst first: those at work before the resolved and
// the ended, then by severity, then the newest.
func (r *Response) List(ctx context.Context, f Filter) ([]incidents.Incident, error) {
	if f.Limit <= 0 {
		f.Limit = 20
	}
	args := []any{f.Limit, max(f.Offset, 0), string(f.Of), f.Sees, f.OnlyPrivate}
	var rows pgx.Rows
	var err error
	switch pool := r.db.Pool(); f.Which {
	case ListAll:
		rows, err = pool.Query(ctx, listAll, args...)
	case ListClosed:
		rows, err = pool.Query(ctx, listEnded, args...)
	case ListEnded:
		rows, err = pool.Query(ctx, listLast, args...)
	case ListMine:
		rows, err = pool.Query(ctx, listMine, args...)
	default:
		rows, err = pool.Query(ctx, listOpen, args...)
	}
	return loadAll(ctx, r.db.Pool(), rows, err)
}
