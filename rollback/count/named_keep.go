package count

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// Counting is a named or typed count and what it found.
type Counting struct {
	Number int // which count of the incident
	Asked  Asked
	Found  rollback.Found
	By     incidents.Actor
}

// Asked is what was asked, without what looks like somebody's address or
// telephone number.
type Asked struct {
	Source string
	Name   string `json:",omitempty"` // empty for a typed statement
	Text   string `json:",omitempty"` // of a typed statement
	Digest string // SHA-256 of the exact text
	Unit   string
	Params []AskedParam `json:",omitempty"`
}

// AskedParam is a parameter with the value that it had.
type AskedParam struct {
	Name  string
	Value string
}

func countingOf(q rollback.Question, found rollback.Found) Counting {
	c := Counting{Found: found, Asked: Asked{Source: q.Source, Name: q.Name, Digest: q.Digest().String(), Unit: q.Unit}}
	if q.Typed {
		c.Asked.Text = rollback.Discreet(q.Text)
	}
	for i, p := range q.Params {
		c.Asked.Params = append(c.Asked.Params, AskedParam{Name: p.Name, Value: rollback.Discreet(q.Args[i])})
	}
	return c
}

const nextCounted = `select coalesce(max(number), 0) + 1 from counted where incident = $1`

const insertCounted = `
	insert into counted (incident, number, asked, groups, read_at, by, at)
	values ($1, $2, $3, $4, $5, $6, $7)`

// keep stores and journals a count. It refuses with Conflict once the incident
// is over.
func (c *Count) keep(ctx context.Context, act journal.Act, id incidents.ID, n Counting) (Counting, error) {
	n.By = act.By
	err := c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		if err := counts(inc); err != nil {
			return err
		}
		if err := n.store(ctx, tx, id, at); err != nil {
			return err
		}
		return journal.Append(ctx, tx, id, act, at, n.fact())
	})
	return n, err
}

// store keeps a count under the next number of its incident, which is locked.
func (n *Counting) store(ctx context.Context, tx pgx.Tx, id incidents.ID, at time.Time) error {
	asked, err := json.Marshal(n.Asked)
	if err != nil {
		return fmt.Errorf("encode a question: %w", err)
	}
	found, err := json.Marshal(n.Found)
	if err != nil {
		return fmt.Errorf("encode an answer: %w", err)
	}
	if err := tx.QueryRow(ctx, nextCounted, int64(id)).Scan(&n.Number); err != nil {
		return fmt.Errorf("number a count: %w", err)
	}
	if _, err := tx.Exec(ctx, insertCounted, int64(id), n.Number, asked, found, n.Found.At, string(n.By), at); err != nil {
		return fmt.Errorf("insert count: %w", err)
	}
	return nil
}

// Counted is journalled for every named or typed count: what was asked, of
// which text, and the numbers. A number that is too small to be told is -1.
// Labels of groups stay in the table of counts.
type Counted struct {
	Number  int64
	Source  string
	Name    string
	Text    string
	Digest  string
	Unit    string
	Params  []AskedParam
	Numbers []int64
	ReadAt  time.Time
}

// Kind is the stored name of the fact.
func (Counted) Kind() string { return "counted/1" }

func (n Counting) fact() Counted {
	f := Counted{
		Number: int64(n.Number), Source: n.Asked.Source, Name: n.Asked.Name, Text: n.Asked.Text, Digest: n.Asked.Digest, Unit: n.Asked.Unit,
		Params: n.Asked.Params, ReadAt: n.Found.At,
	}
	for _, g := range n.Found.Groups {
		number := g.N
		if g.Few {
			number = -1
		}
		f.Numbers = append(f.Numbers, number)
	}
	return f
}

const selectCounted = `select asked, groups, by from counted where incident = $1 and number = $2`

// Counting reads a count that was stored; false if there is none.
func (c *Count) Counting(ctx context.Context, id incidents.ID, number int) (Counting, bool, error) {
	return counting(ctx, c.db.Pool(), id, number)
}

type oneRow interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func counting(ctx context.Context, q oneRow, id incidents.ID, number int) (Counting, bool, error) {
	n := Counting{Number: number}
	var asked, found []byte
	err := q.QueryRow(ctx, selectCounted, int64(id), number).Scan(&asked, &found, &n.By)
	if errors.Is(err, pgx.ErrNoRows) {
		return n, false, nil
	}
	if err != nil {
		return n, false, fmt.Errorf("read a count: %w", err)
	}
	if err := json.Unmarshal(asked, &n.Asked); err != nil {
		return n, false, fmt.Errorf("read a question: %w", err)
	}
	if err := json.Unmarshal(found, &n.Found); err != nil {
		return n, false, fmt.Errorf("read an answer: %w", err)
	}
	return n, true, nil
}
