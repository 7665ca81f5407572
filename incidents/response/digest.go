package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb/jobs"
)

// Digest asks for the digest of a morning to be told in the central channel.
type Digest struct {
	Day string `json:"day"` // 2026-03-26
}

// Kind names the job.
func (Digest) Kind() string { return "digest" }

// Queue keeps it beside what else is told.
func (Digest) Queue() string { return jobs.Tell }

// The digest comes at nine, and not at all where nobody was there to tell it
// before noon.
const (
	digestAt   = 9 * time.Hour
	digestLate = 3 * time.Hour
)

const insertDigest = `
	insert into digests (day, due_at)
	values ($1, $2)
	on conflict (day) do nothing`

// Morning asks for the digest of the day, once, on each weekday at nine in the
// zone of the house. It says whether it did.
func (r *Response) Morning(ctx context.Context) (asked bool, err error) {
	at, err := r.db.Now(ctx, nil)
	if err != nil {
		return false, err
	}
	here := at.In(r.home())
	due := time.Date(here.Year(), here.Month(), here.Day(), int(digestAt/time.Hour), 0, 0, 0, r.home())
	weekend := here.Weekday() == time.Saturday || here.Weekday() == time.Sunday
	if weekend || at.Before(due) || at.Sub(due) >= digestLate {
		return false, nil
	}
	err = r.db.InTx(ctx, func(tx pgx.Tx) error {
		day := here.Format(time.DateOnly)
		tag, err := tx.Exec(ctx, insertDigest, day, due)
		if err != nil {
			return fmt.Errorf("keep the morning: %w", err)
		}
		if asked = tag.RowsAffected() > 0; !asked {
			return nil
		}
		return jobs.Add(ctx, tx, Digest{Day: day})
	})
	return asked, err
}

type openRow struct {
	ID       int64      `db:"id"`
	Title    string     `db:"title"`
	Phase    string     `db:"phase"`
	Severity int64      `db:"severity"`
	Lead     string     `db:"lead"`
	Due      *time.Time `db:"due_at"`
}

// What was opened later is news of its own, and no morning's.
const findDigest = `
	select i.id, i.title, i.phase, i.severity, i.lead, p.due_at
	from incidents i left join promises p on p.incident = i.id and p.ended_at is null
	where i.phase not in ('closed', 'cancelled') and not i.private and not i.drill
		and i.opened_at <= (select due_at from digests where day = $1)
	order by i.phase = 'resolved', i.severity, i.id desc`

// MorningState says how far the digest of a day came.
type MorningState struct {
	At    time.Time // now
	Told  bool
	Tried bool // it may have been posted
}

// DigestOf returns what is open since before nine, worst first, and how far the
// digest of the day came. Private incidents and drills are left out.
func (r *Response) DigestOf(ctx context.Context, day string) (open []incidents.StillOpen, m MorningState, err error) {
	if m.At, err = r.db.Now(ctx, nil); err != nil {
		return nil, m, err
	}
	if err := r.db.Pool().QueryRow(ctx, findMorning, day).Scan(&m.Told, &m.Tried); err != nil {
		return nil, m, fmt.Errorf("read the morning: %w", err)
	}
	rows, err := r.db.Pool().Query(ctx, findDigest, day)
	if err != nil {
		return nil, m, fmt.Errorf("read the digest: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[openRow])
	if err != nil {
		return nil, m, fmt.Errorf("read the digest: %w", err)
	}
	for _, f := range found {
		open = append(open, incidents.StillOpen{
			ID: incidents.ID(f.ID), Title: f.Title, Phase: incidents.Phase(f.Phase), Severity: incidents.Severity(f.Severity),
			Lead: incidents.Person(f.Lead), Due: instant(f.Due),
		})
	}
	return open, m, nil
}

const findMorning = `
	select told_at is not null, tried_at is not null
	from digests
	where day = $1`

const markMorning = `
	update digests
	set tried_at = coalesce(tried_at, $2), told_at = case when $3 then $2 end
	where day = $1`

// DigestTried keeps that the digest of a day is about to be posted, or was.
func (r *Response) DigestTried(ctx context.Context, day string, told bool, at time.Time) error {
	if _, err := r.db.Pool().Exec(ctx, markMorning, day, at, told); err != nil {
		return fmt.Errorf("keep the morning: %w", err)
	}
	return nil
}
