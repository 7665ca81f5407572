package executor

import (
	"context"
	"errors"
	"fmt"
	"io"

	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/source"
)

// triesOfFreeze is how often a freeze that broke is tried before people are
// told.
const triesOfFreeze = 3

// Freeze fixes the records of a draft in its source, writes and reads back the
// before-image export, and hands both to approval. What refuses is told to the
// incident; what broke is tried again.
func (e *Executor) Freeze(ctx context.Context, job jobs.Job[approval.Freeze]) error {
	draft, err := e.approval.ForFreeze(ctx, job.Args)
	if errors.Is(err, approval.ErrObsolete) {
		return nil
	}
	if err != nil {
		return err
	}
	frozen, err := e.freeze(ctx, draft, job.Args)
	if err == nil {
		err = e.approval.Frozen(ctx, job.Args, frozen)
	}
	switch _, refused := refusal.As(err); {
	case err == nil, errors.Is(err, approval.ErrObsolete):
		return nil // a draft that has moved on leaves an inert attempt in the source
	case !refused && job.Attempt < triesOfFreeze:
		return err
	}
	e.log.WarnContext(ctx, "freeze failed", "plan", draft.Spec().Label(), "err", err)
	if err := e.approval.FreezeFailed(ctx, job.Args, err); err != nil && !errors.Is(err, approval.ErrObsolete) {
		return err
	}
	return nil
}

func (e *Executor) freeze(ctx context.Context, draft rollback.Draft, job approval.Freeze) (rollback.Freeze, error) {
	w, err := e.writers(draft.Spec().Scope.Source)
	if err != nil {
		return rollback.Freeze{}, err
	}
	defer w.Close()
	f, err := e.fix(ctx, w, draft, job)
	return f, unwritable(err, e.dir)
}

// fix makes the export whole on disk before the freeze counts.
func (e *Executor) fix(ctx context.Context, w source.Writer, draft rollback.Draft, job approval.Freeze) (rollback.Freeze, error) {
	spec := draft.Spec()
	var f rollback.Freeze
	made, err := WriteExport(e.dir, exportName(spec, job.Attempt), func(to io.Writer) (err error) {
		f, err = w.Freeze(ctx, draft, e.outside(ctx, spec), job.Attempt, to)
		return err
	})
	if err != nil {
		return rollback.Freeze{}, err
	}
	made.Columns = f.Export.Columns
	f.Export = made
	if err := ReadBack(f); err != nil {
		return rollback.Freeze{}, err
	}
	if err := writeManifest(spec, f); err != nil {
		return rollback.Freeze{}, err
	}
	if err := writeCopy(f); err != nil {
		return rollback.Freeze{}, err
	}
	return f, nil
}

// outside is what a plan takes from files, or nothing.
func (e *Executor) outside(ctx context.Context, spec rollback.Spec) source.Staged {
	if len(spec.Files()) == 0 && spec.Evidence == nil {
		return nil
	}
	return e.staged(ctx, spec)
}

// exportName is the file a person finds: "SNAFU-42-R1r2". A later attempt never
// replaces the file of an earlier one, which may be the one that counts.
func exportName(s rollback.Spec, attempt int64) string {
	name := fmt.Sprintf("%s-%sr%d", s.Incident, s.Ref, s.Revision)
	if attempt > 1 {
		name += fmt.Sprintf(".%d", attempt)
	}
	return name
}
