package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
)

// Entry is one line of the journal.
type Entry struct {
	Incident incidents.ID
	Seq      int64
	At       time.Time // UTC, microseconds
	Actor    incidents.Actor
	ActKey   string
	Kind     string
	Value    incidents.Value // the fact; null when it was redacted
}

// Ref is how people call it: SNAFU-42 #17.
func (e Entry) Ref() string { return fmt.Sprintf("%s #%d", nameOf(e.Incident), e.Seq) }

// Into reads the fact into a struct of its kind.
func (e Entry) Into(fact any) error {
	if err := e.Value.Into(fact); err != nil {
		return fmt.Errorf("read %s (%s): %w", e.Ref(), e.Kind, err)
	}
	return nil
}

const readEntries = `
	select chain, seq, at, actor, act_key, kind, body
	from journal
	where chain = $1 and seq > $2
	order by seq`

// Entries returns the entries of an incident after the one of that number, in
// order. A reader keeps the last number it has seen: a growing incident is never
// read whole.
func Entries(ctx context.Context, db *pgdb.DB, id incidents.ID, afterSeq int64) ([]Entry, error) {
	rows, err := db.Pool().Query(ctx, readEntries, id, afterSeq)
	if err != nil {
		return nil, fmt.Errorf("read journal of %s: %w", nameOf(id), err)
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read journal of %s: %w", nameOf(id), err)
	}
	return entries, nil
}

// Asker is a transaction or the pool.
type Asker interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

const readKinds = `
	select chain, seq, at, actor, act_key, kind, body
	from journal
	where chain = $1 and kind = any($2)
	order by seq`

// OfKinds returns the entries of an incident that are of these kinds, in order.
func OfKinds(ctx context.Context, q Asker, id incidents.ID, kinds ...string) ([]Entry, error) {
	rows, err := q.Query(ctx, readKinds, id, kinds)
	if err != nil {
		return nil, fmt.Errorf("read journal of %s: %w", nameOf(id), err)
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	if err != nil {
		return nil, fmt.Errorf("read journal of %s: %w", nameOf(id), err)
	}
	return entries, nil
}

const readEntry = `
	select chain, seq, at, actor, act_key, kind, body
	from journal
	where chain = $1 and seq = $2`

// EntryOf returns one entry of an incident.
func EntryOf(ctx context.Context, db *pgdb.DB, id incidents.ID, seq int64) (Entry, error) {
	rows, err := db.Pool().Query(ctx, readEntry, id, seq)
	if err != nil {
		return Entry{}, fmt.Errorf("read entry %d of %s: %w", seq, nameOf(id), err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEntry)
	if err != nil {
		return Entry{}, fmt.Errorf("read entry %d of %s: %w", seq, nameOf(id), err)
	}
	return e, nil
}

func scanEntry(row pgx.CollectableRow) (Entry, error) {
	var e Entry
	var body []byte
	if err := row.Scan(&e.Incident, &e.Seq, &e.At, &e.Actor, &e.ActKey, &e.Kind, &body); err != nil {
		return Entry{}, err
	}
	e.At = e.At.UTC()
	if body == nil {
		return e, nil
	}
	rec, err := readBody(body)
	if err != nil {
		return Entry{}, fmt.Errorf("%s: %w", e.Ref(), err)
	}
	e.Value = rec.Fact
	return e, nil
}
