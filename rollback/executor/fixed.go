package executor

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// List is a file for people with one line a record.
type List struct {
	Path   string
	Rows   int64
	SHA256 string // of the file
}

// Fixed writes the list of exactly who was fixed by a plan, anew from the
// ledger of the source: key, export columns, before, after, at, batch, outcome.
// It refuses (state) a plan that has not begun to write.
func (e *Executor) Fixed(ctx context.Context, id rollback.ID) (List, error) {
	return e.list(ctx, id, "fixed", func(o rollback.Outcome) bool { return o == rollback.Written })
}

// Left writes the list of the records that a plan was to write and did not, or
// has not yet, each with the reason and what it holds instead.
func (e *Executor) Left(ctx context.Context, id rollback.ID) (List, error) {
	return e.list(ctx, id, "left", func(o rollback.Outcome) bool { return o != rollback.Written })
}

func (e *Executor) list(ctx context.Context, id rollback.ID, name string, wanted func(rollback.Outcome) bool) (List, error) {
	view, err := e.approval.Get(ctx, id)
	if err != nil {
		return List{}, err
	}
	if view.Claim == nil || view.Frozen == nil {
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
	out := List{Path: filepath.Join(e.dir, fmt.Sprintf("%sr%d.%s.csv", strings.ReplaceAll(view.Spec.Label(), "/", "-"), view.Spec.Revision, name))}
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return List{}, fmt.Errorf("make the export folder: %w", err)
	}
	sum := sha256.New()
	err = write(out.Path, func(w io.Writer) error {
		out.Rows, err = ledgerCSV(io.MultiWriter(w, sum), t, view, func(each func(rollback.LedgerRow) error) error {
			return reader.Ledger(ctx, view.Run(), func(row rollback.LedgerRow) error {
				if !wanted(row.Outcome) {
					return nil
				}
				return each(row)
			})
		})
		return err
	})
	out.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return out, err
}

func ledgerCSV(w io.Writer, t rollback.Table, v rollback.PlanView, rows func(func(rollback.LedgerRow) error) error) (int64, error) {
	out := csv.NewWriter(w)
	head := append(append([]string{}, t.Key...), t.Export...)
	for _, what := range []string{"before", "after", "holds"} {
		for _, c := range v.Spec.Scope.Set {
			head = append(head, c+"_"+what)
		}
	}
	if err := out.Write(harmless(append(head, "at", "batch", "outcome", "note"))); err != nil {
		return 0, fmt.Errorf("write the head: %w", err)
	}
	n := int64(0)
	err := rows(func(row rollback.LedgerRow) error {
		n++
		return out.Write(harmless(ledgerCells(row, len(t.Export), len(v.Spec.Scope.Set))))
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return n, err
}

// ledgerCells is one line. A record that was written holds what it should, one
// that was refused or only touched holds what was frozen; what a record holds
// that is gone or that somebody is writing is not known.
func ledgerCells(row rollback.LedgerRow, exports, set int) []string {
	cells := append([]string{}, row.Key...)
	cells = append(cells, all(row.Export, exports)...)
	holds := row.Seen
	switch {
	case holds != nil:
	case row.Outcome == rollback.Written:
		holds = row.After
	case row.Outcome == rollback.ConflictLater, row.Outcome == rollback.Failed:
		holds = row.Before
	}
	for _, vs := range []rollback.Values{row.Before, row.After, holds} {
		cells = append(cells, all(vs, set)...)
	}
	at, batch := "", ""
	if row.Outcome != rollback.Pending {
		at, batch = row.At.UTC().Format(time.RFC3339), strconv.FormatInt(row.Batch, 10)
	}
	return append(cells, at, batch, row.Outcome.String(), row.Note)
}
