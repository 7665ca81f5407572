package count

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// Recount asks for one count of a watch. Due is when it was to come: a count of
// another instant is another job.
type Recount struct {
	Watch int64     `json:"watch"`
	Due   time.Time `json:"due"`
}

// Kind names the job.
func (Recount) Kind() string { return "recount" }

// Queue gives counts workers of their own.
func (Recount) Queue() string { return jobs.Counts }

// Timeout covers the slowest count that a source may be configured for, and
// what stands before it in the line.
func (Recount) Timeout() time.Duration { return 45 * time.Minute }

// system is who answers for what a watch finds.
var system = incidents.System("watch")

// watch is a row.
type watch struct {
	ID        int64
	Incident  incidents.ID
	Scope     int
	EveryMS   int64
	Until     time.Time
	NextAt    time.Time
	Ticks     int64
	AwaySince *time.Time
	Slow      bool
}

func (w watch) every() time.Duration { return time.Duration(w.EveryMS) * time.Millisecond }

const watchColumns = `id, incident, scope, every_ms, until, next_at, ticks, away_since, slow`

const findWatch = `select ` + watchColumns + ` from watches where incident = $1 and ended_at is null`

const readWatch = `select ` + watchColumns + ` from watches where id = $1 and ended_at is null`

// oneWatch returns the watch that a query finds, and whether there is one.
func oneWatch(ctx context.Context, q querier, sql string, args ...any) (watch, bool, error) {
	rows, err := q.Query(ctx, sql, args...) //nolint:gosec // one of the two constants above
	if err != nil {
		return watch{}, false, fmt.Errorf("read watch: %w", err)
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[watch])
	if errors.Is(err, pgx.ErrNoRows) {
		return watch{}, false, nil
	}
	if err != nil {
		return watch{}, false, fmt.Errorf("read watch: %w", err)
	}
	w.Until, w.NextAt = w.Until.UTC(), w.NextAt.UTC()
	return w, true, nil
}

// Watching returns how an incident is watched, and whether it is.
func (c *Count) Watching(ctx context.Context, id incidents.ID) (incidents.Watch, bool, error) {
	w, goes, err := oneWatch(ctx, c.db.Pool(), findWatch, int64(id))
	if err != nil || !goes {
		return incidents.Watch{}, false, err
	}
	m, _, err := c.Latest(ctx, id)
	view := incidents.Watch{Run: m.Scope.Run, Every: w.every(), Until: w.Until}
	if w.AwaySince != nil {
		view.Away = w.AwaySince.UTC()
	}
	return view, true, err
}

// Schedule is what somebody asks of a watch. Zeros are the usual pace and
// length; the name of no run is that of the run that was picked.
type Schedule struct {
	Run   string
	Every time.Duration
	For   time.Duration
}

const insertWatch = `
	insert into watches (incident, scope, every_ms, started_by, started_at, until, next_at)
	values ($1, $2, $3, $4, $5, $6, $7)`

const changeWatch = `
	update watches set every_ms = $2, until = $3, next_at = $4
	 where id = $1`

// Watch counts an incident's run on a schedule from now on, or on another
// schedule than before. It refuses with Invalid before a run is picked and a
// pace outside the bounds, with NotFound another run than the picked one, and
// with Conflict when the incident is over.
func (c *Count) Watch(ctx context.Context, act journal.Act, id incidents.ID, s Schedule) error {
	s.Every, s.For = orElse(s.Every, c.every), orElse(s.For, incidents.WatchFor)
	if s.Every != c.every || s.For != incidents.WatchFor {
		if err := incidents.CheckWatch(s.Every, s.For); err != nil {
			return err
		}
	}
	return c.ongoing(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, m Measurement, picked bool, at time.Time) error {
		if err := watches(m, picked, s.Run); err != nil {
			return err
		}
		return c.watch(ctx, tx, act, inc, m, s, at)
	})
}

// watches refuses a name that is not the picked run's.
func watches(m Measurement, picked bool, run string) error {
	switch {
	case !picked:
		return refusal.Invalid("Nothing to watch yet. Say which run did it: /snafu triage 2. Its watch starts by itself.")
	case run != "" && !strings.EqualFold(run, m.Scope.Run):
		return refusal.NotFound("%q is not what is counted here; that is %s. /snafu watch %s watches it; another run is picked with /snafu triage 2.", run, m.Scope.Run, m.Scope.Run)
	}
	return nil
}

