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

const findList = `
	select ` + incidentColumns + `
	from incidents
	where ($1 = 'all'
		or $1 = 'open' and phase not in ('closed', 'cancelled')
		or $1 = 'closed' and phase in ('closed', 'cancelled')
		or $1 = 'mine' and phase not in ('closed', 'cancelled') and $2 in (lead, reporter))
		and (private or not $6)
		and (not private or $2 in (lead, reporter) or channel <> '' and channel = any($5))
	order by phase in ('closed', 'cancelled'), phase = 'resolved', severity, id desc
	limit $3 offset $4`

// List returns incidents, worst first: those at work before the resolved and
// the ended, then by severity, then the newest.
func (r *Response) List(ctx context.Context, f Filter) ([]incidents.Incident, error) {
	if f.Which == "" {
		f.Which = ListOpen
	}
	if f.Limit <= 0 {
		f.Limit = 20
	}
	rows, err := r.db.Pool().Query(ctx, findList, string(f.Which), string(f.Of), f.Limit, max(f.Offset, 0), f.Sees, f.OnlyPrivate)
	return loadAll(ctx, r.db.Pool(), rows, err)
}
