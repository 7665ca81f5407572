package response

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/rota"
)

// turns are the rotas with their covers and calendars, as of one instant.
type turns []rota.Rota

func (t turns) named(name string) (rota.Rota, bool) {
	for _, known := range t {
		if strings.EqualFold(known.Name(), name) {
			return known, true
		}
	}
	return rota.Rota{}, false
}

// rotas returns every rota as it stands at an instant.
func (r *Response) rotas(ctx context.Context, q asker, at time.Time) (turns, error) {
	covers, err := coversAround(ctx, q, at)
	if err != nil {
		return nil, err
	}
	list, err := r.defined(ctx, q, at)
	if err != nil {
		return nil, err
	}
	return list.with(covers)
}

// rotasThen returns every rota as it stood at an instant that has passed.
func (r *Response) rotasThen(ctx context.Context, q asker, at time.Time) (turns, error) {
	covers, err := coversThen(ctx, q, at)
	if err != nil {
		return nil, err
	}
	list, err := r.defined(ctx, q, at)
	if err != nil {
		return nil, err
	}
	if list, err = r.then(ctx, q, list, at); err != nil {
		return nil, err
	}
	return list.with(covers)
}

// defined are the rotas without their covers.
func (r *Response) defined(ctx context.Context, q asker, at time.Time) (turns, error) {
	list := append(turns{}, r.o.Rotas...)
	if len(r.o.Feeds) > 0 {
		kept, err := r.calendars(ctx, q, at)
		if err != nil {
			return nil, err
		}
		list = append(list, kept...)
	}
	return list, nil
}

// with lays covers over the rotas, in the order in which they count.
func (t turns) with(covers []incidents.Cover) (list turns, err error) {
	list = append(list, t...)
	for n, known := range list {
		var over []rota.Override
		for _, c := range covers {
			if strings.EqualFold(c.Rota, known.Name()) && c.Person != "" {
				over = append(over, rota.Override{Kind: rota.OverrideKind(c.Kind), Person: c.Person, From: c.From, To: c.To})
			}
		}
		if list[n], err = known.With(over...); err != nil {
			return nil, fmt.Errorf("cover %s: %w", known.Name(), err)
		}
	}
	return list, nil
}

// shelf keeps what calendars say, so that a call does not read them anew.
type shelf struct {
	mu   sync.Mutex
	read map[string]readCalendar
}

type readCalendar struct {
	good, at time.Time
	shifts   []rota.Shift
	unread   []string
}

// A calendar is looked at from two weeks back to three months ahead, so what it
// says is worked out again before that window has moved far.
const readAgain = 24 * time.Hour

type calendarRow struct {
	Rota    string     `db:"rota"`
	GoodAt  *time.Time `db:"good_at"`
	TriedAt time.Time  `db:"tried_at"`
	Problem string     `db:"problem"`
	ToldAt  *time.Time `db:"told_at"`
}

const (
	listCalendars = `
	select rota, good_at, tried_at, problem, told_at
	from calendars
	order by rota`

	readCalendarBody = `
	select good_at, body
	from calendars
	where rota = $1 and body is not null`
)

