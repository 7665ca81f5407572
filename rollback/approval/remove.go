package approval

import (
	"context"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// Remove begins a plan that marks members of a run as removed, chosen by what the
// state table says about them: it writes the column by which their table says
// so. Nothing is deleted. The scope is that of the state table.
//
// It refuses a table that declares no such column (column), and a cohort of which
// nobody says how many are meant (expect).
func (a *Approval) Remove(ctx context.Context, act journal.Act, id incidents.ID, ask Ask) (rollback.Stamp, error) {
	q, err := a.asks(act, ask.Scope, Source.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	if q.table.Archive.Column == "" {
		return rollback.Stamp{}, rollback.RefuseNoArchive(q.table.Relation)
	}
	spec := q.spec(rollback.KindRollback, ask.Scope)
	spec.Of, spec.Effects, spec.Expect, spec.Guard = ask.Scope.Set, ask.Effects, ask.Expect, rollback.GuardValue
	spec.Scope.Set = []string{q.table.Archive.Column}
	for _, d := range ask.Decisions {
		d.Kind, d.Desired = rollback.CohortRemove, rollback.One(q.table.Archive.Value)
		spec.Decisions = append(spec.Decisions, d)
	}
	return a.newPlan(ctx, act, q.by, id, q.src, spec, ask.Note, q.drafted(ask.Scope, len(ask.Decisions)))
}
