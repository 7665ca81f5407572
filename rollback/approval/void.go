package approval

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

const findOpen = `
	select p.id
	  from plans p
	  join revisions r on r.plan = p.id and r.number = p.newest
	 where p.incident = $1 and r.state in ('frozen', 'proposed', 'approved')
	 order by p.number`

// Grown voids what was frozen, proposed or approved of an incident, inside the
// transaction of a count that found more members than the one before: the
// records which are wrong now are not those that people have read. Each plan
// goes back to draft as its next revision, with nothing carried over. A run at
// work is left to its own last look, which finds the growth too. The caller
// holds the lock of the incident.
func (a *Approval) Grown(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, more int64, at time.Time) error {
	return a.eachOpen(ctx, tx, act, inc, at, func(s *step) error { return s.drifted(ctx, more) })
}

// eachOpen does something about each plan of an incident that is frozen,
// proposed or approved, under its lock. The caller holds that of the incident.
func (a *Approval) eachOpen(ctx context.Context, tx pgx.Tx, act journal.Act, inc incidents.Incident, at time.Time, do func(*step) error) error {
	rows, err := tx.Query(ctx, findOpen, inc.ID)
	if err != nil {
		return fmt.Errorf("list open plans: %w", err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[rollback.ID])
	if err != nil {
		return fmt.Errorf("list open plans: %w", err)
	}
	for _, id := range open {
		p, err := read(ctx, tx, id, true)
		if err != nil {
			return err
		}
		s := &step{a: a, tx: tx, act: act, at: at, inc: inc, plan: p}
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

func (s *step) drifted(ctx context.Context, more int64) error {
	state, err := s.state()
	if err != nil {
		return err
	}
	if spec, err := s.spec(); err != nil || spec.Undoes != nil { // what a run has written does not grow
		return err
	}
	d, ok := state.(movable)
	if !ok { // it moved on before the lock
		return nil
	}
	code, why := "growth", ""
	if no, ok := refusal.As(rollback.RefuseGrowth(s.ref(), more, d.Spec().Unit)); ok {
		code, why = no.Code, no.Say
	}
	return s.supersede(ctx, d, code, why)
}

// movable is a revision that may be replaced because the world moved.
type movable interface {
	Drift(why string) (rollback.Ended, rollback.Draft)
	Spec() rollback.Spec
}

// supersede replaces a revision by a draft of the next one, under the rules that
// the source has now: nothing is carried over.
func (s *step) supersede(ctx context.Context, d movable, code, why string) error {
	src, err := s.a.source(s.source)
	if err != nil {
		return err
	}
	ended, next := d.Drift(why)
	next = src.now(next)
	old := s.fact()
	if err := s.end(ctx, ended); err != nil {
		return err
	}
	part := s.authorPart(next.Spec().Author)
	if err := s.insert(ctx, next, part, s.rev.Note); err != nil {
		return err
	}
	return s.say(ctx, Superseded{Rev: old, Next: next.Spec().Revision, Code: code, Why: why})
}
