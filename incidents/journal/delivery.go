package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/pgdb"
)

// StepState is how far a step has come: waiting, sending, then sent; or unknown
// while nobody can tell; or dead.
type StepState string

// The states of a step. Sending is committed before the call, so a step that is
// found sending after a crash is of unknown outcome, never "not sent".
const (
	StepWaiting StepState = "waiting"
	StepSending StepState = "sending"
	StepSent    StepState = "sent"
	StepUnknown StepState = "unknown"
	StepDead    StepState = "dead"
)

// Open reports whether there is still something to do.
func (s StepState) Open() bool { return s != StepSent && s != StepDead }

// Step is one call to Slack that an entry makes necessary. Its owner names it.
type Step struct {
	Incident incidents.ID
	Seq      int64
	Name     string
	State    StepState
	Attempt  int       // calls made; a rate limit counts as none
	Checks   int       // looks at an unknown outcome
	NextAt   time.Time // not to be touched before
	Channel  string    // where it was sent
	TS       string    // the message it became
}

// Delivery is an entry that still has to be told.
type Delivery struct {
	Entry    Entry
	Expanded bool   // split into steps
	Steps    []Step // all of them, in the order of Expand
}

// ErrStepMoved says that somebody else has moved the step since it was read.
var ErrStepMoved = errors.New("the step has moved since it was read")

// How many entries one look takes: what is behind them waits for the next look.
const pendingAtOnce = 50

const readPending = `
	select j.chain, j.seq, j.at, j.actor, j.act_key, j.kind, j.body, d.expanded_at is not null
	from deliveries d
	join journal j on j.chain = d.incident and j.seq = d.seq
	where d.incident = $1
	  and (d.expanded_at is null or exists (
	  	select from delivery_steps s
	  	where s.incident = d.incident and s.seq = d.seq and s.state in ('waiting', 'sending', 'unknown')))
	order by d.seq
	limit $2`

const readSteps = `
	select incident, seq, step, state, attempt, checks, next_at, channel, ts
	from delivery_steps
	where incident = $1 and seq = any ($2)
	order by seq, ord`

// Pending returns what of an incident still has to be told, oldest first, at most
// 50 entries at a time.
func Pending(ctx context.Context, db *pgdb.DB, id incidents.ID) ([]Delivery, error) {
	rows, err := db.Pool().Query(ctx, readPending, id, pendingAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read deliveries of %s: %w", id, err)
	}
	var seqs []int64
	at := map[int64]int{}
	pending, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Delivery, error) {
		var d Delivery
		var body []byte
		e := &d.Entry
		if err := row.Scan(&e.Incident, &e.Seq, &e.At, &e.Actor, &e.ActKey, &e.Kind, &body, &d.Expanded); err != nil {
			return Delivery{}, err
		}
		e.At = e.At.UTC()
		if body != nil {
			rec, err := readBody(body)
			if err != nil {
				return Delivery{}, fmt.Errorf("%s: %w", e.Ref(), err)
			}
			e.Value = rec.Fact
		}
		at[e.Seq] = len(seqs)
		seqs = append(seqs, e.Seq)
		return d, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read deliveries of %s: %w", id, err)
	}
	steps, err := stepsOf(ctx, db, id, seqs)
	if err != nil {
		return nil, err
	}
	for _, s := range steps {
		d := &pending[at[s.Seq]]
		d.Steps = append(d.Steps, s)
	}
	return pending, nil
}

func stepsOf(ctx context.Context, db *pgdb.DB, id incidents.ID, seqs []int64) ([]Step, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	rows, err := db.Pool().Query(ctx, readSteps, id, seqs)
	if err != nil {
		return nil, fmt.Errorf("read delivery steps of %s: %w", id, err)
	}
	steps, err := pgx.CollectRows(rows, scanStep)
	if err != nil {
		return nil, fmt.Errorf("read delivery steps of %s: %w", id, err)
	}
	return steps, nil
}

func scanStep(row pgx.CollectableRow) (Step, error) {
	var s Step
	err := row.Scan(&s.Incident, &s.Seq, &s.Name, &s.State, &s.Attempt, &s.Checks, &s.NextAt, &s.Channel, &s.TS)
	s.NextAt = s.NextAt.UTC()
	return s, err
}

// Whoever expands first decides; a second one finds nothing to do.
const markExpanded = `
	update deliveries
	set expanded_at = $3
	where incident = $1 and seq = $2 and expanded_at is null`

const addSteps = `
	insert into delivery_steps (incident, seq, ord, step, next_at, changed_at)
	select $1, $2, ord, step, $4, $4
	from unnest($3::text[]) with ordinality as s (step, ord)`

// Expand splits a delivery into steps, in order. None means that there is nothing
// to tell. An entry that was expanded before keeps the steps it has. It returns
// the steps.
func Expand(ctx context.Context, db *pgdb.DB, id incidents.ID, seq int64, at time.Time, names ...string) ([]Step, error) {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, markExpanded, id, seq, at)
		if err != nil || tag.RowsAffected() == 0 || len(names) == 0 {
			return err
		}
		_, err = tx.Exec(ctx, addSteps, id, seq, names, at)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("expand delivery %s #%d: %w", id, seq, err)
	}
	return stepsOf(ctx, db, id, []int64{seq})
}
