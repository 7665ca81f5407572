package approval

import (
	"context"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// Settle begins a plan for what the run of another left alone because people had
// changed it. What they set is its error, value by value, so that it is approved
// like any other. Who asks for it is its requester.
//
// It refuses a run that has not ended or that a state table decides about
// (state), and one that left no conflicts (nothing).
func (a *Approval) Settle(ctx context.Context, act journal.Act, id rollback.ID, note string) (rollback.Stamp, error) {
	by, ok := act.By.Person()
	if !ok {
		return rollback.Stamp{}, rollback.RefuseNotPerson()
	}
	v, err := a.Get(ctx, id)
	if err != nil {
		return rollback.Stamp{}, err
	}
	from, decisions, err := v.Settle()
	if err != nil {
		return rollback.Stamp{}, err
	}
	src, err := a.source(v.Spec.Scope.Source)
	if err != nil {
		return rollback.Stamp{}, err
	}
	table, err := src.table(v.Spec.Scope)
	if err != nil {
		return rollback.Stamp{}, err
	}
	spec := rollback.Spec{
		Kind: rollback.KindConflicts, Scope: v.Spec.Scope, Decisions: decisions, Effects: v.Spec.Effects, Accepted: v.Spec.Accepted,
		Guard: v.Spec.Guard, TouchedAt: v.Spec.TouchedAt, Unit: table.Unit, Undoes: &from,
	}
	of := Rev{Plan: int64(from.Plan), Ref: string(from.Ref), Revision: from.Revision, Digest: from.Digest.Bytes()}
	return a.newPlan(ctx, act, by, v.Spec.Incident, src, spec, note, func(rev Rev) incidents.Fact {
		return ConflictsPlanned{Rev: rev, Of: of, Source: src.Name, Table: table.Name, Records: from.Written, By: by}
	})
}

// ConflictsPlanned says that somebody asked for a plan for what a run left to
// people.
type ConflictsPlanned struct {
	Rev     Rev
	Of      Rev // the plan whose conflicts they are
	Source  string
	Table   string
	Records int64 // that it left alone
	By      incidents.Person
}

// Kind names the fact.
func (ConflictsPlanned) Kind() string { return "conflicts-planned/1" }
