package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"snafu/rollback"
	"snafu/rollback/source"
)

// Apply writes one span in one transaction: fence, records, ledger, batch row.
//
// The quick statement writes every record that nobody has touched since the
// freeze; an unchanged row version implies every guard. What it left is locked,
// looked at again and settled by the careful one. When somebody holds a lock
// that the quick statement would wait for, the span is done by the careful one
// alone.
func (w *Writer) Apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	b, err := w.apply(ctx, f, s)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" && !s.Careful {
		s.Careful = true
		b, err = w.apply(ctx, f, s)
	}
	if errors.As(err, &pg) && pg.Code == "23505" && pg.SchemaName == "snafu" {
		return b, source.ErrTakenOver // somebody else has written this batch or these ledger rows
	}
	return b, fault("write a batch", err)
}

func (w *Writer) apply(ctx context.Context, f rollback.Fence, s rollback.Span) (rollback.Batch, error) {
	run := f.Run()
	t, err := w.table(ctx, run)
	if err != nil {
		return rollback.Batch{}, err
	}
	tx, err := begin(ctx, w.pool, pgx.ReadCommitted, pgx.ReadWrite, statementTimeout, run.Batch.LockTimeout)
	if err != nil {
		return rollback.Batch{}, err
	}
	defer rollbackTx(ctx, tx)
	done, err := t.write(ctx, tx, f, s)
	if err != nil {
		return rollback.Batch{}, err
	}
	b, err := finish(ctx, tx, run, s, done)
	if err != nil {
		return b, err
	}
	if err := commit(ctx, tx); err != nil {
		return b, err
	}
	w.mark(ctx, run.FreezeID)
	return b, nil
}

// done is what the statements of one batch came to.
type done struct {
	counts   rollback.Outcomes
	cohorts  []rollback.CohortOutcomes
	deferred int64
}

// add notes what became of so many records of a cohort.
func (d *done) add(cohort int64, outcome rollback.Outcome, n int64) {
	d.counts = d.counts.With(outcome, n)
	d.cohorts = rollback.AddCohorts(d.cohorts, []rollback.CohortOutcomes{{Cohort: cohort, Outcomes: rollback.Outcomes{}.With(outcome, n)}})
}

func (t table) write(ctx context.Context, tx pgx.Tx, f rollback.Fence, s rollback.Span) (done, error) {
	run := f.Run()
	// One trip: who writes, the fence, and the quick statement behind them. Each is
	// a statement of its own, so that quick sees what the last owner committed. The
	// limits of waiting stand since the transaction began: a statement that is sent
	// for the first time is prepared before the others run, and waits then for
	// whoever alters the table.
	batch := &pgx.Batch{}
	batch.Queue(pinWriter, run.Label, string(run.Ref), "off")
	batch.Queue(fenceSQL, run.FreezeID, f.Epoch())
	quick := !s.Careful && s.Failed == "" && run.Require == nil && !run.Inserts()
	if quick {
		batch.Queue(t.quickSQL(run), run.FreezeID, s.Lo, s.Hi, s.Number)
	}
	res := tx.SendBatch(ctx, batch)
	defer res.Close() //nolint:errcheck // closed below; again it answers nothing new
	if _, err := res.Exec(); err != nil {
		return done{}, err
	}
	if err := fenced(res.QueryRow()); err != nil {
		return done{}, err
	}
	var out done
	if quick {
		if err := out.quick(res); err != nil {
			return out, err
		}
	}
	if err := res.Close(); err != nil {
		return out, err
	}
	if out.counts.Written == s.Hi-s.Lo+1 {
		return out, nil
	}
	if run.Inserts() {
		return t.insert(ctx, tx, run, s)
	}
	return t.careful(ctx, tx, run, s, out)
}

// quick reads what the quick statement came to, a line for each cohort.
func (d *done) quick(res pgx.BatchResults) error {
	rows, err := res.Query()
	if err != nil {
		return err
	}
	var cohort, touched, kept, lost int64
	_, err = pgx.ForEachRow(rows, []any{&cohort, &touched, &kept}, func() error {
		d.add(cohort, rollback.Written, kept)
		lost += touched - kept
		return nil
	})
	if err == nil && lost > 0 {
		return &source.Rewritten{Records: lost}
	}
	return err
}

