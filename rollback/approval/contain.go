package approval

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// Contain begins a plan that parks members of a run, chosen by what the state
// table says about them: it writes one declared column of their records, whatever
// the run spoilt. The scope is that of the state table; ask.Of stays empty. With
// ask.Instead it writes nothing: column is empty, and the freeze lists the members.
//
// It refuses a source, table, column or automation that is not declared, and
// members that were chosen twice (overlap).
func (a *Approval) Contain(ctx context.Context, act journal.Act, id incidents.ID, ask Ask, column string) (rollback.Stamp, error) {
	of := ask.Scope.Set
	if ask.Instead == nil {
		ask.Scope.Set = []string{column}
	}
	instead, err := a.instead(ask.Scope.Source, ask.Instead)
	if err != nil {
		return rollback.Stamp{}, err
	}
	q, err := a.asks(act, ask.Scope, Source.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	// Whoever wrote last does not matter: the record is parked if it holds what was
	// seen, and left alone if not.
	spec := q.spec(rollback.KindContain, ask.Scope)
	spec.Of, spec.Decisions, spec.Effects, spec.Expect, spec.Guard = of, ask.Decisions, ask.Effects, ask.Expect, rollback.GuardValue
	spec.Instead = instead
	return a.newPlan(ctx, act, q.by, id, q.src, spec, ask.Note, q.drafted(ask.Scope, len(ask.Decisions)))
}

const findContaining = `
	select p.id
	  from plans p
	  join revisions r on r.plan = p.id and r.number = p.newest
	 where p.incident = $1 and p.source = $2 and r.spec ->> 'kind' = 'contain'
	 order by p.number`

// containFirst refuses to start a plan while another one of the incident has to
// park records of the same source.
func (s *step) containFirst(ctx context.Context) error {
	v, err := s.view()
	if err != nil {
		return err
	}
	rows, err := s.tx.Query(ctx, findContaining, s.incident, s.source)
	if err != nil {
		return fmt.Errorf("list plans that contain: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[rollback.ID])
	if err != nil {
		return fmt.Errorf("list plans that contain: %w", err)
	}
	var all []rollback.PlanView
	for _, id := range ids {
		p, err := read(ctx, s.tx, id, false)
		if err != nil {
			return err
		}
		other, err := p.view()
		if err != nil {
			return err
		}
		if err := s.a.freed(ctx, s.tx, &other); err != nil {
			return err
		}
		all = append(all, other)
	}
	if first, waits := v.ContainFirst(all); waits {
		return rollback.RefuseContainFirst(first, s.ref(), s.inc.Lead)
	}
	return nil
}

// ContainWaived says that other plans may write though this one has not parked
// what it was to park.
type ContainWaived struct {
	Rev Rev
	Why string
	By  incidents.Person
}

// Kind names the fact.
func (ContainWaived) Kind() string { return "contain-waived/1" }

const storeWaived = `
	update plans
	set waived_by = $2, waived_why = $3
	where id = $1`

// WaiveContain lets other plans write though this one has not parked what it was
// to park. It is the lead's to say, with a reason. It refuses anybody else
// (Forbidden), an empty reason, a plan that parks nothing (Invalid), and one that
// nothing waits for (state).
func (a *Approval) WaiveContain(ctx context.Context, act journal.Act, id rollback.ID, why string) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	if why = incidents.Line(why, mostWaiver); why == "" {
		return refuseNoReason("plan")
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		v, err := s.view()
		if err == nil {
			err = s.a.freed(ctx, s.tx, &v)
		}
		switch {
		case err != nil:
			return err
		case !v.Contains():
			return refusal.Invalid("%s parks nothing, so nothing waits for it. `withdraw` takes a plan back.", s.ref()).Coded("state")
		case by != s.inc.Lead:
			return refusal.Forbidden("Only the lead can let other plans run before %s. That is %s.", s.ref(), s.inc.Lead.Mention()).Coded("not-lead")
		case v.Contained():
			return refusal.Conflict("Nothing waits for %s any more.", s.ref()).Coded("state")
		}
		if _, err := s.tx.Exec(ctx, storeWaived, s.id, by, why); err != nil {
			return fmt.Errorf("waive a plan that contains: %w", err)
		}
		return s.say(ctx, ContainWaived{Rev: s.fact(), Why: why, By: by})
	})
}

// mostWaiver is the longest reason that is kept, in characters.
const mostWaiver = 500
