package response

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Cancel ends an incident that was none, and the calls for it. Only its lead or
// who reported it can. It refuses with Invalid a missing reason, and with
// Conflict once a plan wrote records or while one is under way.
func (r *Response) Cancel(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	known, err := r.evidence(ctx, id)
	if err != nil {
		return err
	}
	return r.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := Lock(ctx, tx, r.db, act, id)
		if err != nil {
			return err
		}
		return r.cancel(ctx, tx, act, inc, known, why, 0, at)
	})
}

func (r *Response) cancel(ctx context.Context, tx pgx.Tx, act journal.Act, was incidents.Incident, known incidents.Evidence, why string, of incidents.ID, at time.Time) error {
	inc, fact, err := was.Cancel(act.By, known, why, of, at)
	if err != nil {
		return err
	}
	if err := Save(ctx, tx, inc); err != nil {
		return err
	}
	if _, err := r.keepPromise(ctx, tx, was, inc, at); err != nil {
		return err
	}
	ended, err := endCalls(ctx, tx, inc.ID, "cancelled", at)
	if err != nil {
		return err
	}
	if err := r.record(ctx, tx, act, inc.ID, at, append([]incidents.Fact{fact}, ended...)); err != nil || r.o.Follow == nil {
		return err
	}
	return r.o.Follow(ctx, tx, act, was, inc, at)
}

// Cancellable refuses what Cancel would refuse of an incident now, but for the
// reason.
func (r *Response) Cancellable(ctx context.Context, by incidents.Actor, id incidents.ID) error {
	known, err := r.evidence(ctx, id)
	if err != nil {
		return err
	}
	inc, err := r.Get(ctx, id)
	if err != nil {
		return err
	}
	return inc.Cancellable(by, known)
}
