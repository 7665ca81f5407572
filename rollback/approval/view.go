package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/rollback"
)

const findPlan = `select id from plans where incident = $1 and number = $2`

const findOnly = `select max(id) from plans where incident = $1`

// Find gives the plan of an incident by its reference; an empty reference means
// its newest plan. It refuses what there is not (no-plan).
func (a *Approval) Find(ctx context.Context, id incidents.ID, ref rollback.Ref) (rollback.ID, error) {
	var found *rollback.ID
	var err error
	if ref == "" {
		err = a.db.Pool().QueryRow(ctx, findOnly, id).Scan(&found)
	} else {
		var n int64
		if _, err := fmt.Sscanf(string(ref), "R%d", &n); err != nil {
			return 0, rollback.RefuseNoPlan(string(ref))
		}
		err = a.db.Pool().QueryRow(ctx, findPlan, id, n).Scan(&found)
	}
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && found == nil) {
		if ref == "" {
			ref = "plan"
		}
		return 0, rollback.RefuseNoPlan(string(ref))
	}
	if err != nil {
		return 0, fmt.Errorf("find plan: %w", err)
	}
	return *found, nil
}

const findMade = `select id from plans where act = $1`

// Made gives the plan that an act has begun, however many began since; found is
// false where it has begun none.
func (a *Approval) Made(ctx context.Context, act journal.Act) (plan rollback.ID, found bool, err error) {
	err = a.db.Pool().QueryRow(ctx, findMade, act.Key).Scan(&plan)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("find the plan of an act: %w", err)
	}
	return plan, true, nil
}

// Get gives the newest revision of a plan as its cards show it.
func (a *Approval) Get(ctx context.Context, id rollback.ID) (rollback.PlanView, error) {
	p, err := read(ctx, a.db.Pool(), id, false)
	if err != nil {
		return rollback.PlanView{}, err
	}
	v, err := p.view()
	if err == nil {
		err = a.freed(ctx, a.db.Pool(), &v)
	}
	v.Holds, v.Unsaid = a.holds(p, v.Spec, v.Frozen), a.unsaid(p)
	if err != nil || len(v.Approvals) == 0 {
		return v, err
	}
	rows, err := a.db.Pool().Query(ctx, readHasty, id, p.rev.Digest, rollback.MostInAnHour)
	if err != nil {
		return v, fmt.Errorf("count approvals of an hour: %w", err)
	}
	if v.Hasty, err = pgx.CollectRows(rows, pgx.RowTo[incidents.Person]); err != nil {
		return v, fmt.Errorf("count approvals of an hour: %w", err)
	}
	return v, nil
}

// Who gave one approval after the other, this one among them.
const readHasty = `
	select a.person
	from approvals a
	where a.plan = $1 and a.digest = $2 and a.counts
	  and (select count(*) from approvals b where b.person = a.person and b.at > a.at - interval '1 hour' and b.at <= a.at) > $3
	order by a.at, a.person`

const findAll = `select id from plans where incident = $1 order by number`

// OfIncident gives all plans of an incident, oldest first.
func (a *Approval) OfIncident(ctx context.Context, id incidents.ID) ([]rollback.PlanView, error) {
	rows, err := a.db.Pool().Query(ctx, findAll, id)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[rollback.ID])
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	views := make([]rollback.PlanView, len(ids))
	for i, plan := range ids {
		if views[i], err = a.Get(ctx, plan); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// view draws the rows as they are. It proves nothing: decisions rebuild the
// state instead.
func (p *plan) view() (rollback.PlanView, error) {
	s, err := p.saved()
	if err != nil {
		return rollback.PlanView{}, err
	}
	v := rollback.PlanView{
		Spec: s.Spec, State: s.State, Why: s.Why, Note: p.rev.Note, Stamp: p.stamp(), Newest: p.rev.Number,
		Freezing: p.rev.Freezing, FreezeError: p.rev.FreezeError, Frozen: s.Freeze, Cohorts: s.Spec.Cohorts(),
		Proposed: s.Proposed, Approvals: s.Approvals, Pool: p.pool(), Claim: s.Claim, Order: p.order,
		Expires: instant(p.rev.FreezeExpires), StartBefore: instant(p.rev.StartBefore), Ended: instant(p.rev.EndedAt), Waived: p.waived, Said: p.said,
	}
	if s.Freeze != nil {
		for i := range v.Cohorts {
			v.Cohorts[i].Counts = s.Freeze.OfCohort(v.Cohorts[i].Number)
		}
	}
	if s.State == rollback.NameProposed {
		v.Missing = max(s.Spec.Needs-int64(len(s.Approvals)), 0)
		v.Can = p.without(v.Pool)
	}
	if p.exec == nil {
		return v, nil
	}
	sum, err := p.exec.sums()
	if err != nil {
		return v, err
	}
	for _, who := range p.reviewed {
		v.Reviewed = append(v.Reviewed, incidents.Person(who))
	}
	v.Progress = rollback.Progress{Batches: p.exec.Batches, Hi: p.exec.Hi, Counts: sum.Outcomes}
	v.Cohorted, v.Pace = sum.Cohorts, sum.pace()
	v.Waits, v.Canary, v.Unread = p.exec.Waits, p.exec.Canary, sum.Unread
	if p.exec.Report != nil {
		v.Report = new(rollback.Report)
		if err := json.Unmarshal(p.exec.Report, v.Report); err != nil {
			return v, fmt.Errorf("read the report of %s: %w", p.ref(), err)
		}
	}
	return v, nil
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// KeepConflicts records that the records which people changed since stay as
// they set them. It refuses a plan that has not been frozen (state) and an empty
// reason.
func (a *Approval) KeepConflicts(ctx context.Context, act journal.Act, id rollback.ID, why string) error {
	if _, ok := act.By.Person(); !ok {
		return rollback.RefuseNotPerson()
	}
	if why == "" {
		return refuseNoReason("records")
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		v, err := s.view()
		if err != nil {
			return err
		}
		if v.Frozen == nil {
			return rollback.RefuseState(s.ref(), v.State, "settled", nextAfter(v.State, s.ref()))
		}
		kept := v.Classes().Conflicts() + v.Progress.Counts.Conflicts()
		return s.say(ctx, ConflictsKept{Rev: s.fact(), Records: kept, Why: why})
	})
}
