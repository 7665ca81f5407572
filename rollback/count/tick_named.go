package count

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
	"snafu/rollback"
)

// AskAgain asks for one count of a watched named count. Due is when it was to
// come: a count of another instant is another job.
type AskAgain struct {
	Watch int64     `json:"watch"`
	Due   time.Time `json:"due"`
}

// Kind names the job.
func (AskAgain) Kind() string { return "ask-again" }

// Queue gives counts workers of their own.
func (AskAgain) Queue() string { return jobs.Counts }

// Timeout covers the slowest count that a source may be configured for, and
// what stands before it in the line.
func (AskAgain) Timeout() time.Duration { return 45 * time.Minute }

const dueNamed = `
	select id, next_at from named_watches
	 where ended_at is null and next_at <= $1
	 order by next_at
	 limit 200`

// beatNamed asks for the named counts that are due, each once.
func beatNamed(ctx context.Context, tx pgx.Tx, at time.Time) (asked int, err error) {
	rows, err := tx.Query(ctx, dueNamed, at)
	if err != nil {
		return 0, fmt.Errorf("read named watches: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AskAgain])
	if err != nil {
		return 0, fmt.Errorf("read named watches: %w", err)
	}
	for _, a := range due {
		added, err := jobs.Ensure(ctx, tx, AskAgain{Watch: a.Watch, Due: a.Due.UTC()})
		if err != nil {
			return asked, err
		}
		if added {
			asked++
		}
	}
	return asked, nil
}

// heard is what a watched named count was answered.
type heard struct {
	asked rollback.Question
	found rollback.Found
	gone  bool   // nobody declares it any more, or with another text
	blind string // why nothing could be counted
}

// TickNamed asks once for a watch of a named count. Nothing is locked while the
// source counts; what it found is stored under the lock of the incident, once
// per due instant.
func (c *Count) TickNamed(ctx context.Context, job jobs.Job[AskAgain]) error {
	w, goes, err := findNamed(ctx, c.db.Pool(), job.Args.Watch)
	if err != nil || !goes || !w.NextAt.Equal(job.Args.Due) {
		return err
	}
	h, err := c.hear(ctx, w)
	if err != nil {
		return err
	}
	act := journal.Act{By: system, Key: fmt.Sprintf("named-watch:%d:%d", w.ID, w.NextAt.UnixMicro())}
	err = c.db.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, c.db, act, w.Incident)
		if err != nil {
			return err
		}
		now, goes, err := findNamed(ctx, tx, w.ID)
		if err != nil {
			return err
		}
		if goes && now.NextAt.Equal(w.NextAt) {
			if err := c.tickedNamed(ctx, tx, act, now, h, at); err != nil {
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

func findNamed(ctx context.Context, q querier, id int64) (namedWatch, bool, error) {
	rows, err := namedWatches(ctx, q, oneNamed, id)
	if err != nil || len(rows) == 0 {
		return namedWatch{}, false, err
	}
	return rows[0], true, nil
}

// hear asks the source.
func (c *Count) hear(ctx context.Context, w namedWatch) (h heard, err error) {
	at := slices.IndexFunc(c.queries, func(q rollback.Query) bool {
		return q.Source == w.Source && q.Name == w.Name && q.Digest().String() == w.Digest
	})
	var params map[string]string
	if err := json.Unmarshal(w.Params, &params); err != nil {
		return h, fmt.Errorf("read parameters: %w", err)
	}
	if at < 0 {
		h.gone = true
		return h, nil
	}
	if h.asked, err = c.queries[at].Ask(params); err != nil {
		h.gone = true // its parameters are others now
		return h, nil //nolint:nilerr // the end of the watch says it
	}
	h.found, err = c.Ask(ctx, h.asked)
	if ctx.Err() != nil { // the program ends; the next one asks
		return h, fmt.Errorf("ask for a watch: %w", ctx.Err())
	}
	if err != nil {
		if h.blind = blindness(err, rollback.Scope{Source: w.Source, Run: w.Label}); h.blind == "" {
			return h, err
		}
	}
	return h, nil
}

const storeNamedTick = `
	update named_watches set next_at = $2, ticks = ticks + 1, away_since = $3, found = $4, since = $5, seen_at = coalesce($6, seen_at)
	 where id = $1`

// tickedNamed stores an answer if it differs from the one before, says so, and
// when the next one comes.
func (c *Count) tickedNamed(ctx context.Context, tx pgx.Tx, act journal.Act, w namedWatch, h heard, at time.Time) error {
	if h.gone {
		return endNamed(ctx, tx, act, w, namedChangedText, at)
	}
	next := w.NextAt.Add(w.every())
	if over := at.Sub(next); over >= 0 {
		next = next.Add((over/w.every() + 1) * w.every())
	}
	if next.After(w.Until) && at.Before(w.Until) {
		next = w.Until
	}
	away, seen := w.AwaySince, &h.found.At
	var facts []incidents.Fact
	switch {
	case h.blind != "" && away == nil:
		away, seen = &at, nil
		facts = append(facts, NamedBlind{Label: w.Label, Why: h.blind, NextAt: next})
	case h.blind != "":
		seen = nil
	case away != nil:
		facts = append(facts, NamedSees{Label: w.Label, Since: away.UTC(), At: h.found.At})
		away = nil
	}
	if seen != nil {
		more, err := c.differs(ctx, tx, act, &w, h, at)
		if err != nil {
			return err
		}
		facts = append(facts, more...)
	}
	for _, f := range facts {
		if err := journal.Append(ctx, tx, w.Incident, act, at, f); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, storeNamedTick, w.ID, next, away, w.Found, w.Since, seen); err != nil {
		return fmt.Errorf("store an answer of a named watch: %w", err)
	}
	if at.Before(w.Until) {
		return nil
	}
	return endNamed(ctx, tx, act, w, incidents.WatchTimeUp, at)
}

// differs keeps an answer that is the first or another one than before. The
// first is told as any count is.
func (c *Count) differs(ctx context.Context, tx pgx.Tx, act journal.Act, w *namedWatch, h heard, at time.Time) ([]incidents.Fact, error) {
	var was Counting
	if w.Found != nil {
		var there bool
		var err error
		if was, there, err = counting(ctx, tx, w.Incident, *w.Found); err != nil || !there {
			return nil, errors.Join(err, fmt.Errorf("count %d of %s is not stored", *w.Found, w.Incident))
		}
		if was.Found.Grouped == h.found.Grouped && slices.Equal(was.Found.Groups, h.found.Groups) {
			return []incidents.Fact{NamedWatched{Label: w.Label, ReadAt: h.found.At}}, nil
		}
	}
	n := countingOf(h.asked, h.found)
	n.By = act.By
	if err := n.store(ctx, tx, w.Incident, at); err != nil {
		return nil, err
	}
	facts := []incidents.Fact{n.fact()}
	if w.Found != nil {
		changed := changeOf(was.Found, h.found)
		changed.Label, changed.Unit, changed.Since, changed.ReadAt = w.Label, h.asked.Unit, w.Since.UTC(), h.found.At
		facts = append(facts, changed)
	}
	w.Found, w.Since = &n.Number, &h.found.At
	return facts, nil
}

// changeOf compares two answers to the same question.
func changeOf(was, now rollback.Found) NamedChanged {
	f := NamedChanged{From: total(was), To: total(now)}
	if !now.Grouped {
		return f
	}
	f.Groups = int64(len(now.Groups))
	left := slices.Clone(was.Groups)
	for _, g := range now.Groups {
		at := slices.IndexFunc(left, func(o rollback.FoundGroup) bool { return o.Label == g.Label && o.Hidden == g.Hidden })
		if at < 0 {
			f.GroupsChanged++
			continue
		}
		if left[at] != g {
			f.GroupsChanged++
		}
		left = slices.Delete(left, at, at+1)
	}
	f.GroupsChanged += int64(len(left)) // those that are gone
	return f
}

// total is the sum of all numbers, or -1 if one of them is too small to be told.
func total(f rollback.Found) (sum int64) {
	for _, g := range f.Groups {
		if g.Few {
			return -1
		}
		sum += g.N
	}
	return sum
}
