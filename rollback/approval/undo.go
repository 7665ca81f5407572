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
	v, err := a.Get(ctx, id)
	if err != nil {
		return rollback.Stamp{}, err
	}
	q, err := a.asks(act, v.Spec.Scope, Source.planned)
	if err != nil {
		return rollback.Stamp{}, err
	}
	undone, back, set, chosen, err := v.UndoOf(q.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	// The guard is that of the run: the marks of its records are what a later
	// writer is told by.
	scope := v.Spec.Scope
	scope.Set = set
	spec := q.spec(rollback.KindUndo, scope)
	spec.Decisions, spec.Effects, spec.Accepted, spec.Undoes = back, v.Spec.Effects, v.Spec.Accepted, &undone
	spec.Guard, spec.TouchedAt, spec.Of = v.Spec.Guard, v.Spec.TouchedAt, chosen
	if undone.Inserted { // whatever people did to a record since makes it theirs
		spec.Guard = rollback.GuardAnyChange
	}
	of := Rev{Plan: int64(undone.Plan), Ref: string(undone.Ref), Revision: undone.Revision, Digest: undone.Digest.Bytes()}
	return a.newPlan(ctx, act, q.by, v.Spec.Incident, q.src, spec, note, func(rev Rev) incidents.Fact {
		return UndoDrafted{Rev: rev, Of: of, Source: q.src.Name, Table: q.table.Name, Records: undone.Written, By: q.by}
	})
}
