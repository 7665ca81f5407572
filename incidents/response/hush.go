package response

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// About names what of an incident is silenced: one nag, or without a kind all.
type About struct{ Kind, Subject string }

const longestSnooze = 7 * 24 * time.Hour

// Snooze puts nags of an incident off until an instant, once: after it they go on
// as before. It refuses with Invalid an instant that has passed or is more than a
// week ahead, and with Conflict what is off for good.
func (r *Response) Snooze(ctx context.Context, act journal.Act, id incidents.ID, what About, until time.Time) error {
	until = until.UTC().Truncate(time.Microsecond)
	return r.hush(ctx, act, id, what, func(g incidents.Nagging, at time.Time) (incidents.Hush, incidents.Fact, error) {
		switch off, silent := g.Hushed(what.Kind, what.Subject, at); {
		case silent && off.Off:
			return off, nil, refusal.Conflict("That is off, by %s: %s. /snafu nag on switches it on again.", off.By.Mention(), off.Why)
		case !until.After(at):
			return off, nil, refusal.Invalid("That time has passed. Write /snafu nag snooze 30m, 1h, 2h or tomorrow.")
		case until.Sub(at) > longestSnooze:
			return off, nil, refusal.Invalid("A reminder is put off for a week at most. /snafu nag off WHY switches it off.")
		}
		return incidents.Hush{Until: until}, incidents.NagSnoozed{Nag: what.Kind, Subject: what.Subject, Until: until}, nil
	})
}

// NagOff switches nags of an incident off for good. It refuses with Invalid a
// missing reason.
func (r *Response) NagOff(ctx context.Context, act journal.Act, id incidents.ID, what About, why string) error {
	why = incidents.Line(why, 300)
	return r.hush(ctx, act, id, what, func(incidents.Nagging, time.Time) (incidents.Hush, incidents.Fact, error) {
		if strings.TrimSpace(why) == "" {
			return incidents.Hush{}, nil, refusal.Invalid("Why is nobody to be reminded? Write it behind: /snafu nag off WHY. For a while: /snafu nag snooze 1h.")
		}
		return incidents.Hush{Off: true, Why: why}, incidents.NagSilenced{Nag: what.Kind, Subject: what.Subject, Why: why}, nil
	})
}

const endHushes = `
	update nag_hushes
	set until_at = null, is_off = false, why = '', hushed_by = $2, hushed_at = $3
	where incident = $1 and (is_off or until_at > $3)`

// NagOn takes back all that silences nags of an incident. It refuses with
// Conflict where nothing does.
func (r *Response) NagOn(ctx context.Context, act journal.Act, id incidents.ID) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		tag, err := tx.Exec(ctx, endHushes, int64(id), string(act.By), at)
		if err != nil {
			return inc, nil, fmt.Errorf("switch nags on: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return inc, nil, refusal.Conflict("Reminders of %s are on. /snafu nag snooze 1h puts them off, /snafu nag off WHY ends them.", id)
		}
		return inc, []incidents.Fact{incidents.NagResumed{}}, nil
	})
}

const findSilence = `
	select exists (
		select from nag_hushes
		where incident = $1 and kind = '' and (is_off or until_at > $2))`

// Silenced says whether all reminders of an incident are put off or switched off at
// an instant.
func Silenced(ctx context.Context, tx pgx.Tx, id incidents.ID, at time.Time) (silent bool, err error) {
	if err := tx.QueryRow(ctx, findSilence, int64(id), at).Scan(&silent); err != nil {
		return false, fmt.Errorf("read what silences nags: %w", err)
	}
	return silent, nil
}

const upsertHush = `
	insert into nag_hushes (incident, kind, subject, until_at, is_off, why, hushed_by, hushed_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8)
	on conflict (incident, kind, subject) do update
	set until_at = excluded.until_at, is_off = excluded.is_off, why = excluded.why, hushed_by = excluded.hushed_by, hushed_at = excluded.hushed_at`

func (r *Response) hush(ctx context.Context, act journal.Act, id incidents.ID, what About, decide func(incidents.Nagging, time.Time) (incidents.Hush, incidents.Fact, error)) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		g, err := r.nagging(ctx, tx, inc, at)
		if err != nil {
			return inc, nil, err
		}
		h, fact, err := decide(g, at)
		if err != nil {
			return inc, nil, err
		}
		_, err = tx.Exec(ctx, upsertHush, int64(id), what.Kind, what.Subject, orNull(h.Until), h.Off, h.Why, string(act.By), at)
		if err != nil {
			return inc, nil, fmt.Errorf("silence nags: %w", err)
		}
		return inc, []incidents.Fact{fact}, nil
	})
}
