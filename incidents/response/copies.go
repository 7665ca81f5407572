package response

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/rota"
)

const (
	newestCopy = `
	select body
	from calendar_copies
	where rota = $1
	order by valid_from desc
	limit 1`

	insertCopy = `
	insert into calendar_copies (rota, valid_from, body)
	values ($1, $2, $3)
	on conflict (rota, valid_from) do nothing`

	// The copy that counted then. Before the first there was none that anybody knows
	// of, so the first counts.
	copyThen = `
	select body
	from calendar_copies
	where rota = $1
	order by valid_from <= $2 desc, case when valid_from <= $2 then valid_from end desc, valid_from
	limit 1`
)

// copiesAhead is how far ahead a calendar is compared with its copy. Many calendars end
// some months from now, a little later each time that they are fetched.
const copiesAhead = 14 * 24 * time.Hour

// keepCopy keeps what a calendar says from now on, where that is something else than
// before. A calendar that is only written anew, or has dropped what is over, says the
// same; what lies further ahead is compared when it has come nearer.
func keepCopy(ctx context.Context, tx pgx.Tx, feed rota.Feed, text []byte, says []rota.Shift, at time.Time) error {
	var was []byte
	err := tx.QueryRow(ctx, newestCopy, feed.Name).Scan(&was)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read copy of calendar of %s: %w", feed.Name, err)
	}
	if err == nil {
		if bytes.Equal(was, text) {
			return nil
		}
		if said, _, err := feed.Read(was, at); err == nil && slices.EqualFunc(ahead(said, at), ahead(says, at), sameShift) {
			return nil
		}
	}
	if _, err := tx.Exec(ctx, insertCopy, feed.Name, at, text); err != nil {
		return fmt.Errorf("keep copy of calendar of %s: %w", feed.Name, err)
	}
	return nil
}

// ahead is what of some shifts is not over, as far ahead as copies are compared.
func ahead(shifts []rota.Shift, at time.Time) (left []rota.Shift) {
	end := at.Add(copiesAhead)
	for _, s := range shifts {
		if s.To.After(at) && s.From.Before(end) {
			if s.From.Before(at) {
				s.From = at
			}
			if s.To.After(end) {
				s.To = end
			}
			left = append(left, s)
		}
	}
	return left
}

func sameShift(a, b rota.Shift) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && slices.Equal(a.People, b.People)
}

// calendarThen returns a rota as its calendar said at an instant that has passed, and
// whether there is a copy at all.
func calendarThen(ctx context.Context, q asker, feed rota.Feed, at time.Time) (rota.Rota, bool, error) {
	rows, err := q.Query(ctx, copyThen, feed.Name, at)
	if err != nil {
		return rota.Rota{}, false, fmt.Errorf("read copy of calendar of %s: %w", feed.Name, err)
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil || len(kept) == 0 {
		return rota.Rota{}, false, err
	}
	said, _, err := feed.Read(kept[0], at)
	if err != nil {
		return rota.Rota{}, false, fmt.Errorf("copy of calendar of %s: %w", feed.Name, err)
	}
	known, err := feed.Shifts(said)
	if err != nil {
		return rota.Rota{}, false, fmt.Errorf("copy of calendar of %s: %w", feed.Name, err)
	}
	return known, true, nil
}
