package approval

import (
	"context"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// Undo begins a plan that puts back what the run of another has written, record
// by record, to what stood there before. It is a plan like any other: frozen,
// proposed, approved by two people and run. Who asks for it is its requester.
//
// It refuses a run that has not ended (state) and one that wrote nothing
// (nothing).
func (a *Approval) Undo(ctx context.Context, act journal.Act, id rollback.ID, note string) (rollback.Stamp, error) {
	by, ok := act.By.Person()
	if !ok {
		return rollback.Stamp{}, rollback.RefuseNotPerson()
	}
	v, err := a.Get(ctx, id)
	if err != nil {
		return rollback.Stamp{}, err
	}
	undone, back, err := v.Undo()
	if err != nil {
		return rollback.Stamp{}, err
	}
	src, err := a.source(v.Spec.Scope.Source)
	if err != nil {
		return rollback.Stamp{}, err
	}
	table, err := src.planned(v.Spec.Scope)
	if err != nil {
		return rollback.Stamp{}, err
	}
	// The guard is that of the run: the marks of its records are what a later
	// writer is told by.
	spec := rollback.Spec{
		Kind: rollback.KindUndo, Scope: v.Spec.Scope, Decisions: back, Effects: v.Spec.Effects, Accepted: v.Spec.Accepted,
		Guard: v.Spec.Guard, TouchedAt: v.Spec.TouchedAt, Unit: table.Unit, Undoes: &undone, Of: v.Spec.Of,
	}
	of := Rev{Plan: int64(undone.Plan), Ref: string(undone.Ref), Revision: undone.Revision, Digest: undone.Digest.Bytes()}
	return a.newPlan(ctx, act, by, v.Spec.Incident, src, spec, note, func(rev Rev) incidents.Fact {
		return UndoDrafted{Rev: rev, Of: of, Source: src.Name, Table: table.Name, Records: undone.Written, By: by}
	})
}