func (c *Count) watch(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, m Measurement, s Schedule, at time.Time) error {
	until := at.Add(s.For)
	next := at.Add(inc.Pace(s.Every, c.soon, at))
	old, goes, err := oneWatch(ctx, tx, findWatch, int64(inc.ID))
	if err != nil {
		return err
	}
	if goes {
		_, err = tx.Exec(ctx, changeWatch, old.ID, s.Every.Milliseconds(), until, next)
	} else {
		_, err = tx.Exec(ctx, insertWatch, int64(inc.ID), m.Number, s.Every.Milliseconds(), string(act.By), at, until, next)
	}
	if err != nil {
		return fmt.Errorf("store watch: %w", err)
	}
	_, person := act.By.Person()
	return journal.Append(ctx, tx, inc.ID, act, at, incidents.WatchStarted{
		Run: m.Scope.Run, EverySeconds: int64(s.Every.Seconds()), Until: until, ByItself: !person || s.Run == byItself,
	})
}

// byItself marks a watch that nobody asked for; no run has this name.
const byItself = "\x00"

// watchPicked starts the watch of a run that was picked just now, in place of
// that of another run.
func (c *Count) watchPicked(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, m Measurement, at time.Time) error {
	old, goes, err := oneWatch(ctx, tx, findWatch, int64(inc.ID))
	if err != nil {
		return err
	}
	if goes {
		if err := c.endWatch(ctx, tx, act, inc, old, incidents.WatchReplaced, at); err != nil {
			return err
		}
	}
	return c.watch(ctx, tx, act, inc, m, Schedule{Run: byItself, Every: c.every, For: incidents.WatchFor}, at)
}

// Unwatch ends the watch of an incident. It refuses with Conflict when there is
// none, and with NotFound another run than the watched one.
func (c *Count) Unwatch(ctx context.Context, act journal.Act, id incidents.ID, run string) error {
	return c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		w, goes, err := oneWatch(ctx, tx, findWatch, int64(id))
		if err != nil {
			return err
		}
		if !goes {
			return refusal.Conflict("Nothing is watched here. /snafu watch starts it.")
		}
		m, picked, err := latest(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := watches(m, picked, run); err != nil {
			return err
		}
		return c.endWatch(ctx, tx, act, inc, w, incidents.WatchStopped, at)
	})
}

const endWatch = `
	update watches set ended_at = $2, ended_why = $3
	 where id = $1 and ended_at is null`

func (c *Count) endWatch(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, w watch, why string, at time.Time) error {
	if _, err := tx.Exec(ctx, endWatch, w.ID, at, why); err != nil {
		return fmt.Errorf("end watch: %w", err)
	}
	r := inc.Recount
	return journal.Append(ctx, tx, inc.ID, act, at, incidents.WatchEnded{
		Run: r.Run, Why: why, By: act.By, Touched: r.Touched, Since: r.Since, CountedAt: r.At, Growing: r.Growing(),
	})
}

const hurryWatch = `
	update watches set next_at = $2
	 where incident = $1 and ended_at is null and next_at > $2`

// Follow lets the watch of an incident follow a decision about it, inside its
// transaction: it ends with the incident, goes on with one that is reopened,
// and counts soon after an act on the cause, because people wait for that
// answer.
func (c *Count) Follow(ctx context.Context, tx pgx.Tx, act journal.Act, was, now incidents.Incident, at time.Time) error {
	if now.Phase().Ended() {
		if err := forgetWishes(ctx, tx, now.ID); err != nil {
			return err
		}
		if err := endAllNamed(ctx, tx, act, now.ID, at); err != nil {
			return err
		}
		w, goes, err := oneWatch(ctx, tx, findWatch, int64(now.ID))
		if err != nil || !goes {
			return err
		}
		return c.endWatch(ctx, tx, act, now, w, incidents.WatchOver, at)
	}
	if now.Phase().Live() && !was.Phase().Live() {
		return c.rewatch(ctx, tx, act, now, at)
	}
	if len(now.Acts) == len(was.Acts) || !now.Acts[len(now.Acts)-1].Acts() {
		return nil
	}
	if _, err := tx.Exec(ctx, hurryWatch, int64(now.ID), at.Add(c.soon)); err != nil {
		return fmt.Errorf("bring a count forward: %w", err)
	}
	return nil
}

// rewatch watches a reopened incident again: the watch that goes on counts
// soon, one that has ended is started anew.
func (c *Count) rewatch(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time) error {
	m, picked, err := latest(ctx, tx, inc.ID)
	if err != nil || !picked {
		return err
	}
	_, goes, err := oneWatch(ctx, tx, findWatch, int64(inc.ID))
	if err != nil {
		return err
	}
	if !goes {
		if err := c.watch(ctx, tx, act, inc, m, Schedule{Run: byItself, Every: c.every, For: incidents.WatchFor}, at); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, hurryWatch, int64(inc.ID), at.Add(c.soon)); err != nil {
		return fmt.Errorf("bring a count forward: %w", err)
	}
	return nil
}

func orElse(d, usual time.Duration) time.Duration {
	if d == 0 {
		return usual
	}
	return d
}
