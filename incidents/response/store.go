package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
)

// asker is a transaction or the pool.
type asker interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

type incidentRow struct {
	ID             int64      `db:"id"`
	Title          string     `db:"title"`
	Phase          string     `db:"phase"`
	Severity       int64      `db:"severity"`
	SeverityChosen bool       `db:"severity_chosen"`
	SeverityWhy    string     `db:"severity_why"`
	System         string     `db:"system"`
	Reporter       string     `db:"reporter"`
	Lead           string     `db:"lead"`
	Drill          bool       `db:"drill"`
	Private        bool       `db:"private"`
	Light          bool       `db:"light"`
	OpenedIn       string     `db:"opened_in"`
	Channel        string     `db:"channel"`
	ChannelName    string     `db:"channel_name"`
	OpenedAt       time.Time  `db:"opened_at"`
	CountRun       string     `db:"count_run"`
	CountTouched   int64      `db:"count_touched"`
	CountedAt      *time.Time `db:"counted_at"`
	CountSince     *time.Time `db:"count_since"`
	CountQuiet     int64      `db:"count_quiet"`
	CountEqual     int64      `db:"count_equal"`
	CountFrom      int64      `db:"count_from"`
	CountFromAt    *time.Time `db:"count_from_at"`
	ContainedAt    *time.Time `db:"contained_at"`
	RestoringAt    *time.Time `db:"restoring_at"`
	ResolvedAt     *time.Time `db:"resolved_at"`
	ResolvedWhy    string     `db:"resolved_why"`
	ClosedAt       *time.Time `db:"closed_at"`
	ClosedWhy      string     `db:"closed_why"`
	Holds          []string   `db:"holds"`
	TriageWaived   string     `db:"triage_waived"`
}

const incidentColumns = `
	id, title, phase, severity, severity_chosen, severity_why, system, reporter, lead, drill, private, light, opened_in,
	channel, channel_name, opened_at, count_run, count_touched, counted_at, count_since, count_quiet,
	count_equal, count_from, count_from_at, contained_at, restoring_at, resolved_at, resolved_why, closed_at, closed_why,
	array(select name from holds h where h.incident = incidents.id and released_at is null order by at, name) holds,
	coalesce((select why from triage_waivers w where w.incident = incidents.id), '') triage_waived`

const findIncident = `
	select ` + incidentColumns + `
	from incidents
	where id = $1`

// The lock comes first and alone: a subquery of a locking statement still sees
// the rows as they were before the wait.
const lockIncident = `
	select id
	from incidents
	where id = $1
	for update`

func load(ctx context.Context, q asker, id incidents.ID, lock bool) (incidents.Incident, error) {
	if lock {
		rows, err := q.Query(ctx, lockIncident, int64(id))
		if err != nil {
			return incidents.Incident{}, fmt.Errorf("lock incident: %w", err)
		}
		if rows.Close(); rows.Err() != nil {
			return incidents.Incident{}, fmt.Errorf("lock incident: %w", rows.Err())
		}
	}
	rows, err := q.Query(ctx, findIncident, int64(id))
	found, err := loadAll(ctx, q, rows, err)
	if err != nil {
		return incidents.Incident{}, err
	}
	if len(found) == 0 {
		return incidents.Incident{}, RefuseUnknown(id)
	}
	return found[0], nil
}

// loadAll returns whole incidents, in the order of the rows of a query.
func loadAll(ctx context.Context, q asker, rows pgx.Rows, err error) ([]incidents.Incident, error) {
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[incidentRow])
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	ids := make([]int64, len(found))
	for n, row := range found {
		ids[n] = row.ID
	}
	answers, err := loadAnswers(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	acts, err := loadContainments(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	list := make([]incidents.Incident, len(found))
	for n, row := range found {
		list[n] = row.incident(answers[row.ID], acts[row.ID])
	}
	return list, nil
}

func (r incidentRow) incident(answers map[incidents.Question]incidents.Answer, acts []incidents.Containment) incidents.Incident {
	return incidents.Load(incidents.Saved{
		Phase: incidents.Phase(r.Phase),
		Incident: incidents.Incident{
			ID: incidents.ID(r.ID), Title: r.Title, Severity: incidents.Severity(r.Severity),
			SeverityChosen: r.SeverityChosen, SeverityWhy: r.SeverityWhy, System: r.System,
			Reporter: incidents.Person(r.Reporter), Lead: incidents.Person(r.Lead), Drill: r.Drill,
			Private: r.Private, Light: r.Light, OpenedIn: r.OpenedIn,
			Channel: r.Channel, ChannelName: r.ChannelName, Opened: r.OpenedAt.UTC(),
			Triage: incidents.NewTriage(answers), Acts: acts, Holds: r.Holds, TriageWaived: r.TriageWaived,
			Recount: incidents.Recounts{
				Run: r.CountRun, Touched: r.CountTouched, At: instant(r.CountedAt), Since: instant(r.CountSince), Quiet: r.CountQuiet,
				Equal: r.CountEqual, From: r.CountFrom, FromAt: instant(r.CountFromAt),
			},
			ContainedAt: instant(r.ContainedAt), RestoringAt: instant(r.RestoringAt),
			ResolvedAt: instant(r.ResolvedAt), ResolvedWhy: r.ResolvedWhy,
			ClosedAt: instant(r.ClosedAt), ClosedWhy: r.ClosedWhy,
		},
	})
}

const updateIncident = `
	update incidents
	set phase = $2, severity = $3, severity_chosen = $4, severity_why = $5, system = $6, lead = $7,
		channel = $8, channel_name = $9, count_run = $10, count_touched = $11, counted_at = $12,
		count_since = $13, count_quiet = $14, contained_at = $15, restoring_at = $16, resolved_at = $17,
		resolved_why = $18, closed_at = $19, closed_why = $20, count_equal = $21, count_from = $22, count_from_at = $23, light = $24
	where id = $1`

// Save stores an incident that Lock has locked. Holds have their own door.
func Save(ctx context.Context, tx pgx.Tx, i incidents.Incident) error {
	c := i.Recount
	_, err := tx.Exec(ctx, updateIncident, int64(i.ID), string(i.Phase()), int64(i.Severity), i.SeverityChosen, i.SeverityWhy,
		i.System, string(i.Lead), i.Channel, i.ChannelName, c.Run, c.Touched, orNull(c.At), orNull(c.Since), c.Quiet,
		orNull(i.ContainedAt), orNull(i.RestoringAt), orNull(i.ResolvedAt), i.ResolvedWhy, orNull(i.ClosedAt), i.ClosedWhy,
		c.Equal, c.From, orNull(c.FromAt), i.Light)
	if err != nil {
		return fmt.Errorf("save incident: %w", err)
	}
	if err := saveAnswers(ctx, tx, i); err != nil {
		return err
	}
	return saveContainments(ctx, tx, i)
}

// instant is the stored time in UTC, or zero.
func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// orNull is null for the zero time.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for n, s := range list {
		out[n] = string(s)
	}
	return out
}

func persons(list []string) []incidents.Person {
	if len(list) == 0 {
		return nil
	}
	out := make([]incidents.Person, len(list))
	for n, s := range list {
		out[n] = incidents.Person(s)
	}
	return out
}
