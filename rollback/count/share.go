package count

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// Shared is one record of the run as everybody may read it, and what was
// decided for its cohort when it was shared.
type Shared struct {
	Number int // E1 is the first of an incident
	Scope  rollback.Scope
	Record rollback.Record
	Cohort rollback.Cohort
	By     incidents.Actor
}

// ExampleShared is journalled when somebody shows a record to everybody. What it
// showed stands in the table of examples, and holds nothing personal.
type ExampleShared struct {
	Number int64
	Source string
	Table  string
	Run    string
	Cohort int64 // 0 for a record without history
}

// Kind is the stored name of the fact.
func (ExampleShared) Kind() string { return "example-shared/1" }

// Mark tells a record as somebody saw it from every other one, and from itself
// once it has changed.
func Mark(r rollback.Record) string {
	raw, err := json.Marshal(r)
	if err != nil {
		return "none"
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

const nextExample = `select coalesce(max(number), 0) + 1 from examples where incident = $1`

const insertExample = `
	insert into examples (incident, number, shown, by, at)
	values ($1, $2, $3, $4, $5)`

// Share shows one record to everybody, without what is personal: the one that
// was seen under a mark, or the first that answers to what was asked. It refuses
// with Conflict when that record has changed since, or the incident is over, and
// what Examples refuses.
func (c *Count) Share(ctx context.Context, act journal.Act, id incidents.ID, w Wanted, mark string) error {
	found, err := c.find(ctx, id, w)
	if err != nil {
		return err
	}
	chosen := found.Records[0]
	if mark != "" {
		if chosen, err = found.marked(mark); err != nil {
			return err
		}
	}
	s := Shared{Scope: found.Scope, Record: chosen.Shared(), Cohort: found.Cohort(chosen)}
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode an example: %w", err)
	}
	return c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		if err := counts(inc); err != nil {
			return err
		}
		var n int64
		if err := tx.QueryRow(ctx, nextExample, int64(id)).Scan(&n); err != nil {
			return fmt.Errorf("number an example: %w", err)
		}
		if _, err := tx.Exec(ctx, insertExample, int64(id), n, raw, string(act.By), at); err != nil {
			return fmt.Errorf("insert example: %w", err)
		}
		return journal.Append(ctx, tx, id, act, at, ExampleShared{
			Number: n, Source: s.Scope.Source, Table: s.Scope.Table, Run: s.Scope.Run, Cohort: s.Cohort.Number,
		})
	})
}

func (e Examples) marked(mark string) (rollback.Record, error) {
	for _, r := range e.Records {
		if Mark(r) == mark {
			return r, nil
		}
	}
	return rollback.Record{}, refusal.Conflict("That record has changed since you looked at it, so it was not shared. /snafu example shows how the records are now.").Coded("stale")
}

const selectExample = `select shown, by from examples where incident = $1 and number = $2`

// Example reads what was shared; false if nothing was under that number.
func (c *Count) Example(ctx context.Context, id incidents.ID, number int) (Shared, bool, error) {
	s := Shared{Number: number}
	var raw []byte
	err := c.db.Pool().QueryRow(ctx, selectExample, int64(id), number).Scan(&raw, &s.By)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("read an example: %w", err)
	}
	by := s.By
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, false, fmt.Errorf("read an example: %w", err)
	}
	s.Number, s.By = number, by
	return s, true, nil
}
