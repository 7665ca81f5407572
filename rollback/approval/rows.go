package approval

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/rollback"
)

// querier is a pool or a transaction.
type querier interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
	QueryRow(context.Context, string, ...any) pgx.Row
}

// plan is a plan with its newest revision, as the rows hold it.
type plan struct {
	id        rollback.ID
	incident  incidents.ID
	number    int64
	source    string
	requester incidents.Person
	people    []part
	involved  []involvedRow
	reviewed  []string // approvers who had no voice and looked at a break-glass run
	rev       revisionRow
	votes     []vote
	exec      *execution
	order     rollback.OrderWord
	waived    *rollback.Waived // nothing waits for what it was to park
	holds     []holdRow
	said      rollback.Said
}

type part struct {
	Person string
	Part   string
}

// involvedRow is somebody who was recorded as involved in the cause.
type involvedRow struct {
	Person string
	At     time.Time
}

type revisionRow struct {
	Number        int64
	Author        string
	State         string
	Why           string
	Note          string
	Spec          []byte
	Attempt       int64
	Freezing      bool
	FreezeError   string
	Frozen        []byte
	Canonical     []byte
	Digest        []byte
	FrozenAt      *time.Time
	FreezeExpires *time.Time
	ProposedAt    *time.Time
	Pool          []byte
	StartBefore   *time.Time
	DraftedAt     time.Time
	EndedAt       *time.Time
}

type vote struct {
	Person string
	Typed  int64
	At     time.Time
	Counts bool
}

type execution struct {
	Voice1    string
	Voice2    string
	StartedBy string
	ClaimedAt time.Time
	Epoch     int64
	Batches   int64
	Hi        int64
	Outcomes  []byte
	Waits     string
	Canary    bool
	Report    []byte
	EndedAt   *time.Time
}

const readPlan = `
	select incident, number, source, requester, newest, waived_by, waived_why, asked, discussed, undiscussed
	from plans
	where id = $1`

const lockPlan = readPlan + `
	for update`

const readRevision = `
	select number, author, state, why, note, spec, attempt, freezing, freeze_error, frozen, canonical, digest, frozen_at,
	       freeze_expires, proposed_at, pool, start_before, drafted_at, ended_at
	from revisions
	where plan = $1 and number = $2`

const readPeople = `
	select person, part
	from plan_people
	where plan = $1
	order by person`

const readInvolved = `
	select person, at
	from involved
	where incident = $1
	order by person`

// Oldest first: the order decides which approval was the last one needed.
const readVotes = `
	select person, typed, at, counts
	from approvals
	where plan = $1 and digest = $2
	order by at, person`

const readExecution = `
	select voice1, voice2, started_by, claimed_at, epoch, batches, hi, outcomes, waits, canary, report, ended_at
	from executions
	where plan = $1 and digest = $2`

const readOrder = `
	select word
	from orders
	where plan = $1 and digest = $2 and obeyed_at is null
	order by id desc
	limit 1`

// read fetches a plan; lock says whether to hold its row until the transaction
// ends.
func read(ctx context.Context, q querier, id rollback.ID, lock bool) (*plan, error) {
	statement := readPlan
	if lock {
		statement = lockPlan
	}
	p, newest, err := readHead(ctx, q, statement, id)
	if err != nil {
		return nil, err
	}
	if p.rev, err = one[revisionRow](ctx, q, readRevision, id, newest); err != nil {
		return nil, fmt.Errorf("read revision: %w", err)
	}
	if p.people, err = all[part](ctx, q, readPeople, id); err != nil {
		return nil, fmt.Errorf("read people of plan: %w", err)
	}
	if p.involved, err = all[involvedRow](ctx, q, readInvolved, p.incident); err != nil {
		return nil, fmt.Errorf("read who is involved: %w", err)
	}
	if p.holds, err = all[holdRow](ctx, q, readHolds, id); err != nil {
		return nil, fmt.Errorf("read holds of plan: %w", err)
	}
	if p.rev.Digest == nil {
		return p, nil
	}
	if p.votes, err = all[vote](ctx, q, readVotes, id, p.rev.Digest); err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	exec, err := one[execution](ctx, q, readExecution, id, p.rev.Digest)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, nil
	case err != nil:
		return nil, fmt.Errorf("read execution: %w", err)
	}
	p.exec = &exec
	if bytes.Contains(p.rev.Spec, []byte(`"break_glass"`)) {
		if err := p.readReviews(ctx, q); err != nil {
			return nil, err
		}
	}
	err = q.QueryRow(ctx, readOrder, id, p.rev.Digest).Scan(&p.order)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	return p, nil
}

// readHead fetches the row of a plan, and the number of its newest revision.
func readHead(ctx context.Context, q querier, statement string, id rollback.ID) (p *plan, newest int64, err error) {
	p = &plan{id: id}
	var by, why *string
	err = q.QueryRow(ctx, statement, id).Scan(&p.incident, &p.number, &p.source, &p.requester, &newest, &by, &why, &p.said.Asked, &p.said.Discussed, &p.said.Undiscussed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, 0, rollback.RefuseNoPlan("plan")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read plan: %w", err)
	}
	if by != nil && why != nil {
		p.waived = &rollback.Waived{By: incidents.Person(*by), Why: *why}
	}
	return p, newest, nil
}

func one[T any](ctx context.Context, q querier, statement string, args ...any) (T, error) {
	rows, err := q.Query(ctx, statement, args...) // collected at once
	if err != nil {
		var none T
		return none, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[T])
}

func all[T any](ctx context.Context, q querier, statement string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, statement, args...) // collected at once
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

