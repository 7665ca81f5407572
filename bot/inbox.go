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

// Slack waits three seconds for an acknowledgement. Half of that is ours.
const inboxBudget = 1500 * time.Millisecond

// recorded says what became of a payload in the log database.
type recorded int

const (
	recordedYes    recorded = iota // on disk, now or since an earlier delivery
	recordedNo                     // surely not
	recordedUnsure                 // the answer to the commit was lost, twice
)

// Act is the job of one receipt: to do what was asked for.
type Act struct {
	Receipt string `json:"receipt"`
}

// Kind is the stored name of the job.
func (Act) Kind() string { return "act" }

// Timeout covers the slowest count that a source may be configured for, and one
// before it. All other acts end long before, by a limit of their own.
func (Act) Timeout() time.Duration { return 25 * time.Minute }

// inbox makes what Slack sends durable before it is acknowledged. It has a pool
// of its own, so that no work can starve an answer.
type inbox struct {
	db     *pgdb.DB
	within time.Duration // for all of it; one try gets three fifths
}

// The text of a statement never holds a payload: it travels as an argument.
const insertReceipt = `
	insert into receipts (key, envelope, person, payload)
	values ($1, $2, $3, $4)
	on conflict (key) do nothing`

// record writes the receipt and its job in one commit. A payload that came
// before meets its own receipt, and nothing happens twice.
func (i inbox) record(ctx context.Context, in incoming) (recorded, error) {
	ctx, cancel := context.WithTimeout(ctx, i.within)
	defer cancel()
	err := i.try(ctx, in)
	if !errors.Is(err, pgdb.ErrOutcomeUnknown) {
		if err != nil {
			return recordedNo, err
		}
		return recordedYes, nil
	}
	// Most commits whose answer was lost have taken effect. The same key on
	// another connection tells: it is there already, or it is written now.
	if again := i.try(ctx, in); again == nil {
		return recordedYes, nil
	}
	return recordedUnsure, err
}

func (i inbox) try(ctx context.Context, in incoming) error {
	ctx, cancel := context.WithTimeout(ctx, i.within*3/5)
	defer cancel()
	return i.db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, insertReceipt, in.key, in.Envelope, in.team+"/"+in.user, []byte(in.Raw))
		if err != nil {
			return fmt.Errorf("insert receipt: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return jobs.Add(ctx, tx, Act{Receipt: in.key})
	})
}
