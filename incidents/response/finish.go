package response

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// Resolve says that the data is right again or decided upon, and ends the
// calls. Only the lead can. It refuses with Conflict the first thing that is
// missing ("Not yet: …"); a reason of 10 characters or more lets those pass
// that are not about the data.
func (r *Response) Resolve(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	known, err := r.evidence(ctx, id)
	if err != nil {
		return err
	}
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Resolve(act.By, known, why, at)
		if err != nil {
			return inc, nil, err
		}
		ended, err := endCalls(ctx, tx, id, "resolved", at)
		return inc, append([]incidents.Fact{fact}, ended...), err
	})
}

// ResolveGate returns what Resolve demands of an incident now, in order.
func (r *Response) ResolveGate(ctx context.Context, id incidents.ID) ([]incidents.Gate, error) {
	known, err := r.evidence(ctx, id)
	if err != nil {
		return nil, err
	}
	inc, err := r.Get(ctx, id)
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
// characters or more lets all pass but a plan that is not finished.
func (r *Response) Close(ctx context.Context, act journal.Act, id incidents.ID, why string) error {
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.Close(act.By, why, at)
		if err != nil {
			return inc, nil, err
		}
		ended, err := endCalls(ctx, tx, id, "closed", at)
		return inc, append([]incidents.Fact{fact}, ended...), err
	})
}
