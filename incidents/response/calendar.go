package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/refusal"
	"snafu/incidents/rota"
)

// calendarEvery is how often a calendar is fetched again.
const calendarEvery = 15 * time.Minute

// CalendarsDue returns the rotas whose calendar is to be fetched again.
func (r *Response) CalendarsDue(ctx context.Context) ([]string, error) {
	if len(r.o.Feeds) == 0 {
		return nil, nil
	}
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return nil, err
	}
	rows, err := calendarRows(ctx, r.db.Pool())
	if err != nil {
		return nil, err
	}
	var due []string
	for _, feed := range r.o.Feeds {
		if row, tried := rows[feed.Name]; !tried || at.Sub(row.TriedAt) >= calendarEvery {
			due = append(due, feed.Name)
		}
	}
	return due, nil
}

const (
	keepCalendar = `
	insert into calendars (rota, body, good_at, tried_at)
	values ($1, $2, $3, $3)
	on conflict (rota) do update
	set body = excluded.body, good_at = excluded.good_at, tried_at = excluded.tried_at, problem = '', told_at = null`

	missCalendar = `
	insert into calendars (rota, tried_at, problem)
	values ($1, $2, $3)
	on conflict (rota) do update
	set tried_at = excluded.tried_at, problem = excluded.problem`
)

// KeepCalendar keeps what the address of a rota's calendar answered. What cannot
// be read is not kept: the last good copy stays, and the reason beside it. An
// empty text comes with the reason why there is none.
func (r *Response) KeepCalendar(ctx context.Context, name string, text []byte, problem string) error {
	var feed rota.Feed
	for _, known := range r.o.Feeds {
		if known.Name == name {
			feed = known
		}
	}
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		var says []rota.Shift
		if problem == "" {
			if says, _, err = feed.Read(text, at); err != nil {
				said, ok := refusal.As(err)
				if !ok {
					return fmt.Errorf("calendar of %s: %w", name, err)
				}
				problem = said.Say
			}
		}
		if problem == "" {
			if err := keepCopy(ctx, tx, feed, text, says, at); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, keepCalendar, name, text, at)
		} else {
			_, err = tx.Exec(ctx, missCalendar, name, at, problem)
		}
		if err != nil {
			return fmt.Errorf("keep calendar of %s: %w", name, err)
		}
		return nil
	})
}

// calendarOld is the age from which a calendar's keepers are told of it.
const calendarOld = 24 * time.Hour

const markCalendarTold = `
	update calendars
	set told_at = $2
	where rota = $1 and told_at is null and coalesce(good_at, '-infinity') < $3
	returning coalesce(good_at, 'epoch'), problem`

// OldCalendar is a calendar that could not be read for a day.
type OldCalendar struct {
	Rota    string
	Good    time.Time // of the last good copy; zero if there never was one
	Problem string
}

// OldCalendars returns the calendars that could not be read for a day and whose
// keepers have not been told of it, each once.
func (r *Response) OldCalendars(ctx context.Context) (old []OldCalendar, err error) {
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		old = nil
		at, err := r.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		for _, feed := range r.o.Feeds {
			rows, err := tx.Query(ctx, markCalendarTold, feed.Name, at, at.Add(-calendarOld))
			if err != nil {
				return fmt.Errorf("mark old calendar: %w", err)
			}
			found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o OldCalendar, err error) {
				o.Rota = feed.Name
				err = row.Scan(&o.Good, &o.Problem)
				return o, err
			})
			if err != nil {
				return fmt.Errorf("mark old calendar: %w", err)
			}
			for _, o := range found {
				if o.Good = o.Good.UTC(); o.Good.Unix() == 0 {
					o.Good = time.Time{}
				}
				old = append(old, o)
			}
		}
		return nil
	})
	return old, err
}
