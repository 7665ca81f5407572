package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
)

const (
	readStill = `
	select every_s, set_at
	from still_settings
	where incident = $1`

	keepStill = `
	insert into still_settings (incident, every_s, why, set_by, set_at)
	values ($1, $2, $3, $4, $5)
	on conflict (incident) do update
	set every_s = excluded.every_s, why = excluded.why, set_by = excluded.set_by, set_at = excluded.set_at`
)

// quietOf is how long nothing may be heard of whoever answered a call, 0 is for
// ever; and when somebody chose that, 0 if nobody did.
func quietOf(ctx context.Context, tx pgx.Tx, p incidents.Page) (quiet time.Duration, set int64, err error) {
	var seconds int64
	var at time.Time
	err = tx.QueryRow(ctx, readStill, int64(p.Incident)).Scan(&seconds, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return quietFor(p.Severity), 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read how often somebody is asked: %w", err)
	}
	return time.Duration(seconds) * time.Second, at.UnixMicro(), nil
}

// SetStill says how often whoever is on it is asked whether they still are, in one
// incident; 0 is not at all. Whoever is asked just now and sets it has answered. It
// refuses as incidents.Incident.SetStill does.
func (r *Response) SetStill(ctx context.Context, act journal.Act, id incidents.ID, every time.Duration, why string) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		fact, err := inc.SetStill(every, why)
		if err != nil {
			return inc, nil, err
		}
		if _, err := tx.Exec(ctx, keepStill, int64(id), fact.Every, fact.Why, string(act.By), at); err != nil {
			return inc, nil, fmt.Errorf("keep how often somebody is asked: %w", err)
		}
		rows, err := tx.Query(ctx, findUnended, int64(id))
		pages, err := loadPages(ctx, tx, rows, err)
		if err != nil {
			return inc, nil, err
		}
		for _, p := range pages {
			if p.State != incidents.PageAnswered {
				continue
			}
			fact.Page = p.ID
			if !p.Asked.IsZero() && (every == 0 || p.AnsweredBy.Actor() == act.By) {
				p.Asked = time.Time{}
				if err := savePage(ctx, tx, p); err != nil {
					return inc, nil, err
				}
			}
			if every == 0 {
				continue
			}
			due := at.Add(every)
			if !p.Asked.IsZero() { // of somebody else, who has as long as they were told
				due = p.Asked.Add(answerWithin)
			}
			if err := jobs.AddAt(ctx, tx, StillOnIt{Incident: id, Page: p.ID, Answer: p.AnsweredAt.UnixMicro(), Set: at.UnixMicro()}, due); err != nil {
				return inc, nil, err
			}
		}
		return inc, []incidents.Fact{fact}, nil
	})
}
