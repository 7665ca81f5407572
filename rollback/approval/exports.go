package approval

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// ListMade says that a list of records of a run was written.
type ListMade struct {
	Rev    Rev
	List   string // fixed, conflicts, pending, left
	Format string // csv, jsonl
	Rows   int64
	SHA256 []byte // of the file
}

// Kind names the fact.
func (ListMade) Kind() string { return "fixed-list/1" }

// ExportRead says to whom a list was handed, or who was shown samples of a
// before-image.
type ExportRead struct {
	Rev    Rev
	Reader incidents.Person
	List   string
	Format string
	SHA256 []byte
}

// Kind names the fact.
func (ExportRead) Kind() string { return "export-read/1" }

// ExportsDeleted says which files of a plan are kept no longer.
type ExportsDeleted struct {
	Rev    Rev
	Closed time.Time // when its incident ended
	Files  []ExportFile
}

// Kind names the fact.
func (ExportsDeleted) Kind() string { return "exports-deleted/1" }

// ExportFile is a file in the folder of exports.
type ExportFile struct {
	Name   string
	SHA256 []byte // of a before-image file its uncompressed lines, as at its freeze; of the others the file
	Bytes  int64
}

// Handed journals that a list was made and that somebody was told where it is,
// before they are. It refuses who is no person (not-person).
func (a *Approval) Handed(ctx context.Context, act journal.Act, id rollback.ID, of rollback.ListOf, rows int64, sum []byte) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		list, format := string(of.Name), string(of.Format)
		if err := s.say(ctx, ListMade{Rev: s.fact(), List: list, Format: format, Rows: rows, SHA256: sum}); err != nil {
			return err
		}
		return s.say(ctx, ExportRead{Rev: s.fact(), Reader: by, List: list, Format: format, SHA256: sum})
	})
}

// Sampled journals that somebody was shown records of a plan from its
// before-image, masked. It refuses who is no person (not-person).
func (a *Approval) Sampled(ctx context.Context, act journal.Act, id rollback.ID) error {
	by, ok := act.By.Person()
	if !ok {
		return rollback.RefuseNotPerson()
	}
	return a.decide(ctx, act, id, nil, func(s *step) error {
		v, err := s.view()
		if err != nil {
			return err
		}
		if v.Frozen == nil {
			return rollback.RefuseState(s.ref(), v.State, "looked at", nextAfter(v.State, s.ref()))
		}
		return s.say(ctx, ExportRead{Rev: s.fact(), Reader: by, List: "samples", Format: "masked", SHA256: v.Frozen.Export.SHA256})
	})
}

// IsOver says whether the files of a plan need not be kept any longer: its snafu
// was closed longer ago than keep by the clock of the database.
func (a *Approval) IsOver(ctx context.Context, id rollback.ID, keep time.Duration) (over bool, err error) {
	p, err := a.incidentOf(ctx, id)
	if err != nil {
		return false, err
	}
	err = a.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, err := response.Locked(ctx, tx, p.incident)
		if err != nil {
			return err
		}
		at, err := a.db.Now(ctx, tx)
		over = isOver(inc, at, keep)
		return err
	})
	return over, err
}

func isOver(inc incidents.Incident, at time.Time, keep time.Duration) bool {
	return inc.Phase() == incidents.PhaseClosed && !inc.ClosedAt.IsZero() && at.Sub(inc.ClosedAt) > keep
}

// OverExports journals that files of a plan are deleted; who asks deletes them
// after that. The files of a snafu that is open, open again, or closed less long
// ago than keep, are never given away (ErrObsolete).
func (a *Approval) OverExports(ctx context.Context, act journal.Act, id rollback.ID, keep time.Duration, files []ExportFile) error {
	return a.decide(ctx, act, id, nil, func(s *step) error {
		if !isOver(s.inc, s.at, keep) {
			return ErrObsolete
		}
		return s.say(ctx, ExportsDeleted{Rev: s.fact(), Closed: s.inc.ClosedAt, Files: files})
	})
}
