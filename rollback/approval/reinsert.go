package approval

import (
	"context"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// Reinsert begins a plan that inserts records again which a run has deleted, as
// the copy of a backup has them. That the run has deleted a record is said by the
// history of its table, and by nobody else. The scope names no columns: those that
// the table declares as insertable are filled.
//
// It refuses what Look refuses, a table that declares no such columns (column) or
// whose history says nothing of deletions (no-evidence), a backup without Last
// Saved State (backup-state) and one that was taken after the run began
// (backup-late).
func (a *Approval) Reinsert(ctx context.Context, act journal.Act, id incidents.ID, ask EvidenceAsk) (rollback.Stamp, error) {
	ask.Scope.Set = nil
	q, err := a.asks(act, ask.Scope, Source.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	if err := q.table.Reinsertable(); err != nil {
		return rollback.Stamp{}, err
	}
	ask.Scope.Set = q.table.Insertable
	if a.look == nil {
		return rollback.Stamp{}, rollback.RefuseNoEvidence(q.src.Name, string(ask.From), ask.Name, nil)
	}
	e, err := a.look(ctx, ask)
	if err != nil {
		return rollback.Stamp{}, err
	}
	// Whoever deleted a record after the run did is the later writer.
	spec := q.spec(rollback.KindReinsert, ask.Scope)
	spec.Decisions, spec.Effects, spec.Evidence, spec.Guard = e.Again(len(ask.Scope.Set)), ask.Effects, &e, rollback.GuardLaterWriter
	return a.newPlan(ctx, act, q.by, id, q.src, spec, ask.Note, func(rev Rev) incidents.Fact {
		return EvidenceDrafted{
			Rev: rev, Source: q.src.Name, Table: q.table.Name, Run: ask.Scope.Run, From: string(e.From), Name: e.Name, SHA256: e.SHA256,
			LastSaved: e.LastSaved, By: q.by,
		}
	})
}
