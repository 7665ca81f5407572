package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/jobs"
)

// settled is how a receipt ends.
type settled string

const (
	settledEffect  settled = "effect"
	settledAlready settled = "already"
	settledRefused settled = "refused"
	settledFailed  settled = "failed"
)

// A claim outlives the handler's deadline, or is kept while somebody waits for a
// count, so that no two processes handle one receipt at once; the act key would
// keep them apart anyway.
const claimFor = 30 * time.Second

// receipt is an act that was asked for and is claimed by us.
type receipt struct {
	Key      string
	Envelope string
	Payload  []byte
	Received time.Time
	Tries    int
	Now      time.Time
}

const claimReceipt = `
	update receipts
	   set claimed_until = clock_timestamp() + $2::interval, tries = tries + 1
	 where key = $1
	   and outcome is null
	   and (claimed_until is null or claimed_until < clock_timestamp())
	returning key, envelope, payload, received_at as received, tries, clock_timestamp() as now`

// claim takes a receipt, or says that there is nothing to do: it is settled, or
// another process has it.
func claim(ctx context.Context, db *pgdb.DB, key string) (receipt, bool, error) {
	rows, err := db.Pool().Query(ctx, claimReceipt, key, claimFor)
	if err != nil {
		return receipt{}, false, fmt.Errorf("claim receipt: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[receipt])
	if errors.Is(err, pgx.ErrNoRows) {
		return receipt{}, false, nil
	}
	if err != nil {
		return receipt{}, false, fmt.Errorf("claim receipt: %w", err)
	}
	return r, true, nil
}

const unclaimReceipt = `
	update receipts set claimed_until = null
	 where key = $1 and outcome is null`

// unclaim gives a receipt back for the next try.
func unclaim(ctx context.Context, db *pgdb.DB, key string) error {
	if _, err := db.Pool().Exec(ctx, unclaimReceipt, key); err != nil {
		return fmt.Errorf("give receipt back: %w", err)
	}
	return nil
}

// The payload holds what a person typed, and an address to answer them. Neither
// is needed once the act is done; the journal has what became of it.
const settleReceipt = `
	update receipts
	   set outcome = $2, note = $3, settled_at = clock_timestamp(), payload = null, claimed_until = null
	 where key = $1 and outcome is null`

// settle ends the receipt and its job in one commit.
func settle(ctx context.Context, db *pgdb.DB, job jobs.Job[Act], how settled, note string) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, settleReceipt, job.Args.Receipt, string(how), note); err != nil {
			return fmt.Errorf("settle receipt: %w", err)
		}
		return job.Done(ctx, tx)
	})
}

const lapsedReceipts = `
	select key
	  from receipts
	 where outcome is null
	   and coalesce(claimed_until, received_at + $1::interval) < clock_timestamp()
	 order by received_at
	 limit 200`

// Sweep asks again for acts that nobody is about to do: a job is only a
// wake-up, the receipt is the duty. It returns how many there were; a healthy
// house has none.
func (b *Bot) Sweep(ctx context.Context) (int, error) {
	rows, err := b.o.DB.Pool().Query(ctx, lapsedReceipts, sweepAfter)
	if err != nil {
		return 0, fmt.Errorf("read unsettled receipts: %w", err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("read unsettled receipts: %w", err)
	}
	for _, key := range keys {
		err := b.o.DB.InTx(ctx, func(tx pgx.Tx) error { return jobs.Add(ctx, tx, Act{Receipt: key}) })
		if err != nil {
			return 0, err
		}
	}
	left, err := b.sweepCounts(ctx)
	return len(keys) + left, err
}

const sweepAfter = 15 * time.Second
