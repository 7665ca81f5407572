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
	v, err := a.Get(ctx, id)
	if err != nil {
		return rollback.Stamp{}, err
	}
	from, decisions, err := v.Settle()
	if err != nil {
		return rollback.Stamp{}, err
	}
	q, err := a.asks(act, v.Spec.Scope, Source.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	spec := q.spec(rollback.KindConflicts, v.Spec.Scope)
	spec.Decisions, spec.Effects, spec.Accepted, spec.Undoes = decisions, v.Spec.Effects, v.Spec.Accepted, &from
	spec.Guard, spec.TouchedAt = v.Spec.Guard, v.Spec.TouchedAt
	of := Rev{Plan: int64(from.Plan), Ref: string(from.Ref), Revision: from.Revision, Digest: from.Digest.Bytes()}
	return a.newPlan(ctx, act, q.by, v.Spec.Incident, q.src, spec, note, func(rev Rev) incidents.Fact {
		return ConflictsPlanned{Rev: rev, Of: of, Source: q.src.Name, Table: q.table.Name, Records: from.Written, By: q.by}
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
