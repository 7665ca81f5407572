package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snafu/incidents"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/executor"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// hands are the product's rooms that decide about a plan and carry it out, with
// one way of cutting a run into batches.
type hands struct {
	desk     *desk
	batch    rollback.Batching
	approval *approval.Approval
	executor *executor.Executor
	watch    *watch
}

func (d *desk) hands(batch rollback.Batching) *hands {
	h := &hands{desk: d, batch: batch, approval: newApproval(d.db, d.opt, batch), watch: &watch{desk: d}}
	h.executor = executor.New(executor.Options{
		DB: d.db, Approval: h.approval, ExportDir: d.dir, Holder: "bench", Log: d.b.o.Log,
		Readers: func(string) (source.Reader, error) { return watchedReader{Reader: d.reader, watch: h.watch}, nil },
		Writers: func(string) (source.Writer, error) {
			w, err := postgres.OpenWriter(context.Background(), d.opt)
			if err != nil {
				return nil, err
			}
			return watchedWriter{Writer: w, watch: h.watch}, nil
		},
	})
	return h
}

func newApproval(db *pgdb.DB, o postgres.Options, batch rollback.Batching) *approval.Approval {
	return approval.New(approval.Options{DB: db, Eligible: listed, MinRead: time.Nanosecond, Sources: []approval.Source{{
		Name: sourceName, Title: "Benchmark", Users: []string{"KEN", "LENA"}, Needed: 2, Tables: o.Tables, Limits: o.Limits,
		Tolerance: rollback.DefaultTolerance(), Batch: batch,
	}}})
}

// listed is a workspace in which ken and lena are on the list of approvers.
func listed(_ context.Context, q approval.Question) (approval.Standing, error) {
	return approval.Standing{
		Person: q.Person, Source: q.Source, Listed: q.Person == ken || q.Person == lena, Pool: []incidents.Person{ken, lena},
	}, nil
}

// whole is a run without a pause after its first records: nobody is there to
// look at them.
func whole() rollback.Batching {
	b := rollback.DefaultBatching()
	b.Canary = 0
	return b
}

// sized is a run in batches of one size.
func sized(records int64) rollback.Batching {
	b := whole()
	b.Start, b.Min, b.Max = records, records, records
	return b
}

const askedFreeze = `select number, attempt from revisions where plan = $1 order by number desc limit 1`

// frozen drafts and freezes the plan that puts everything back.
func (h *hands) frozen(ctx context.Context) (rollback.PlanView, error) {
	job, err := h.asked(ctx)
	if err != nil {
		return rollback.PlanView{}, err
	}
	if err := h.executor.Freeze(ctx, jobs.Job[approval.Freeze]{Args: job, Attempt: 1}); err != nil {
		return rollback.PlanView{}, err
	}
	return h.found(ctx, job)
}

// asked drafts the plan and asks for its freeze, which it leaves to somebody.
func (h *hands) asked(ctx context.Context) (approval.Freeze, error) {
	d := h.desk
	stamp, err := h.approval.Draft(ctx, d.act(maya), d.incident, approval.Ask{
		Scope: d.harm.scope(), Decisions: d.harm.decisions(), Effects: rollback.EffectsFire, Note: "IT asked",
	})
	if err != nil {
		return approval.Freeze{}, err
	}
	if err := h.approval.AskFreeze(ctx, d.act(maya), stamp.Plan); err != nil {
		return approval.Freeze{}, err
	}
	job := approval.Freeze{Plan: stamp.Plan}
	if err := d.db.Pool().QueryRow(ctx, askedFreeze, stamp.Plan).Scan(&job.Revision, &job.Attempt); err != nil {
		return approval.Freeze{}, fmt.Errorf("find the freeze that was asked for: %w", err)
	}
	return job, nil
}

// found is the plan as its freeze left it.
func (h *hands) found(ctx context.Context, job approval.Freeze) (rollback.PlanView, error) {
	view, err := h.approval.Get(ctx, job.Plan)
	if err == nil && view.FreezeError != "" {
		err = errors.New(view.FreezeError)
	}
	return view, err
}

// claimed is a frozen plan after two people approved it and one started it.
func (h *hands) claimed(ctx context.Context, v rollback.PlanView) (approval.Run, error) {
	d := h.desk
	if err := h.approval.Propose(ctx, d.act(maya), v.Stamp); err != nil {
		return approval.Run{}, err
	}
	for _, who := range []incidents.Person{ken, lena} {
		if err := h.approval.Approve(ctx, d.act(who), v.Stamp, v.Writes(), time.Now()); err != nil {
			return approval.Run{}, err
		}
	}
	if err := h.approval.Claim(ctx, d.act(ken), v.Stamp, string(v.Spec.Ref)); err != nil {
		return approval.Run{}, err
	}
	return approval.Run{Plan: v.Stamp.Plan, Revision: v.Stamp.Revision, Digest: v.Stamp.Digest}, nil
}

// run carries a claimed plan out and says how it ended.
func (h *hands) run(ctx context.Context, job approval.Run) (rollback.PlanView, error) {
	if err := h.executor.Run(ctx, jobs.Job[approval.Run]{Args: job, Attempt: 1}); err != nil {
		return rollback.PlanView{}, err
	}
	return h.approval.Get(ctx, job.Plan)
}
