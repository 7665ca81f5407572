package approval

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/rollback"
)

// Contained says that the records of a plan are contained, none of which it wrote:
// a list is kept of them, or what would harm them is off.
type Contained struct {
	Rev        Rev
	How        string // rollback.InsteadList or rollback.InsteadSwitch
	Automation string // as people call what is off
	Records    int64
	Unit       string
}

// Kind names the fact.
func (Contained) Kind() string { return "plan-contained/1" }

// Freed says that what contained the records of a plan was released.
type Freed struct {
	Rev        Rev
	Automation string
}

// Kind names the fact.
func (Freed) Kind() string { return "plan-freed/1" }

// instead is what contains the records of a plan that writes none, with the
// automation under its whole name. It refuses one that is not declared.
func (a *Approval) instead(system string, of *rollback.Instead) (*rollback.Instead, error) {
	if !of.Switches() {
		return of, nil
	}
	d, _, err := a.declared(system, of.Automation)
	return &rollback.Instead{How: of.How, Automation: d.Word(), Title: d.Title}, err
}

// contains ends a plan that was frozen just now, if what it waits for is so.
func (s *step) contains(ctx context.Context, frozen rollback.Frozen, rev Rev) error {
	of := frozen.Spec().Instead
	if of == nil {
		return nil
	}
	if of.Switches() {
		if off, err := s.a.isOff(ctx, s.tx, s.incident, of.Automation); err != nil || !off {
			return err
		}
	}
	ended, err := frozen.Contain()
	if err != nil {
		return err
	}
	if err := s.end(ctx, ended); err != nil {
		return err
	}
	return s.say(ctx, Contained{Rev: rev, How: of.How, Automation: of.Title, Records: frozen.Freeze().Listed(), Unit: frozen.Spec().Unit})
}

func (a *Approval) isOff(ctx context.Context, q querier, id incidents.ID, automation string) (bool, error) {
	all, err := a.automationRows(ctx, q, readAutomations, int64(id))
	return slices.ContainsFunc(all, func(s rollback.Switched) bool {
		return s.Word() == automation && s.Stage == rollback.StageOff
	}), err
}

// freed sees whether what a plan relies on has been released since.
func (a *Approval) freed(ctx context.Context, q querier, v *rollback.PlanView) error {
	if !v.Spec.Instead.Switches() || v.State != rollback.NameDone {
		return nil
	}
	off, err := a.isOff(ctx, q, v.Spec.Incident, v.Spec.Instead.Automation)
	v.Freed = !off
	return err
}

const findReliesOn = `
	select p.id
	  from plans p
	  join revisions r on r.plan = p.id and r.number = p.newest
	 where p.incident = $1 and r.state in ('frozen', 'done') and r.spec -> 'instead' ->> 'automation' = $2
	 order by p.number`

// reliesOn are the plans of the incident that contain their records while an
// automation is off: those that wait for that, and those that are done.
func (s *autoStep) reliesOn(ctx context.Context, mine rollback.Switched, each func(*step, rollback.State) error) error {
	rows, err := s.tx.Query(ctx, findReliesOn, int64(s.inc.ID), mine.Word())
	if err != nil {
		return fmt.Errorf("list plans that rely on an automation: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[rollback.ID])
	if err != nil {
		return fmt.Errorf("list plans that rely on an automation: %w", err)
	}
	for _, id := range ids {
		p, err := read(ctx, s.tx, id, true)
		if err != nil {
			return err
		}
		state, err := p.state()
		if err != nil {
			return err
		}
		if err := each(&step{a: s.a, tx: s.tx, act: s.act, at: s.at, inc: s.inc, plan: p}, state); err != nil {
			return err
		}
	}
	return nil
}

// containing ends the plans that waited for an automation, which is off now. What
// was done is so again.
func (s *autoStep) containing(ctx context.Context, mine rollback.Switched) error {
	return s.reliesOn(ctx, mine, func(of *step, state rollback.State) error {
		if frozen, ok := state.(rollback.Frozen); ok {
			return of.contains(ctx, frozen, of.fact())
		}
		v, err := of.view()
		if err != nil {
			return err
		}
		return of.say(ctx, Contained{Rev: of.fact(), How: rollback.InsteadSwitch, Automation: mine.Title, Records: v.Frozen.Listed(), Unit: v.Spec.Unit})
	})
}

// freeing says of plans that are done that their records are contained no longer.
func (s *autoStep) freeing(ctx context.Context, mine rollback.Switched) error {
	return s.reliesOn(ctx, mine, func(of *step, state rollback.State) error {
		if _, waits := state.(rollback.Frozen); waits {
			return nil
		}
		return of.say(ctx, Freed{Rev: of.fact(), Automation: mine.Title})
	})
}
