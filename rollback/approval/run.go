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

// sums are the outcomes of a run as its row holds them.
type sums struct {
	rollback.Outcomes
	Cohorts []rollback.CohortOutcomes `json:"cohorts"`

	// The sitting: since its preflight, from how many outcomes, to its last batch.
	Since time.Time `json:"since,omitzero"`
	From  int64     `json:"from,omitempty"`
	Last  time.Time `json:"last,omitzero"`

	Unread int64 `json:"unread,omitempty"` // of the first records: written, and not read back so
}

// pace is how fast the sitting has gone, by the last batch.
func (s sums) pace() rollback.Pace {
	if s.Since.IsZero() || !s.Last.After(s.Since) {
		return rollback.Pace{}
	}
	return rollback.Pace{Records: s.Sum() - s.From, Took: s.Last.Sub(s.Since)}
}

func (e *execution) outcomes() (rollback.Outcomes, error) {
	s, err := e.sums()
	return s.Outcomes, err
}

func (e *execution) sums() (sums, error) {
	var o sums
	if err := json.Unmarshal(e.Outcomes, &o); err != nil {
		return o, fmt.Errorf("read outcomes: %w", err)
	}
	return o, nil
}

func (p *plan) writes() (int64, error) {
	var f rollback.Freeze
	if err := json.Unmarshal(p.rev.Frozen, &f); err != nil {
		return 0, fmt.Errorf("read the freeze of %s: %w", p.ref(), err)
	}
	return f.Writes, nil
}

// ForRun gives the run that a job is about, rebuilt from its rows by making all
// decisions again: the freeze must give the digest, the approvals must carry
// the start. ErrObsolete when it is not running under this digest.
func (a *Approval) ForRun(ctx context.Context, job Run) (rollback.Running, rollback.PlanView, error) {
	p, err := read(ctx, a.db.Pool(), job.Plan, false)
	if err != nil {
		return rollback.Running{}, rollback.PlanView{}, err
	}
	if p.rev.Number != job.Revision || p.digest() != job.Digest {
		return rollback.Running{}, rollback.PlanView{}, ErrObsolete
	}
	state, err := p.state()
	if err != nil {
		return rollback.Running{}, rollback.PlanView{}, err
	}
	running, ok := state.(rollback.Running)
	if !ok {
		return rollback.Running{}, rollback.PlanView{}, ErrObsolete
	}
	view, err := p.view()
	view.Holds = a.holds(p, view.Spec, view.Frozen)
	return running, view, err
}

// The lease of a run as the log database sees it. Every change of holder gets a
// higher epoch.
const ownRun = `
	update executions
	set holder = $3, epoch = epoch + 1, expires_at = $4
	where plan = $1 and digest = $2 and ended_at is null
	  and (holder = $3 or holder = '' or expires_at is null or expires_at < $5)
	returning epoch`

const keepRun = `
	update executions
	set expires_at = $5
	where plan = $1 and digest = $2 and ended_at is null and holder = $3 and epoch = $4`

const leaveRun = `
	update executions
	set holder = '', expires_at = null
	where plan = $1 and digest = $2 and holder = $3 and epoch = $4`

// ErrOwned says that another process owns the run.
var ErrOwned = errors.New("another process owns the run")

// Own makes holder the owner of a run for a term, if nobody is or the owner has
// let its term pass. It gives the new epoch; ErrOwned if another owns it.
func (a *Approval) Own(ctx context.Context, job Run, holder string, term time.Duration) (int64, error) {
	now, err := a.db.Now(ctx, nil)
	if err != nil {
		return 0, err
	}
	var epoch int64
	err = a.db.Pool().QueryRow(ctx, ownRun, job.Plan, job.Digest.Bytes(), holder, now.Add(term), now).Scan(&epoch)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, ErrOwned
	}
	if err != nil {
		return 0, fmt.Errorf("own the run: %w", err)
	}
	return epoch, nil
}

