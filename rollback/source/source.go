// Package source says what a customer's system can do for snafu.
//
// A connector hands out a Reader and a Writer from two logins. It knows SQL or
// an API; it decides nothing: classes, digests and refusals come from rollback.
package source

import (
	"context"
	"io"
	"iter"
	"time"

	"snafu/rollback"
)

// Reader is the counting login. It cannot write.
//
// Errors for people are refusals (Unavailable when the system does not answer
// in time); all others are internal and carry no value of a record.
type Reader interface {
	// Caps says what this login may really do, asked live.
	Caps(context.Context) (rollback.Caps, error)
	// Target says who the server claims to be.
	Target(context.Context) (rollback.Target, error)
	// Inventory lists what an update of the set columns may set off or meet.
	Inventory(ctx context.Context, table string, set []string) (rollback.Inventory, error)
	// Runs lists the runs that left a trace since an instant, newest first: the
	// candidates for "which run did it?".
	Runs(ctx context.Context, table string, since time.Time) ([]rollback.RunSeen, error)
	// StateTable measures a scope in one pass and one snapshot.
	StateTable(context.Context, rollback.Scope) (rollback.StateTable, error)
	// Members counts the records that a run has touched, and says when: the same
	// number as StateTable's, at a fraction of its cost.
	Members(context.Context, rollback.Scope) (int64, time.Time, error)
	// Sample reads members of a scope with the history of their set column, in
	// one snapshot. What is declared as personal is masked before it leaves.
	Sample(context.Context, rollback.Scope, rollback.Look) ([]rollback.Record, error)
	// Match lays a file of what records should be over the members of a scope,
	// in one snapshot.
	Match(context.Context, rollback.Scope, []rollback.Wish) (rollback.Matched, error)
	// Laid is StateTable, with every group told apart by how the wishes of a file
	// compare with what its records were left as and hold now.
	Laid(context.Context, rollback.Scope, []rollback.Wish) (rollback.StateTable, error)
	// Count answers a named or typed question in one snapshot. It refuses what is
	// no single question for a number, costs too much or may change something.
	Count(context.Context, rollback.Question) (rollback.Found, error)
	// Fits asks whether reviewed evidence can be asked here about a scope, and
	// whether its answer has the columns that it was declared with. Nothing is run.
	Fits(context.Context, rollback.Reviewed, rollback.Scope) error
	// Evidence streams what reviewed evidence says about single records, each as
	// the named fields held it, in the order of their keys and in one snapshot. It
	// refuses what Count refuses, and an answer that can't be read as declared.
	Evidence(ctx context.Context, r rollback.Reviewed, scope rollback.Scope) Staged
	// Spot reads records of a freeze by their ords, each with what evidence said of
	// it. What is declared as personal is masked before it leaves.
	Spot(ctx context.Context, scope rollback.Scope, freeze int64, ords []int64) ([]rollback.Told, error)
	// Verify reads afresh what a run left, and never trusts what the run said.
	Verify(context.Context, rollback.Run) (rollback.Report, error)
	// Held counts the records which the run has written and that hold the value
	// they should, read afresh.
	Held(context.Context, rollback.Run) (int64, error)
	// Ledger streams the records a run is to write in ord order, each with its
	// outcome; those without ledger row are Pending.
	Ledger(context.Context, rollback.Run, func(rollback.LedgerRow) error) error
	// Automation says whether an automation works now.
	Automation(ctx context.Context, name string) (rollback.Switch, error)
	// Close ends the login's connections.
	Close()
}

// Staged streams what comes from outside about single records, such as the
// lines of a file. It is read once, in any order, and no key comes twice.
type Staged = iter.Seq2[rollback.Staged, error]

// Writer is the executing login, on the primary.
type Writer interface {
	// Freeze fixes the records of a draft in the source's own tables, in one
	// snapshot, and streams their before-images as JSON lines to export. What
	// comes from outside about single records is read once from staged, which is
	// nil where nothing does. It changes no record. The path and hash of the
	// export are the caller's to add.
	Freeze(ctx context.Context, d rollback.Draft, staged Staged, attempt int64, export io.Writer) (rollback.Freeze, error)
	// Preflight compares the source with what was approved. It writes nothing.
	Preflight(context.Context, rollback.Running) (rollback.Drift, error)
	// Take makes holder the one owner of the run: it raises the epoch, and waits
	// for the statement of a former owner that is still running.
	Take(ctx context.Context, r rollback.Running, holder string) (rollback.Fence, error)
	// Last says how far the run has come, from the source's own batches.
	Last(context.Context, rollback.Fence) (rollback.Progress, error)
	// Batches are the committed batches after a number, oldest first: what a log
	// that was away has missed.
	Batches(ctx context.Context, f rollback.Fence, after int64) ([]rollback.Batch, error)
	// Pending is the next span after an ord that holds at most limit records
	// without outcome. Its Hi is 0 when there is none.
	Pending(ctx context.Context, f rollback.Fence, after, limit int64) (rollback.Span, error)
	// Apply writes one span in one transaction with its ledger and batch rows.
	// It answers ErrTakenOver when the epoch has moved on, a Rewritten when the
	// values did not stay, else a Fault.
	Apply(context.Context, rollback.Fence, rollback.Span) (rollback.Batch, error)
	// Automation says whether an automation works now, asked where it is switched.
	Automation(ctx context.Context, name string) (rollback.Switch, error)
	// Switch switches an automation on or off, and says what it was before. What
	// is as wanted already is left alone.
	Switch(ctx context.Context, name string, to rollback.SwitchState) (rollback.Switch, error)
	// Ping asks whether the system lets the login in and takes writes now.
	Ping(context.Context) error
	// Strain says why the system wants to be left alone for now. What was declared
	// to be asked and gives no answer is a reason.
	Strain(context.Context) rollback.Strain
	// Close ends the login's connections.
	Close()
}
