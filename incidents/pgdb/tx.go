package pgdb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrOutcomeUnknown says that the connection was lost while the commit was on its
// way: most such transactions have committed. Nobody may call it a failure; the
// act key settles it at the next try.
var ErrOutcomeUnknown = errors.New("outcome of the commit is unknown")

// ErrAgain makes InTx run the whole transaction again, as a serialization failure
// does. A room wraps it when a conditional statement finds no row because another
// transaction came between.
var ErrAgain = errors.New("another transaction came between")

const (
	tries        = 4 // the first and three more
	rollbackTime = 2 * time.Second
)

// InTx runs do in one READ COMMITTED transaction and commits it if do returns
// nil. A deadlock, a serialization failure, a lock not granted in time and
// ErrAgain run do again, up to three times, so do must not keep anything from an
// earlier run. An error of the commit itself is a failure where the database says
// so, else it wraps ErrOutcomeUnknown.
func (db *DB) InTx(ctx context.Context, do func(tx pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := db.once(ctx, do)
		if err == nil || try == tries || !again(err) {
			return err
		}
		db.log.DebugContext(ctx, "transaction runs again", "err", State(err))
		pause := time.NewTimer(rand.N(time.Duration(try) * 10 * time.Millisecond))
		select {
		case <-ctx.Done():
			pause.Stop()
			return err
		case <-pause.C:
		}
	}
}

func (db *DB) once(ctx context.Context, do func(tx pgx.Tx) error) error {
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		// A cancelled request must still give its locks back.
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		_ = tx.Rollback(late) // of a committed transaction this does nothing
	}()
	if err := do(tx); err != nil {
		return err
	}
	// What was never sent has surely not happened. This is asked before the commit
	// and not of its error: pgx answers "conn closed" and "safe to retry" also when
	// the link was cut after the commit had left.
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if tx.Conn().IsClosed() {
		return fmt.Errorf("commit: %w", pgconn.ErrConnClosed)
	}
	return settled(tx.Commit(ctx))
}

// settled tells a commit that has surely failed from one of unknown outcome.
func settled(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, pgx.ErrTxClosed),
		class(err) == "23", class(err) == "40":
		return fmt.Errorf("commit: %w", err)
	default:
		return fmt.Errorf("commit: %w: %w", ErrOutcomeUnknown, err)
	}
}

func again(err error) bool {
	if errors.Is(err, ErrOutcomeUnknown) {
		return false
	}
	switch State(err) {
	case "40001", "40P01", "55P03":
		return true
	}
	return errors.Is(err, ErrAgain)
}