func calendarRows(ctx context.Context, q asker) (map[string]calendarRow, error) {
	rows, err := q.Query(ctx, listCalendars)
	if err != nil {
		return nil, fmt.Errorf("read calendars: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[calendarRow])
	if err != nil {
		return nil, fmt.Errorf("read calendars: %w", err)
	}
	all := map[string]calendarRow{}
	for _, row := range found {
		all[row.Rota] = row
	}
	return all, nil
}

// calendars returns the rotas that are kept in a calendar. One whose calendar
// was never read has nobody on call.
func (r *Response) calendars(ctx context.Context, q asker, at time.Time) (turns, error) {
	rows, err := calendarRows(ctx, q)
	if err != nil {
		return nil, err
	}
	var list turns
	for _, feed := range r.o.Feeds {
		said, err := r.said(ctx, q, feed, instant(rows[feed.Name].GoodAt), at)
		if err != nil {
			return nil, err
		}
		known, err := feed.Shifts(said.shifts)
		if err != nil {
			return nil, fmt.Errorf("calendar of %s: %w", feed.Name, err)
		}
		list = append(list, known)
	}
	return list, nil
}

// said returns what the last good copy of a calendar says.
func (r *Response) said(ctx context.Context, q asker, feed rota.Feed, good, at time.Time) (readCalendar, error) {
	if good.IsZero() {
		return readCalendar{}, nil
	}
	r.shelf.mu.Lock()
	defer r.shelf.mu.Unlock()
	known, ok := r.shelf.read[feed.Name]
	if ok && known.good.Equal(good) && at.Sub(known.at).Abs() < readAgain {
		return known, nil
	}
	rows, err := q.Query(ctx, readCalendarBody, feed.Name)
	if err != nil {
		return readCalendar{}, fmt.Errorf("read calendar of %s: %w", feed.Name, err)
	}
	kept, err := pgx.CollectOneRow(rows, func(row pgx.CollectableRow) (b struct {
		good time.Time
		body []byte
	}, err error,
	) {
		err = row.Scan(&b.good, &b.body)
		return b, err
	})
	if err != nil {
		return readCalendar{}, fmt.Errorf("read calendar of %s: %w", feed.Name, err)
	}
	read := readCalendar{good: kept.good, at: at}
	if read.shifts, read.unread, err = feed.Read(kept.body, at); err != nil {
		return readCalendar{}, fmt.Errorf("calendar of %s: %w", feed.Name, err)
	}
	if r.shelf.read == nil {
		r.shelf.read = map[string]readCalendar{}
	}
	r.shelf.read[feed.Name] = read
	return read, nil
}

// OnCall is a rota and who is on call in it.
type OnCall struct {
	Rota     string
	Zone     *time.Location
	Duty     rota.Duty
	Fallback string // contact outside Slack
	Covers   []incidents.Cover
	// Of a rota that is kept in a calendar:
	Calendar bool
	Good     time.Time // of its last good copy; zero if there is none
	Problem  string    // why the last try brought none
	Unread   []string  // what in it could not be read
}

// OnCall returns who is on call at an instant: in the rota of that name, or in
// each if it is "". Of an instant that has passed it tells what counted then. It refuses with NotFound an unknown rota.
func (r *Response) OnCall(ctx context.Context, name string, at time.Time) ([]OnCall, error) {
	q := r.db.Pool()
	now, err := r.db.Now(ctx, nil)
	if err != nil {
		return nil, err
	}
	look, around := r.rotas, coversAround
	if at.Before(now.Add(-time.Minute)) {
		look, around = r.rotasThen, coversThen
	}
	list, err := look(ctx, q, at)
	if err != nil {
		return nil, err
	}
	if name != "" {
		named, err := r.rotaNamed(name, incidents.Incident{})
		if err != nil {
			return nil, err
		}
		one, _ := list.named(named)
		list = turns{one}
	}
	covers, err := around(ctx, q, at)
	if err != nil {
		return nil, err
	}
	rows, err := calendarRows(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make([]OnCall, 0, len(list))
	for _, known := range list {
		on := OnCall{Rota: known.Name(), Zone: known.Zone(), Duty: known.OnCall(at), Fallback: r.fallbackIn(known.Name())}
		for _, c := range covers {
			if strings.EqualFold(c.Rota, known.Name()) && c.To.After(at) {
				on.Covers = append(on.Covers, c)
			}
		}
		for _, feed := range r.o.Feeds {
			if feed.Name != known.Name() {
				continue
			}
			row := rows[feed.Name]
			on.Calendar, on.Good, on.Problem = true, instant(row.GoodAt), row.Problem
			said, err := r.said(ctx, q, feed, on.Good, at)
			if err != nil {
				return nil, err
			}
			on.Unread = said.unread
		}
		all = append(all, on)
	}
	return all, nil
}

// fallbackIn is the contact of the systems that a rota helps with.
func (r *Response) fallbackIn(name string) string {
	for _, s := range r.o.Sources {
		if strings.EqualFold(s.Rota, name) && s.Fallback != "" {
			return s.Fallback
		}
	}
	return r.o.Ladder.Fallback
}