func (p *plan) ref() rollback.Ref { return rollback.NewRef(p.number) }

func (p *plan) stateName() rollback.StateName { return rollback.StateName(p.rev.State) }

func (p *plan) spec() (rollback.Spec, error) {
	var s rollback.Spec
	if err := json.Unmarshal(p.rev.Spec, &s); err != nil {
		return s, fmt.Errorf("read what %s asks: %w", p.ref(), err)
	}
	return s, nil
}

func (p *plan) digest() rollback.Digest {
	d, err := rollback.DigestOf(p.rev.Digest)
	if err != nil {
		return rollback.Digest{}
	}
	return d
}

// stamp is what a button about the newest revision carries.
func (p *plan) stamp() rollback.Stamp {
	return rollback.Stamp{Plan: p.id, Revision: p.rev.Number, Digest: p.digest()}
}

// rev is the revision as facts name it.
func (p *plan) fact() Rev {
	return Rev{Plan: int64(p.id), Ref: string(p.ref()), Revision: p.rev.Number, Digest: p.rev.Digest}
}

// saved gathers the rows; the rules of rollback decide what they amount to.
func (p *plan) saved() (rollback.Saved, error) {
	spec, err := p.spec()
	if err != nil {
		return rollback.Saved{}, err
	}
	s := rollback.Saved{Spec: spec, State: p.stateName(), Why: p.rev.Why, Canonical: p.rev.Canonical, Digest: p.digest()}
	if p.rev.Frozen != nil {
		s.Freeze = new(rollback.Freeze)
		if err := json.Unmarshal(p.rev.Frozen, s.Freeze); err != nil {
			return s, fmt.Errorf("read the freeze of %s: %w", p.ref(), err)
		}
	}
	if p.rev.ProposedAt != nil {
		s.Proposed = p.rev.ProposedAt.UTC()
	}
	for _, v := range p.votes {
		who := incidents.Person(v.Person)
		if v.Counts {
			s.Approvals = append(s.Approvals, rollback.Approval{By: who, Typed: v.Typed, At: v.At.UTC()})
		} else {
			s.Withdrew = append(s.Withdrew, who)
		}
	}
	for _, q := range p.people {
		if q.Part == "involved" {
			s.Involved = append(s.Involved, incidents.Person(q.Person))
		}
	}
	for _, q := range p.involved {
		// A run that was started goes by what was known when it was.
		if p.exec == nil || q.At.Before(p.exec.ClaimedAt) {
			s.Involved = append(s.Involved, incidents.Person(q.Person))
		}
	}
	if p.exec != nil {
		s.Claim = &rollback.Claim{By: incidents.Person(p.exec.StartedBy), At: p.exec.ClaimedAt.UTC(), Voices: p.voicesAt(p.exec.ClaimedAt, spec)}
		pair := []incidents.Person{incidents.Person(p.exec.Voice1), incidents.Person(p.exec.Voice2)}
		if !slices.Contains(s.Claim.Voices, pair[0]) || !slices.Contains(s.Claim.Voices, pair[1]) {
			s.Claim.Voices = pair // no approvals give these, so Load fails
		}
	}
	return s, nil
}

// voicesAt are the approvals that stood at the claim. With two needed they are
// exactly those the execution names.
func (p *plan) voicesAt(at time.Time, spec rollback.Spec) []incidents.Person {
	var out []incidents.Person
	for _, v := range p.votes {
		if v.Counts && !at.After(v.At.Add(spec.Limits.ApprovalExpires)) {
			out = append(out, incidents.Person(v.Person))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// state rebuilds the state by making its decisions again.
func (p *plan) state() (rollback.State, error) {
	s, err := p.saved()
	if err != nil {
		return nil, err
	}
	return rollback.Load(s)
}

// part is a person's part in the plan, empty for none.
func (p *plan) part(who incidents.Person) string {
	for _, q := range p.people {
		if q.Person == string(who) {
			return q.Part
		}
	}
	return ""
}

// authorPart is the part of somebody who writes a revision: the requester's, or
// that of an author beside them.
func (s *step) authorPart(by incidents.Person) string {
	if by == s.requester {
		return "requester"
	}
	return "author"
}

// wrote says whether a person asked for the plan or wrote a revision.
func (p *plan) wrote(who incidents.Person) bool {
	part := p.part(who)
	return part == "requester" || part == "author"
}

func (p *plan) pool() []incidents.Person {
	var pool []incidents.Person
	_ = json.Unmarshal(p.rev.Pool, &pool) // an unreadable pool is an empty one: it only names people
	return pool
}

// barred are the people involved in the cause, where they do not count.
func (p *plan) barred() ([]incidents.Person, error) {
	spec, err := p.spec()
	if err != nil || spec.InvolvedCounts {
		return nil, err
	}
	out := make([]incidents.Person, len(p.involved))
	for i, q := range p.involved {
		out[i] = incidents.Person(q.Person)
	}
	return out, nil
}

// without leaves out of a pool who took part, who is involved in the cause and
// who has decided already.
func (p *plan) without(pool []incidents.Person) []incidents.Person {
	var out []incidents.Person
	barred, err := p.barred()
	if err != nil {
		return nil // it only names people
	}
	spec, _ := p.spec() // read a moment ago
	for _, who := range pool {
		if slices.Contains(barred, who) {
			continue
		}
		counted := slices.ContainsFunc(p.votes, func(v vote) bool { return v.Person == string(who) })
		votes := who == p.requester && spec.RequesterVotes()
		if part := p.part(who); (part == "" || part == "approver" || votes) && !counted {
			out = append(out, who)
		}
	}
	return out
}
