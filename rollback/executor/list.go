package executor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// List is a file with one line a record.
type List struct {
	Path   string
	Rows   int64
	SHA256 []byte // of the file
}

// List writes a list of records of a run, anew from the ledger of the source;
// what the run left to people from the start is in the before-image file.
// It refuses a plan that has not begun to write (state), and a list of conflicts
// whose before-image file is gone or altered (export).
func (e *Executor) List(ctx context.Context, id rollback.ID, of rollback.ListOf) (List, error) {
	view, err := e.approval.Get(ctx, id)
	if err != nil {
		return List{}, err
	}
	listed := view.Spec.Instead != nil
	if view.Claim == nil && !listed || view.Frozen == nil {
		return List{}, refusal.Conflict("%s has not written anything yet, so nobody is fixed.", view.Spec.Ref).Coded("state")
	}
	t, err := e.approval.Table(view.Spec.Scope)
	if err != nil {
		return List{}, err
	}
	reader, err := e.readers(view.Spec.Scope.Source)
	if err != nil {
		return List{}, err
	}
	of.Format = cmp.Or(of.Format, rollback.ListCSV)
	name := fmt.Sprintf("%sr%d.%s.%s", strings.ReplaceAll(view.Spec.Label(), "/", "-"), view.Spec.Revision, of.Name, of.Format)
	out := List{Path: filepath.Join(e.dir, name)}
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return List{}, fmt.Errorf("make the export folder: %w", err)
	}
	sum := sha256.New()
	err = write(out.Path, func(w io.Writer) error {
		sheet, err := newSheet(io.MultiWriter(w, sum), of.Format, t, view.Spec.Scope.Set)
		if err != nil {
			return err
		}
		take := func(row rollback.ListRow) error {
			out.Rows++
			return sheet.add(row)
		}
		if listed {
			err = contained(*view.Frozen, t.Export, take)
		} else {
			err = reader.Ledger(ctx, view.Run(), func(row rollback.LedgerRow) error {
				if !of.Name.Takes(row.Outcome) {
					return nil
				}
				return take(row.Listed())
			})
		}
		if err == nil && of.Name == rollback.ListConflicts {
			err = leftAlone(*view.Frozen, t.Export, take)
		}
		if err != nil {
			return err
		}
		return sheet.end()
	})
	out.SHA256 = sum.Sum(nil)
	if errors.Is(err, errExport) {
		return List{}, refusal.Unavailable("The before-image file of %s is missing or altered, or was deleted after its time, so what stood there at the freeze cannot be listed. Ask whoever runs snafu for %s.",
			view.Spec.Ref, filepath.Base(view.Frozen.Export.Path)).Coded("export")
	}
	return out, err
}

// leftAlone gives the records that people had changed before the freeze. A file
// that is not the one which was approved gives an error at its end at the latest.
func leftAlone(f rollback.Freeze, columns []string, each func(rollback.ListRow) error) error {
	if f.Classes().Conflicts() == 0 {
		return nil
	}
	return frozenLines(f, columns, "before the freeze", func(c rollback.Class) (rollback.Outcome, bool) {
		outcome, is := conflicts[c]
		return outcome, is
	}, each)
}

// contained gives the records that a plan contains without writing them, with what
// they held when it was frozen.
func contained(f rollback.Freeze, columns []string, each func(rollback.ListRow) error) error {
	return frozenLines(f, columns, "listed, not written", func(c rollback.Class) (rollback.Outcome, bool) {
		return rollback.Pending, c != rollback.ClassMissing
	}, each)
}

// frozenLines gives the records of a before-image file whose class is wanted.
func frozenLines(f rollback.Freeze, columns []string, note string, wanted func(rollback.Class) (rollback.Outcome, bool), each func(rollback.ListRow) error) error {
	sum := sha256.New()
	var told error // of each: no fault of the file
	err := lines(f.Export.Path, func(line []byte) error {
		sum.Write(line)
		r, err := parseLine(line)
		if err != nil {
			return err
		}
		outcome, is := wanted(r.Class)
		if !is {
			return nil
		}
		told = each(rollback.ListRow{
			Key: r.Key, Export: pick(r.Export, f.Export.Columns, columns), Before: r.Error, After: r.Desired, Holds: r.Current,
			Outcome: outcome, At: f.At, Note: note,
		})
		return told
	})
	switch {
	case told != nil:
		return told
	case err != nil:
		return fmt.Errorf("%w: %w", errExport, err)
	case !bytes.Equal(sum.Sum(nil), f.Export.SHA256):
		return errExport
	}
	return nil
}

var conflicts = map[rollback.Class]rollback.Outcome{
	rollback.ClassConflict: rollback.Conflict, rollback.ClassConflictLater: rollback.ConflictLater,
}

// pick gives the columns that are wanted of those that a file has; one that it
// has not is none.
func pick(vs rollback.Values, has, wanted []string) rollback.Values {
	out := make(rollback.Values, len(wanted))
	for i, name := range wanted {
		out[i].Null = true
		if at := slices.Index(has, name); at >= 0 && at < len(vs) {
			out[i] = vs[at]
		}
	}
	return out
}
