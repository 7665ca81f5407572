package count

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/source"
)

// One count in so many measures everything; the others count members alone,
// and measure everything only when there are other than before.
const exactEach = 10

const dueWatches = `
	select id, next_at from watches
	 where ended_at is null and next_at <= $1
	 order by next_at
	 limit 200`

// Beat asks for the counts that are due by the clock of the log database, each
// once, however many processes ask. It returns how many it asked for.
func (c *Count) Beat(ctx context.Context) (int, error) {
	asked := 0
	err := c.db.InTx(ctx, func(tx pgx.Tx) error {
		asked = 0
		at, err := c.db.Now(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, dueWatches, at)
		if err != nil {
			return fmt.Errorf("read watches: %w", err)
		}
		due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Recount])
		if err != nil {
			return fmt.Errorf("read watches: %w", err)
		}
		for _, r := range due {
			// A count that is still at work, or waits to be tried again, stays as it is.
			added, err := jobs.Ensure(ctx, tx, Recount{Watch: r.Watch, Due: r.Due.UTC()})
			if err != nil {
				return err
			}
			if added {
				asked++
			}
		}
		named, err := beatNamed(ctx, tx, at)
		asked += named
		return err
	})
	return asked, err
}

// seen is what one look of a watch found.
type seen struct {
	began   time.Time
	members int64
	at      time.Time            // instant of the snapshot
	table   *rollback.StateTable // of a whole measurement
	blind   string               // why nothing could be counted
}

// Tick counts once for a watch. Nothing is locked while the source counts; what
// it found is stored under the lock of the incident, once per due instant,
// whoever else counted meanwhile.
func (c *Count) Tick(ctx context.Context, job jobs.Job[Recount]) error {
	w, goes, err := oneWatch(ctx, c.db.Pool(), readWatch, job.Args.Watch)
	if err != nil || !goes || !w.NextAt.Equal(job.Args.Due) {
		return err
	}
	known, _, err := c.Latest(ctx, w.Incident)
	if err != nil {
		return err
	}
	var s seen
	if s.began, err = c.db.Now(ctx, nil); err != nil {
		return err
	}
	looked := c.look(ctx, w, known, &s)
	if ctx.Err() != nil { // the program ends; the next one counts
		return fmt.Errorf("count for a watch: %w", ctx.Err())
	}
	if looked != nil {
		if s.blind = blindness(looked, known.Scope); s.blind == "" {
			return looked
		}
	}
	act := journal.Act{By: system, Key: fmt.Sprintf("watch:%d:%d", w.ID, w.NextAt.UnixMicro())}
	err = c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, w.Incident)
		if err != nil {
			return err
		}
		now, goes, err := oneWatch(ctx, tx, readWatch, w.ID)
		if err != nil {
			return err
		}
		if goes && now.NextAt.Equal(w.NextAt) && now.Scope == known.Number {
			if err := c.ticked(ctx, tx, act, inc, now, s, at); err != nil {
				return err
			}
		}
		return job.Done(ctx, tx)
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

// look counts as cheaply as the answer allows.
func (c *Count) look(ctx context.Context, w watch, known Measurement, s *seen) error {
	if (w.Ticks+1)%exactEach != 0 && w.AwaySince == nil {
		err := c.counting(ctx, known.Scope.Source, func(r source.Reader) (err error) {
			s.members, s.at, err = r.Members(ctx, known.Scope)
			return err
		})
		if err != nil || s.members == known.Table.Members {
			return err
		}
	}
	table, err := c.measured(ctx, w.Incident, known)
	s.table, s.members, s.at = &table, table.Members, table.At
	return err
}

// blindness says in a sentence why a source could not be counted, and "" for an
// error that is not the source's.
func blindness(err error, scope rollback.Scope) string {
	if no, ok := refusal.As(err); ok {
		return no.Say
	}
	if f, ok := source.AsFault(err); ok {
		return fmt.Sprintf("%s refused the count of %s (SQLSTATE %s). Its admin finds out why with: snafu source check %s.", scope.Source, scope.Run, f.State, scope.Source)
	}
	return ""
}

const storeTick = `
	update watches set next_at = $2, ticks = ticks + 1, away_since = $3, slow = $4
	 where id = $1`

// ticked stores what a look found: the count, what changed with it, and when
// the next one comes.
func (c *Count) ticked(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, w watch, s seen, at time.Time) error {
	next, left := following(w, inc.Pace(w.every(), c.soon, at), s.began, at)
	m, _, err := latest(ctx, tx, inc.ID)
	if err != nil {
		return err
	}
	scope, away := m.Scope, w.AwaySince
	var facts []incidents.Fact
	switch {
	case s.blind != "" && away == nil:
		away = &at
		facts = append(facts, incidents.WatchBlind{
			Run: scope.Run, Why: s.blind, Touched: inc.Recount.Touched, CountedAt: inc.Recount.At, NextAt: next,
		})
	case s.blind == "" && away != nil:
		facts = append(facts, incidents.WatchSees{Run: scope.Run, Source: scope.Source, Since: away.UTC(), Touched: s.members, At: s.at})
		away = nil
	}
	if left > 0 && !w.Slow {
		facts = append(facts, incidents.WatchSlow{Run: scope.Run, EverySeconds: int64(w.every().Seconds()), LeftOut: left, NextAt: next})
	}
	if s.blind == "" {
		if err := c.found(ctx, tx, act, inc, m, s, at); err != nil {
			return err
		}
	}
	for _, f := range facts {
		if err := journal.Append(ctx, tx, inc.ID, act, at, f); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, storeTick, w.ID, next, away, left > 0); err != nil {
		return fmt.Errorf("store a count of a watch: %w", err)
	}
	if at.Before(w.Until) {
		return nil
	}
	if inc, err = response.Locked(ctx, tx, inc.ID); err != nil { // with what was counted just now
		return err
	}
	return c.endWatch(ctx, tx, act, inc, w, incidents.WatchTimeUp, at)
}

// found stores a count, unless a newer one was stored while it was made.
func (c *Count) found(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, m Measurement, s seen, at time.Time) error {
	switch {
	case !s.at.After(inc.Recount.At) || !s.at.After(m.Table.At):
		return nil
	case s.table != nil && m.laid(*s.table):
		m.Before, m.Table = m.Table.Members, *s.table
		return c.store(ctx, tx, act, inc, at, m)
	}
	if err := response.Counted(ctx, tx, act, inc, at, incidents.Recount{
		Source: m.Scope.Source, Table: m.Scope.Table, Run: m.Scope.Run, Touched: s.members, At: s.at,
	}); err != nil {
		return err
	}
	return journal.Append(ctx, tx, inc.ID, act, at, incidents.Watched{Run: m.Scope.Run, Touched: s.members, At: s.at})
}

// following is when the next count of a watch comes: on its own beat, after
// now, and at its end at the latest. left is how many came due while this count
// was at work; what came due while nobody was there to count is no fault of it.
func following(w watch, pace time.Duration, began, at time.Time) (next time.Time, left int64) {
	next = w.NextAt.Add(pace)
	if over := at.Sub(next); over >= 0 {
		next = next.Add((over/pace + 1) * pace)
	}
	if began.Before(w.NextAt) {
		began = w.NextAt
	}
	// Beats lie at w.NextAt + n * pace: those in (began, at] were left out.
	left = int64(at.Sub(w.NextAt)/pace) - int64(began.Sub(w.NextAt)/pace)
	if next.After(w.Until) && at.Before(w.Until) {
		next = w.Until
	}
	return next, left
}