// Keep renews the ownership of a run. ErrOwned when it is lost or the run ended.
func (a *Approval) Keep(ctx context.Context, job Run, holder string, epoch int64, term time.Duration) error {
	now, err := a.db.Now(ctx, nil)
	if err != nil {
		return err
	}
	tag, err := a.db.Pool().Exec(ctx, keepRun, job.Plan, job.Digest.Bytes(), holder, epoch, now.Add(term))
	if err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrOwned
	}
	return nil
}

// Leave gives the ownership back, so that the next owner need not wait.
func (a *Approval) Leave(ctx context.Context, job Run, holder string, epoch int64) error {
	if _, err := a.db.Pool().Exec(ctx, leaveRun, job.Plan, job.Digest.Bytes(), holder, epoch); err != nil {
		return fmt.Errorf("leave the run: %w", err)
	}
	return nil
}

const readUnowned = `
	select r.plan, r.number, r.digest, (select count(*) from orders o where o.plan = r.plan and o.digest = r.digest),
	       case when e.holder = '' then 0 else e.epoch end
	from revisions r
	join executions e on e.plan = r.plan and e.digest = r.digest
	where r.state = 'running' and e.ended_at is null
	  and (e.holder = '' or e.expires_at is null or e.expires_at < $1)
	order by r.plan`

// Unowned are the runs that should go on and have no owner: a sweep asks for
// them again. One whose owner let its term pass without leaving is Lost; one
// that nobody has taken up yet equals the job that waits for it.
func (a *Approval) Unowned(ctx context.Context) ([]Run, error) {
	now, err := a.db.Now(ctx, nil)
	if err != nil {
		return nil, err
	}
	rows, err := a.db.Pool().Query(ctx, readUnowned, now)
	if err != nil {
		return nil, fmt.Errorf("read runs without owner: %w", err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Run, error) {
		var r Run
		var digest []byte
		if err := row.Scan(&r.Plan, &r.Revision, &digest, &r.Turn, &r.Lost); err != nil {
			return r, err
		}
		d, err := rollback.DigestOf(digest)
		r.Digest = d
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read runs without owner: %w", err)
	}
	return runs, nil
}

const readWord = `
	select word, why
	from orders
	where plan = $1 and digest = $2 and obeyed_at is null
	order by id desc
	limit 1`

// Ordered is the order that a run has not obeyed yet, empty for none. The run
// asks between two batches.
func (a *Approval) Ordered(ctx context.Context, job Run) (word rollback.OrderWord, why string, err error) {
	err = a.db.Pool().QueryRow(ctx, readWord, job.Plan, job.Digest.Bytes()).Scan(&word, &why)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("read orders: %w", err)
	}
	return word, why, nil
}

func (r Run) act(epoch int64, what string) journal.Act {
	return journal.Act{By: incidents.System("executor"), Key: fmt.Sprintf("run:%d:%s:%s:%d", r.Plan, r.Digest.Short(), what, epoch)}
}

// inRun begins a transition of a run inside the executor's transaction: it
// must be the first thing in it.
func (a *Approval) inRun(ctx context.Context, tx pgx.Tx, job Run, act journal.Act) (*step, rollback.Running, error) {
	before, err := a.incidentOf(ctx, job.Plan)
	if err != nil {
		return nil, rollback.Running{}, err
	}
	s, err := a.begin(ctx, tx, act, before.incident, job.Plan)
	if err != nil {
		return nil, rollback.Running{}, err
	}
	if s.rev.Number != job.Revision || s.digest() != job.Digest {
		return nil, rollback.Running{}, ErrObsolete
	}
	state, err := s.state()
	if err != nil {
		return nil, rollback.Running{}, err
	}
	running, ok := state.(rollback.Running)
	if !ok {
		return nil, rollback.Running{}, ErrObsolete
	}
	return s, running, nil
}
