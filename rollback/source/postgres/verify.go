package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// Verify reads afresh, on the counting login, what a run left. It compares the
// ledger with the batches and the plan, and the records with the ledger: a
// record that somebody has written after us counts as theirs.
func (r *Reader) Verify(ctx context.Context, run rollback.Run) (rollback.Report, error) {
	var out rollback.Report
	if err := r.replayed(ctx, run); err != nil {
		return out, err
	}
	err := r.snapshot(ctx, "verify "+run.Label, func(tx pgx.Tx) error {
		t, err := r.opt.resolve(ctx, tx, run.Scope.Table, run.Scope.Set)
		if err != nil {
			return err
		}
		of := t
		if len(run.Of) > 0 {
			if of, err = r.opt.population(ctx, tx, run.Population()); err != nil {
				return err
			}
		}
		out, err = t.verify(ctx, tx, of, run)
		return err
	})
	return out, err
}

// verify compares; of is the table with the columns of the state table, which
// are others than those that a plan about chosen members writes.
func (t table) verify(ctx context.Context, tx pgx.Tx, of table, run rollback.Run) (rollback.Report, error) {
	var out rollback.Report
	var err error
	if out.Table, err = of.measureRun(ctx, tx, run); err != nil {
		return out, err
	}
	out.At, out.Values, out.Total = out.Table.At, out.Table.Values, out.Table.Total
	if len(run.Of) > 0 {
		if out.Values, out.Total, err = t.values(ctx, tx); err != nil {
			return out, err
		}
	}
	if out.Outcomes, err = outcomes(ctx, tx, run.FreezeID); err != nil {
		return out, err
	}
	if out.Cohorts, err = cohortOutcomes(ctx, tx, run.FreezeID); err != nil {
		return out, err
	}
	digest, err := t.rowsDigest(ctx, tx, run.FreezeID)
	if err != nil {
		return out, err
	}
	out.Lines = append(out.Lines,
		rollback.Line{Check: "records with an outcome", Expected: run.Writes(), Found: out.Outcomes.Sum()},
		rollback.Line{Check: "frozen records as approved", Expected: 1, Found: truth(digest == run.Frozen.RowsDigest)})
	members := rollback.Line{Check: "members of " + run.Scope.Run, Expected: run.Frozen.Rows, Found: out.Table.Members}
	switch u := run.Undoes; {
	case u != nil && u.Conflicts:
		members.Check = "records that " + string(u.Ref) + " left to people"
		if _, members.Found, err = t.left(ctx, tx, *u); err != nil {
			return out, err
		}
	case u != nil:
		members.Check = "records that " + string(u.Ref) + " has written"
		if members.Found, err = t.wrote(ctx, tx, *u); err != nil {
			return out, err
		}
	case len(run.Of) > 0:
		members.Check = "members of " + run.Scope.Run + " to park"
		if members.Found, err = of.countChosen(ctx, tx, run); err != nil {
			return out, err
		}
	}
	out.Lines = append(out.Lines, members)
	// Where evidence gives each record a value of its own, what people set is of one
	// record too, and stands on no card.
	if run.Evidence == nil && (run.Undoes == nil || !run.Undoes.Evidence) {
		if out.Contested, err = t.contested(ctx, tx, run.FreezeID); err != nil {
			return out, err
		}
	}
	batches, err := t.batchLine(ctx, tx, run.FreezeID)
	if err != nil {
		return out, err
	}
	cohorts, err := t.cohortLines(ctx, tx, run)
	if err != nil {
		return out, err
	}
	one, err := t.readBackLines(ctx, tx, run)
	if err != nil {
		return out, err
	}
	out.Lines = append(append(append(out.Lines, batches...), cohorts...), one...)
	return out, nil
}

// measureRun measures the scope of a run anew. What a file wished for each
// record lies in the source since the freeze.
func (t table) measureRun(ctx context.Context, tx pgx.Tx, run rollback.Run) (rollback.StateTable, error) {
	if run.Evidence != nil || run.Undoes != nil && run.Undoes.Evidence {
		return t.measureEvidence(ctx, tx, run)
	}
	lies, files := run.FreezeID, rollback.FilesOf(run.Decisions)
	if u := run.Undoes; u != nil {
		lies, files = u.Staged, u.Files
	}
	if len(files) == 0 {
		return t.measure(ctx, tx, run.Population())
	}
	wish, args := t.staged(lies, t.scopeArgs(run.Population()))
	out, err := t.measureLaid(ctx, tx, run.Population(), wish, args)
	out.Files = files
	return out, err
}

const cohortOutcomesSQL = `
	select f.cohort::bigint, l.outcome::bigint, count(*)
	  from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
	 where l.run = $1 group by 1, 2 order by 1, 2`

func cohortOutcomes(ctx context.Context, tx pgx.Tx, id int64) ([]rollback.CohortOutcomes, error) {
	rows, err := tx.Query(ctx, cohortOutcomesSQL, id)
	if err != nil {
		return nil, fmt.Errorf("count outcomes by cohort: %w", err)
	}
	var out []rollback.CohortOutcomes
	var cohort, outcome, n int64
	_, err = pgx.ForEachRow(rows, []any{&cohort, &outcome, &n}, func() error {
		if len(out) == 0 || out[len(out)-1].Cohort != cohort {
			out = append(out, rollback.CohortOutcomes{Cohort: cohort})
		}
		last := &out[len(out)-1]
		last.Outcomes = last.Outcomes.With(rollback.Outcome(outcome), n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count outcomes by cohort: %w", err)
	}
	return out, nil
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// A batch must cover its ledger rows and no others, and its digest must still
// be theirs. One pass over the ledger serves all batches.
var batchDigests = `
	with digests as (
	  select batch, count(*) as n, sha256(string_agg(int4send(octet_length(e)) || e, ''::bytea order by ord)) as digest
	    from (select batch, ord, ` + ledgerRow + ` as e from snafu.ledger where run = $1) as rows group by batch)
	select count(*), coalesce(sum(d.n), 0)::bigint,
	       count(*) filter (where b.digest = coalesce(d.digest, sha256(''::bytea)))
	  from snafu.batches b left join digests d on d.batch = b.number where b.run = $1`

func (t table) batchLine(ctx context.Context, tx pgx.Tx, id int64) ([]rollback.Line, error) {
	var batches, rows, kept int64
	if err := tx.QueryRow(ctx, batchDigests, id).Scan(&batches, &rows, &kept); err != nil {
		return nil, fmt.Errorf("compare the batches: %w", err)
	}
	var ledger int64
	if err := tx.QueryRow(ctx, `select count(*) from snafu.ledger where run = $1`, id).Scan(&ledger); err != nil {
		return nil, fmt.Errorf("count the ledger: %w", err)
	}
	return []rollback.Line{
		{Check: "ledger rows in batches", Expected: ledger, Found: rows},
		{Check: "batches as they were written", Expected: batches, Found: kept},
	}, nil
}
