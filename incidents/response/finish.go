package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// Resolve says that the data is right again or decided upon, and ends the
// calls. Only the lead can. It refuses with Conflict the first thing that is
// missing ("Not yet: …"); a reason of 10 characters or more lets those pass
// that are not about the data.
func (r *Response) Resolve(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	return r.informed(ctx, act, id, r.evidence, func(tx pgx.Tx, inc incidents.Incident, known incidents.Evidence, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Resolve(act.By, known, why, at)
		if err != nil {
			return inc, nil, err
		}
		ended, err := endCalls(ctx, tx, id, "resolved", at)
		return inc, append([]incidents.Fact{fact}, ended...), err
	})
}

// Reopen takes up again what was resolved or closed. It refuses with Invalid a
// missing reason, and with Conflict what is under way, or a repair while the
// error still occurs.
func (r *Response) Reopen(ctx context.Context, act journal.Act, id incidents.ID, which incidents.Again, why string) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, facts, err := inc.Reopen(act.By, which, why, at)
		if err != nil {
			return inc, nil, err
		}
		if _, err := tx.Exec(ctx, voidWaivers, int64(id), at); err != nil {
			return inc, nil, fmt.Errorf("void waivers: %w", err)
		}
		return inc, facts, nil
	})
}

// Grown calls for help again when an incident that was resolved at SEV1 grows,
// inside the transaction of the count that found it; was is the incident as it
// was before that count. Growth that goes on calls nobody a second time.
func (r *Response) Grown(ctx context.Context, tx pgx.Tx, act journal.Act, was incidents.Incident, at time.Time) error {
	if was.Severity != incidents.SEV1 || !was.Regrows() {
		return nil
	}
	name := r.rotaOf(was)
	if name == "" {
		return r.record(ctx, tx, act, was.ID, at, []incidents.Fact{incidents.NobodyCalled{
			Why: "No rota is set for " + was.System + ", so nobody was called although it grows again. Call with /snafu call ROTA.",
		}})
	}
	facts, err := r.start(ctx, tx, act.By, was, Target{Rota: name}, was.Recount.Run+" grows again after it was resolved", at)
	if no, refused := refusal.As(err); refused && no.Kind == refusal.KindConflict {
		return nil // they are being called already
	}
	if err != nil {
		return err
	}
	return r.record(ctx, tx, act, was.ID, at, facts)
}

// ResolveGate returns what Resolve demands of an incident now, in order.
func (r *Response) ResolveGate(ctx context.Context, id incidents.ID) ([]incidents.Gate, error) {
	inc, known, err := r.before(ctx, id, r.evidence)
	if err != nil {
		return nil, err
	}
	return inc.ResolveGate(known, ""), nil
}

func (r *Response) evidence(ctx context.Context, id incidents.ID) (incidents.Evidence, error) {
	if r.o.Evidence == nil {
		return incidents.Evidence{}, nil
	}
	known, err := r.o.Evidence(ctx, id)
	if err != nil {
		return incidents.Evidence{}, fmt.Errorf("gather evidence: %w", err)
	}
	return known, nil
}

// Close says that nothing is open any more. Only the lead can, after Resolve.
// It refuses with Conflict the first thing that is missing; a reason of 10
// characters or more lets all pass but a plan that is not finished and a log that
// does not verify.
func (r *Response) Close(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	return r.informed(ctx, act, id, r.beforeClose, func(tx pgx.Tx, inc incidents.Incident, known incidents.Evidence, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Close(act.By, known, why, at)
		if err != nil {
			return inc, nil, err
		}
		ended, err := endCalls(ctx, tx, id, "closed", at)
		return inc, append([]incidents.Fact{fact}, ended...), err
	})
}
