package count

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// mostNamed is how many named counts of one incident are asked by themselves.
const mostNamed = 5

// NamedWatch is a named count that is asked again on a schedule.
type NamedWatch struct {
	Label string // the name with its values, as people type it
	Every time.Duration
	Until time.Time
	Away  time.Time // the source does not answer since then; zero while it does
}

// Words returns "leads_of_run run=weekly-42 every 15 min until tomorrow 10:30".
func (w NamedWatch) Words() incidents.Words {
	s := incidents.Sentence(w.Label+" every "+incidents.Took(w.Every)+" until ", incidents.Dated(w.Until))
	if !w.Away.IsZero() {
		s = incidents.Sentence(s, ", no answer since ", incidents.Dated(w.Away))
	}
	return s
}

// namedWatch is a row.
type namedWatch struct {
	ID        int64
	Incident  incidents.ID
	Source    string
	Name      string
	Digest    string
	Params    json.RawMessage
	Label     string
	EveryMS   int64
	Until     time.Time
	NextAt    time.Time
	Found     *int
	Since     *time.Time
	AwaySince *time.Time
}

func (w namedWatch) every() time.Duration { return time.Duration(w.EveryMS) * time.Millisecond }

func (w namedWatch) view() NamedWatch {
	v := NamedWatch{Label: w.Label, Every: w.every(), Until: w.Until.UTC()}
	if w.AwaySince != nil {
		v.Away = w.AwaySince.UTC()
	}
	return v
}

const namedColumns = `id, incident, source, name, digest, params, label, every_ms, until, next_at, found, since, away_since`

const namedOf = `select ` + namedColumns + ` from named_watches where incident = $1 and ended_at is null order by id`

const oneNamed = `select ` + namedColumns + ` from named_watches where id = $1 and ended_at is null`

func namedWatches(ctx context.Context, q querier, sql string, id int64) ([]namedWatch, error) {
	rows, err := q.Query(ctx, sql, id) //nolint:gosec // one of the two constants above
	if err != nil {
		return nil, fmt.Errorf("read named watches: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[namedWatch])
	if err != nil {
		return nil, fmt.Errorf("read named watches: %w", err)
	}
	return all, nil
}

// NamedWatches are the named counts of an incident that are asked again.
func (c *Count) NamedWatches(ctx context.Context, id incidents.ID) ([]NamedWatch, error) {
	rows, err := namedWatches(ctx, c.db.Pool(), namedOf, int64(id))
	var all []NamedWatch
	for _, w := range rows {
		all = append(all, w.view())
	}
	return all, err
}

const insertNamed = `
	insert into named_watches (incident, source, name, digest, params, label, every_ms, started_by, started_at, until, next_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)`

const changeNamed = `update named_watches set every_ms = $2, until = $3, next_at = $4 where id = $1`

// WatchNamed asks a named count on a schedule from now on, or on another
// schedule than before, and returns how. It refuses with Invalid values that do
// not fit or that belong to one person, and a pace outside the bounds, and with
// Conflict one too many, and when the incident is over.
func (c *Count) WatchNamed(ctx context.Context, act journal.Act, id incidents.ID, q rollback.Query, given map[string]string, s Schedule) (NamedWatch, error) {
	s.Every, s.For = orElse(s.Every, c.every), orElse(s.For, incidents.WatchFor)
	if s.Every != c.every || s.For != incidents.WatchFor {
		if err := incidents.CheckWatch(s.Every, s.For); err != nil {
			return NamedWatch{}, err
		}
	}
	given, err := c.filled(ctx, id, q, given)
	if err != nil {
		return NamedWatch{}, err
	}
	asked, err := q.Ask(given)
	if err != nil {
		return NamedWatch{}, err
	}
	w := namedWatch{Incident: id, Source: q.Source, Name: q.Name, Digest: q.Digest().String(), Label: q.Name, EveryMS: s.Every.Milliseconds()}
	params := map[string]string{}
	for i, p := range q.Params {
		if rollback.Discreet(asked.Args[i]) != asked.Args[i] {
			return NamedWatch{}, refusal.Invalid("%s looks like it belongs to one person, and a watch would have to keep it. /snafu count %s asks it once.", p.Name, q.Usage())
		}
		params[p.Name] = asked.Args[i]
		w.Label += " " + p.Name + "=" + quoted(asked.Args[i])
	}
	if w.Params, err = json.Marshal(params); err != nil {
		return NamedWatch{}, fmt.Errorf("encode parameters: %w", err)
	}
	err = c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		if err := counts(inc); err != nil {
			return err
		}
		w.Until = at.Add(s.For)
		return c.watchNamed(ctx, tx, act, w, at)
	})
	return w.view(), err
}

