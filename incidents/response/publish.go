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

// Publication is an entry that programs outside of Slack are told of.
type Publication struct {
	Incident incidents.Incident
	Entry    journal.Entry
	News     incidents.News
}

const findPublication = `
	select state, tries
	from publications
	where incident = $1 and seq = $2`

// ToPublish returns what is told outside of Slack of an entry, and whether it still
// has to be. Of a drill nothing is told, and neither of a private incident: whoever
// reads along there may not know that there is one.
func (r *Response) ToPublish(ctx context.Context, p journal.Publish) (out Publication, wanted bool, err error) {
	if out.Incident, err = r.Get(ctx, p.Incident); err != nil || out.Incident.Private || out.Incident.Drill {
		return out, false, err
	}
	var state string
	var tries int64
	err = r.db.Pool().QueryRow(ctx, findPublication, int64(p.Incident), p.Seq).Scan(&state, &tries)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return out, false, fmt.Errorf("read publication: %w", err)
	}
	if err == nil && state != incidents.SendWaiting {
		return out, false, nil
	}
	if out.Entry, err = journal.EntryOf(ctx, r.db, p.Incident, p.Seq); err != nil {
		return out, false, err
	}
	out.News, err = incidents.NewsOf(out.Entry.Kind, out.Entry.Into)
	return out, err == nil && out.News.Event != "", err
}

const countTry = `
	insert into publications (incident, seq, state, said, tries, tried_at)
	values ($1, $2, $3, $4, 1, $5)
	on conflict (incident, seq) do update
	set state = excluded.state, said = excluded.said, tries = publications.tries + 1, tried_at = excluded.tried_at`

// Published keeps what became of one try to tell of an entry. It returns how long
// to wait for the next, 0 if there is none.
func (r *Response) Published(ctx context.Context, p journal.Publish, accepted, again bool, said string, after time.Duration) (wait time.Duration, err error) {
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		wait = 0
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		var was string
		var tries int
		err = tx.QueryRow(ctx, findPublication, int64(p.Incident), p.Seq).Scan(&was, &tries)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read publication: %w", err)
		}
		state := incidents.SendRefused
		switch {
		case accepted:
			state = incidents.SendAccepted
		case again && tries < len(sendAgain):
			state, wait = incidents.SendWaiting, max(sendAgain[tries], after)
		}
		if _, err := tx.Exec(ctx, countTry, int64(p.Incident), p.Seq, state, incidents.Line(said, 120), at); err != nil {
			return fmt.Errorf("keep publication: %w", err)
		}
		return nil
	})
	return wait, err
}