// quickSQL writes what nobody has touched since the freeze, and counts it by
// cohort. The second number differs from the first when a trigger rewrote a value.
func (t table) quickSQL(run rollback.Run) string {
	return fmt.Sprintf(`
with r as materialized (
       select ord, cohort, key, error, desired, version from snafu.frozen_rows where freeze_id = $1 and ord >= $2 and ord <= $3),
     w as (
       update %[1]s t set %[2]s from r
        where %[3]s and t.xmin = r.version::xid and %[4]s is not distinct from %[5]s and not %[7]s
       returning r.ord, r.cohort, %[4]s is not distinct from %[6]s as kept),
     i as (
       insert into snafu.ledger (run, ord, batch, outcome) select $1::int, ord, $4::int, 1 from w where kept)
select cohort::bigint, count(*), count(*) filter (where kept) from w group by 1 order by 1`, t.name, t.assign("r"), t.byKey("r"), t.current(),
		t.stored("r.error"), t.stored("r.desired"), t.erasedSince(run, "r"))
}

// table is the table of a run as it was frozen. The preflight has compared it
// with the catalogue, so it is not resolved again for every batch.
func (w *Writer) table(ctx context.Context, run rollback.Run) (table, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known != nil && w.knownRun == run.FreezeID {
		return *w.known, nil
	}
	var t table
	err := w.inTx(ctx, statementTimeout, func(tx pgx.Tx) (err error) {
		t, err = w.opt.resolve(ctx, tx, run.Scope.Table, run.Scope.Set)
		return err
	})
	if err == nil && !run.Asks(t.decl.Require) {
		err = rollback.RefuseRequire(run.Ref, t.decl.Relation)
	}
	if err != nil {
		return t, err
	}
	t.decl.TouchedAt, t.adds = run.TouchedAt, run.Inserts()
	w.known, w.knownRun = &t, run.FreezeID
	return t, nil
}

// ledgerRow is what of a ledger row enters the digest of its batch, which is
// over all of them in order, each behind its length.
var ledgerRow = `'\x0600000004'::bytea || '\x02' || int8send(ord) || '\x02' || int8send(outcome::bigint) || ` +
	`case when cardinality(seen) > 1 then ` + manyBytes("seen") + ` else ` + listBytes("seen", 1) + ` end || ` + textBytes("note")

var insertBatch = `
	insert into snafu.batches (run, number, lo, hi, counts, digest, at)
	select $1::int, $2::int, $3::bigint, $4::bigint, $5::jsonb, sha256(coalesce((
	         select string_agg(int4send(octet_length(e)) || e, ''::bytea order by ord)
	           from (select ord, ` + ledgerRow + ` as e from snafu.ledger
	                  where run = $1 and ord >= $3 and ord <= $4 and batch = $2) as rows), ''::bytea)), clock_timestamp()
	returning digest, at`

func finish(ctx context.Context, tx pgx.Tx, run rollback.Run, s rollback.Span, d done) (rollback.Batch, error) {
	slices.SortFunc(d.cohorts, func(a, b rollback.CohortOutcomes) int { return cmp.Compare(a.Cohort, b.Cohort) }) // as Batches has them
	b := rollback.Batch{Number: s.Number, Lo: s.Lo, Hi: s.Hi, Counts: d.counts, Cohorts: d.cohorts, Deferred: d.deferred}
	err := tx.QueryRow(ctx, insertBatch, run.FreezeID, s.Number, s.Lo, s.Hi, d.counts).Scan(&b.Digest, &b.At)
	b.At = b.At.UTC()
	if err != nil {
		return b, err
	}
	return b, bounded(ctx, tx, run)
}

// commit tells a failure from an answer that never came: a deferred constraint
// or trigger refuses here, whatever its code, and after a lost connection or the
// last word of a server that goes away nobody knows.
func commit(ctx context.Context, tx pgx.Tx) error {
	err := tx.Commit(ctx)
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR":
		return err
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return err
	}
	return &source.Fault{Doing: "commit a batch", Commit: true}
}