// quoted is a value as people type it.
func quoted(value string) string {
	if value == "" || strings.ContainsAny(value, " \t\n") {
		return `"` + value + `"`
	}
	return value
}

func (c *Count) watchNamed(ctx context.Context, tx pgx.Tx, act journal.Act, w namedWatch, at time.Time) error {
	going, err := namedWatches(ctx, tx, namedOf, int64(w.Incident))
	if err != nil {
		return err
	}
	known := int64(0)
	for _, g := range going {
		if g.Source == w.Source && g.Label == w.Label && g.Digest == w.Digest {
			known = g.ID
		}
	}
	switch {
	case known != 0:
		_, err = tx.Exec(ctx, changeNamed, known, w.EveryMS, w.Until, at.Add(w.every()))
	case len(going) >= mostNamed:
		return refusal.Conflict("%d counts are watched here, and that is the most. End one first: /snafu unwatch %s.", len(going), going[0].Label)
	default:
		_, err = tx.Exec(ctx, insertNamed, int64(w.Incident), w.Source, w.Name, w.Digest, w.Params, w.Label, w.EveryMS, string(act.By), at, w.Until)
	}
	if err != nil {
		return fmt.Errorf("store named watch: %w", err)
	}
	return journal.Append(ctx, tx, w.Incident, act, at, NamedWatchStarted{
		Label: w.Label, Source: w.Source, EverySeconds: int64(w.every().Seconds()), Until: w.Until,
	})
}

// UnwatchNamed ends the watch of a named count: of that label, or of that name
// if there is one. It reports whether anything of that name is watched, and
// refuses with Conflict when several are.
func (c *Count) UnwatchNamed(ctx context.Context, act journal.Act, id incidents.ID, label string) (known bool, err error) {
	going, err := namedWatches(ctx, c.db.Pool(), namedOf, int64(id))
	if err != nil {
		return false, err
	}
	var meant []namedWatch
	for _, w := range going {
		if strings.EqualFold(w.Label, label) {
			meant = []namedWatch{w}
			break
		}
		if strings.EqualFold(w.Name, label) || strings.EqualFold(w.Source+"."+w.Name, label) {
			meant = append(meant, w)
		}
	}
	switch len(meant) {
	case 0:
		return false, nil
	case 1:
	default:
		return true, refusal.Conflict("%s is watched %d times. Say which: /snafu unwatch %s.", meant[0].Name, len(meant), meant[0].Label)
	}
	return true, c.db.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		return endNamed(ctx, tx, act, meant[0], incidents.WatchStopped, at)
	})
}

const endNamedWatch = `
	update named_watches set ended_at = $2, ended_why = $3
	 where id = $1 and ended_at is null`

func endNamed(ctx context.Context, tx pgx.Tx, act journal.Act, w namedWatch, why string, at time.Time) error {
	tag, err := tx.Exec(ctx, endNamedWatch, w.ID, at, why)
	if err != nil {
		return fmt.Errorf("end named watch: %w", err)
	}
	if tag.RowsAffected() == 0 { // it ended meanwhile
		return nil
	}
	return journal.Append(ctx, tx, w.Incident, act, at, NamedWatchEnded{Label: w.Label, Why: why, By: act.By})
}

// endAllNamed ends what is asked by itself about an incident that is over.
func endAllNamed(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, at time.Time) error {
	going, err := namedWatches(ctx, tx, namedOf, int64(id))
	if err != nil {
		return err
	}
	for _, w := range going {
		if err := endNamed(ctx, tx, act, w, incidents.WatchOver, at); err != nil {
			return err
		}
	}
	return nil
}
