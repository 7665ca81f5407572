package approval

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// Ask is what a person wants of a plan.
type Ask struct {
	Scope     rollback.Scope
	Decisions []rollback.Decision
	Effects   rollback.Effects
	Accepted  []string // what may fire although EffectsGUC was chosen, by name
	Note      string
	Expect    int64             // the most records that people mean to write; 0 is nothing said
	Instead   *rollback.Instead // how a plan contains records of which it writes none
}

const insertPlan = `
	insert into plans (incident, number, source, requester, at, act)
	select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5
	from plans
	where incident = $1
	returning id, number`

const insertPart = `
	insert into plan_people (plan, person, part)
	values ($1, $2, $3)
	on conflict (plan, person) do nothing`

const insertRevision = `
	insert into revisions (plan, number, author, author_part, state, note, spec, needs, requester_counts, involved_counts, drafted_at)
	values ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10)`

// Draft begins a plan of an incident. Who drafts it asks for it, and their
// approval will not count.
//
// It refuses a source or table that is not declared (NotFound), a column that
// may not be set (column), a scope without a run (window-only) and a pair
// decided twice (overlap).
func (a *Approval) Draft(ctx context.Context, act journal.Act, id incidents.ID, ask Ask) (rollback.Stamp, error) {
	q, err := a.asks(act, ask.Scope, Source.table)
	if err != nil {
		return rollback.Stamp{}, err
	}
	spec := q.spec(rollback.KindRollback, ask.Scope)
	spec.Decisions, spec.Effects, spec.Accepted, spec.Expect = ask.Decisions, ask.Effects, ask.Accepted, ask.Expect
	return a.newPlan(ctx, act, q.by, id, q.src, spec, ask.Note, q.drafted(ask.Scope, len(ask.Decisions)))
}

// newPlan stores the first revision of a plan.
func (a *Approval) newPlan(ctx context.Context, act journal.Act, by incidents.Person, id incidents.ID, src Source, spec rollback.Spec, note string,
	fact func(Rev) incidents.Fact,
) (rollback.Stamp, error) {
	spec.Incident, spec.Revision, spec.Requester, spec.Author = id, 1, by, by
	spec.Batch, spec.Tolerance, spec.Limits = src.Batch, src.Tolerance, src.Limits
	var stamp rollback.Stamp
	err := a.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, a.db, act, id)
		if err != nil {
			return err
		}
		if inc.Phase().Ended() {
			return refuseOver(id)
		}
		if err := inc.Whole("a plan"); err != nil {
			return err
		}
		if err := practice(inc, src); err != nil {
			return err
		}
		if spec.Install, err = install(ctx, tx); err != nil {
			return err
		}
		var number int64
		if err := tx.QueryRow(ctx, insertPlan, id, src.Name, by, at, act.Key).Scan(&spec.Plan, &number); err != nil {
			return fmt.Errorf("insert plan: %w", err)
		}
		spec.Ref = rollback.NewRef(number)
		d, err := rollback.NewDraft(spec)
		if err != nil {
			return err
		}
		d = src.requiring(d.Under(src.rules()))
		s := &step{a: a, tx: tx, act: act, at: at, inc: inc, plan: &plan{id: spec.Plan, incident: id, number: number, source: src.Name}}
		if err := s.join(ctx, by, "requester"); err != nil {
			return err
		}
		if err := s.insert(ctx, d, "requester", note); err != nil {
			return err
		}
		stamp = rollback.Stamp{Plan: spec.Plan, Revision: 1}
		return s.say(ctx, fact(Rev{Plan: int64(spec.Plan), Ref: string(spec.Ref), Revision: 1}))
	})
	return stamp, err
}

const readInstall = `select install from house`

func install(ctx context.Context, tx pgx.Tx) ([]byte, error) {
	var id []byte
	if err := tx.QueryRow(ctx, readInstall).Scan(&id); err != nil {
		return nil, fmt.Errorf("read install id: %w", err)
	}
	return id, nil
}

// join gives a person a part in the plan, for ever. Whoever has one keeps it.
func (s *step) join(ctx context.Context, who incidents.Person, part string) error {
	if _, err := s.tx.Exec(ctx, insertPart, s.id, who, part); err != nil {
		return fmt.Errorf("insert part in plan: %w", err)
	}
	return nil
}

const moveNewest = `
	update plans
	set newest = $2
	where id = $1`

func (s *step) insert(ctx context.Context, d rollback.Draft, part, note string) error {
	spec := d.Spec()
	body, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("write what %s asks: %w", spec.Is(), err)
	}
	_, err = s.tx.Exec(ctx, insertRevision, spec.Plan, spec.Revision, spec.Author, part, note, body, spec.Needs, spec.RequesterVotes(), spec.InvolvedCounts, s.at)
	if err != nil {
		return fmt.Errorf("insert revision: %w", err)
	}
	if _, err := s.tx.Exec(ctx, moveNewest, spec.Plan, spec.Revision); err != nil {
		return fmt.Errorf("move to revision: %w", err)
	}
	return nil
}
