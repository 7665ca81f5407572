package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb"
)

// A step moves only from the state and attempt in which it was read, so that a
// job which was given up for dead and still runs cannot undo what its successor
// has done.
const moveStep = `
	update delivery_steps
	set state = $6, attempt = $7, checks = $8, next_at = $9, changed_at = $10, channel = $11, ts = $12, reason = $13
	where incident = $1 and seq = $2 and step = $3 and state = $4 and attempt = $5
	returning incident, seq, step, state, attempt, checks, next_at, channel, ts`

func move(ctx context.Context, db *pgdb.DB, from, to Step, at time.Time, reason string) (Step, error) {
	rows, err := db.Pool().Query(ctx, moveStep,
		from.Incident, from.Seq, from.Name, from.State, from.Attempt,
		to.State, to.Attempt, to.Checks, to.NextAt, at, to.Channel, to.TS, reason)
	if err != nil {
		return Step{}, fmt.Errorf("move step %s of %s #%d: %w", from.Name, from.Incident, from.Seq, err)
	}
	moved, err := pgx.CollectExactlyOneRow(rows, scanStep)
	if errors.Is(err, pgx.ErrNoRows) {
		return Step{}, ErrStepMoved
	}
	if err != nil {
		return Step{}, fmt.Errorf("move step %s of %s #%d: %w", from.Name, from.Incident, from.Seq, err)
	}
	return moved, nil
}

// Sending says, before the call, that a call is made. It counts an attempt. A
// step is sent from waiting alone: one of unknown outcome is settled first.
func Sending(ctx context.Context, db *pgdb.DB, s Step, at time.Time) (Step, error) {
	if s.State != StepWaiting {
		return Step{}, ErrStepMoved
	}
	to := s
	to.State, to.NextAt = StepSending, at
	to.Attempt++
	return move(ctx, db, s, to, at, "")
}

// Sent says that Slack has it, and which message it became.
func Sent(ctx context.Context, db *pgdb.DB, s Step, at time.Time, channel, ts string) (Step, error) {
	to := s
	to.State, to.NextAt, to.Channel, to.TS = StepSent, at, channel, ts
	return move(ctx, db, s, to, at, "")
}

// Retry says that the call surely did nothing and is made again at next.
func Retry(ctx context.Context, db *pgdb.DB, s Step, at, next time.Time) (Step, error) {
	to := s
	to.State, to.NextAt, to.Checks = StepWaiting, next, 0
	return move(ctx, db, s, to, at, "")
}

// Limited is Retry after a rate limit, which counts as no attempt.
func Limited(ctx context.Context, db *pgdb.DB, s Step, at, next time.Time) (Step, error) {
	to := s
	to.State, to.NextAt, to.Checks = StepWaiting, next, 0
	to.Attempt = max(0, s.Attempt-1)
	return move(ctx, db, s, to, at, "")
}

// Unknown says that nobody can tell whether the call took effect, and when to look
// again. It counts a look.
func Unknown(ctx context.Context, db *pgdb.DB, s Step, at, next time.Time) (Step, error) {
	to := s
	to.State, to.NextAt = StepUnknown, next
	to.Checks++
	return move(ctx, db, s, to, at, "")
}

// Dead gives a step up, for a reason in Slack's words and never in a record's. It
// stands in nobody's way any more.
func Dead(ctx context.Context, db *pgdb.DB, s Step, at time.Time, reason string) (Step, error) {
	to := s
	to.State, to.NextAt = StepDead, at
	return move(ctx, db, s, to, at, reason)
}
