package approval

import (
	"context"

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

// newest takes a person's decision about the newest revision of a plan, and finds
// where it is to write. It refuses an act that is nobody's, and an older revision
// (stale).
func (a *Approval) newest(ctx context.Context, act journal.Act, stamp rollback.Stamp, decide func(s *step, by incidents.Person, src Source) error) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, stamp.Plan, nil, func(s *step) error {
		if err := s.fresh(stamp); err != nil {
			return err
		}
		src, err := a.source(s.source)
		if err != nil {
			return err
		}
		return decide(s, by, src)
	})
}
