package count

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/source"
)

// mostExamples is how many records a person reads at once.
const mostExamples = 5

// Wanted says which examples somebody asks for; its zero value is some of every
// cohort.
type Wanted struct {
	Cohort  int64  // its number in the state table; 0 is all
	Key     string // of one record; the parts of a key of several have a slash between them
	Changed bool   // only those that do not match any more
	Seed    int64  // other numbers find other records
}

// Examples are records for the one person who asked.
type Examples struct {
	Scope   rollback.Scope
	Cohorts []rollback.Cohort
	Records []rollback.Record
}

// Cohort is the one that a record belongs to; an empty one for a record
// without history.
func (e Examples) Cohort(r rollback.Record) rollback.Cohort {
	r.Group = r.Placed(rollback.Classified{Cohorts: e.Cohorts}.Decisions())
	i := slices.IndexFunc(e.Cohorts, func(c rollback.Cohort) bool {
		return r.Known && c.Pair.Equal(rollback.Pair{Initial: r.Initial, Error: r.Error})
	})
	if i < 0 {
		return rollback.Cohort{}
	}
	return e.Cohorts[i]
}

// Examples reads records of the incident's run with their history. That
// somebody looked is journalled, what they saw is not. It refuses with Invalid
// before a run is picked, and with NotFound when no member answers to what was
// asked.
func (c *Count) Examples(ctx context.Context, act journal.Act, id incidents.ID, w Wanted) (Examples, error) {
	out, err := c.find(ctx, id, w)
	if err != nil {
		return out, err
	}
	return out, c.looked(ctx, act, id, ExampleShown{
		Source: out.Scope.Source, Table: out.Scope.Table, Run: out.Scope.Run, Cohort: w.Cohort, ByKey: w.Key != "", Records: int64(len(out.Records)),
	})
}

// find reads what was asked for. To read it again shows the same records, as
// they are then.
func (c *Count) find(ctx context.Context, id incidents.ID, w Wanted) (Examples, error) {
	m, picked, err := c.Latest(ctx, id)
	if err != nil {
		return Examples{}, err
	}
	if !picked {
		return Examples{}, refusal.Invalid("There are no records to show yet. Say which run did it: /snafu pick.")
	}
	classified, err := m.Classified()
	if err != nil {
		return Examples{}, err
	}
	out := Examples{Scope: m.Scope, Cohorts: classified.Cohorts}
	look, err := w.look(m, out.Cohorts)
	if err != nil {
		return out, err
	}
	if look.Wishes, err = c.wishes(ctx, id, m); err != nil {
		return out, err
	}
	err = c.with(ctx, m.Scope.Source, func(r source.Reader) (err error) {
		out.Records, err = r.Sample(ctx, m.Scope, look)
		return err
	})
	if err == nil && len(out.Records) == 0 {
		return out, w.nothing(m.Scope)
	}
	return out, err
}

func (w Wanted) look(m Measurement, cohorts []rollback.Cohort) (rollback.Look, error) {
	look := rollback.Look{Changed: w.Changed, Limit: mostExamples, Seed: int64(m.Number) + w.Seed}
	if w.Key != "" {
		look.Key = []string{w.Key}
		if parts := strings.Split(w.Key, "/"); len(parts) == m.Table.KeyParts {
			look.Key = parts
		}
		return look, nil
	}
	if w.Cohort == 0 {
		return look, nil
	}
	if w.Cohort < 0 || w.Cohort > int64(len(cohorts)) {
		return look, refusal.NotFound("The state table has %d cohorts. /snafu example 1 shows records of the first; /snafu example key %d the record with that key.", len(cohorts), w.Cohort)
	}
	pair := cohorts[w.Cohort-1].Pair
	look.Pair = &pair
	return look, nil
}

// nothing does not repeat a key: an answer may be read by others.
func (w Wanted) nothing(s rollback.Scope) error {
	switch {
	case w.Key != "":
		return refusal.NotFound("No record of %s with that key was touched by %s. /snafu example shows some that were.", s.Table, s.Run)
	case w.Changed:
		return refusal.NotFound("Every record still holds what %s left in it. /snafu example shows some of them.", s.Run)
	}
	return refusal.NotFound("%s has no such records any more. /snafu count measures it again.", s.Run)
}

// looked journals that somebody read records. A second try of the same act is
// shown the same and journalled once.
func (c *Count) looked(ctx context.Context, act journal.Act, id incidents.ID, fact ExampleShown) error {
	err := c.db.InTx(ctx, func(tx pgx.Tx) error {
		_, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, id, act, at, fact)
	})
	if errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}
