package approval

import (
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

// asks is who asks for a new plan, and where it is to write.
type asks struct {
	by    incidents.Person
	src   Source
	table rollback.Table
}

// asks finds who asks and where a scope lies, as the configuration declares it by
// Source.table or Source.planned. It refuses an act that is nobody's, and a
// source, table or column that is not declared.
func (a *Approval) asks(act journal.Act, scope rollback.Scope, find func(Source, rollback.Scope) (rollback.Table, error)) (q asks, err error) {
	var ok bool
	if q.by, ok = act.By.Person(); !ok {
		return q, rollback.RefuseNotPerson()
	}
	if q.src, err = a.source(scope.Source); err != nil {
		return q, err
	}
	q.table, err = find(q.src, scope)
	return q, err
}

// spec begins what the plan says: where, and what its table declares.
func (q asks) spec(kind rollback.Kind, scope rollback.Scope) rollback.Spec {
	return rollback.Spec{Kind: kind, Scope: scope, Guard: q.table.EffectiveGuard(), TouchedAt: q.table.TouchedAt, Unit: q.table.Unit}
}

// drafted says that the plan was asked for, with as many cohorts.
func (q asks) drafted(scope rollback.Scope, cohorts int) func(Rev) incidents.Fact {
	return func(rev Rev) incidents.Fact {
		return Drafted{Rev: rev, Source: q.src.Name, Table: q.table.Name, Run: scope.Run, Cohorts: int64(cohorts), By: q.by}
	}
}
