package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// readBackMost is how many records a verification reads back one by one.
const readBackMost = 20

// readBackLines look at records one by one, by their keys alone: those that the
// run has written, chosen by the digest that was approved, and whether the ledger
// speaks of any record that the plan was not to write.
func (t table) readBackLines(ctx context.Context, tx pgx.Tx, run rollback.Run) ([]rollback.Line, error) {
	outside := rollback.Line{Check: "records that were not to be written, in the ledger"}
	err := tx.QueryRow(ctx, `
		select count(*) from snafu.ledger l left join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
		 where l.run = $1 and f.class is distinct from 1`, run.FreezeID).Scan(&outside.Found)
	if err != nil {
		return nil, fmt.Errorf("look for records outside the plan: %w", err)
	}
	picked, err := t.picked(ctx, tx, run)
	if err != nil {
		return nil, err
	}
	back := rollback.Line{Check: "records read back one by one", Expected: int64(len(picked))}
	for _, p := range picked {
		holds, err := t.readBack(ctx, tx, run, p)
		if err != nil {
			return nil, err
		}
		back.Found += truth(holds)
	}
	return []rollback.Line{outside, back}, nil
}

// picked are some of the records that a run has written. The digest says which,
// so that nobody can know them before the plan is approved.
func (t table) picked(ctx context.Context, tx pgx.Tx, run rollback.Run) ([]writtenRow, error) {
	var seed [32]byte
	copy(seed[:], run.Digest.Bytes())
	dice := rand.New(rand.NewChaCha8(seed)) //nolint:gosec // a choice that can be made again, not a secret
	var ords []int64
	for range min(run.Writes(), 10*readBackMost) {
		ords = append(ords, dice.Int64N(run.Writes())+1)
	}
	rows, err := tx.Query(ctx, `
		select f.key, f.desired, coalesce(f.mark, ''), b.at
		  from snafu.ledger l join snafu.frozen_rows f on f.freeze_id = l.run and f.ord = l.ord
		  join snafu.batches b on b.run = l.run and b.number = l.batch
		 where l.run = $1 and l.outcome = 1 and l.ord = any ($2::bigint[]) order by array_position($2::bigint[], l.ord) limit $3`, run.FreezeID, ords, readBackMost)
	if err != nil {
		return nil, fmt.Errorf("choose records to read back: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[writtenRow])
	if err != nil {
		return nil, fmt.Errorf("choose records to read back: %w", err)
	}
	return out, nil
}

type writtenRow struct {
	Key     []string
	Desired []*string
	Mark    string
	At      time.Time
}

// readBack says whether a record holds what it should, or was written by
// somebody else since.
func (t table) readBack(ctx context.Context, tx pgx.Tx, run rollback.Run, p writtenRow) (bool, error) {
	var current []*string
	err := tx.QueryRow(ctx, fmt.Sprintf(`select %s from (select $1::text[] as key) as p join %s t on %s`, t.list(t.current()), t.name, t.byKey("p")), p.Key).Scan(&current)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("read a record back: %w", err)
	}
	if err == nil && rollback.FromPointers(current).Equal(rollback.FromPointers(p.Desired)) {
		return true, nil
	}
	newer := false
	switch at := t.decl.TouchedAt.Column; {
	case t.hist.name != "":
		h := t.hist
		err = tx.QueryRow(ctx, fmt.Sprintf(`
			select exists (select from (select $1::text[] as key) as p join %[1]s h on %[2]s%[3]s
			                where h.%[4]s::text is distinct from $3 and ($4 = '' or h.%[5]s > (nullif($4, ''))::%[6]s))`,
			h.name, t.sameKey("p"), t.ofFields("$2"), h.run, h.order, h.orderType), p.Key, t.fields(), run.Label, p.Mark).Scan(&newer)
	case at != "" && err == nil:
		err = tx.QueryRow(ctx, fmt.Sprintf(`select t.%s::timestamptz > $2 from (select $1::text[] as key) as p join %s t on %s`, column(at), t.name, t.byKey("p")), p.Key, p.At).Scan(&newer)
	default:
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for who wrote a record since: %w", err)
	}
	return newer, nil
}
