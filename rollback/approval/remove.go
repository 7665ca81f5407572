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
	by, ok := act.By.Person()
	if !ok {
		return rollback.Stamp{}, rollback.RefuseNotPerson()
	}
	src, err := a.source(ask.Scope.Source)
	if err != nil {
		return rollback.Stamp{}, err
	}
	table, err := src.table(ask.Scope)
	if err != nil {
		return rollback.Stamp{}, err
	}
	if table.Archive.Column == "" {
		return rollback.Stamp{}, rollback.RefuseNoArchive(table.Relation)
	}
	spec := rollback.Spec{
		Kind: rollback.KindRollback, Scope: ask.Scope, Of: ask.Scope.Set, Effects: ask.Effects, Expect: ask.Expect,
		Guard: rollback.GuardValue, TouchedAt: table.TouchedAt, Unit: table.Unit,
	}
	spec.Scope.Set = []string{table.Archive.Column}
	for _, d := range ask.Decisions {
		d.Kind, d.Desired = rollback.CohortRemove, rollback.One(table.Archive.Value)
		spec.Decisions = append(spec.Decisions, d)
	}
	return a.newPlan(ctx, act, by, id, src, spec, ask.Note, func(rev Rev) incidents.Fact {
		return Drafted{Rev: rev, Source: src.Name, Table: table.Name, Run: ask.Scope.Run, Cohorts: int64(len(ask.Decisions)), By: by}
	})
}
