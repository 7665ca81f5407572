package response

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// exposed calls the security contact because data was shown to someone who should
// not see it. Who cannot be called is said.
func (r *Response) exposed(ctx context.Context, tx pgx.Tx, inc incidents.Incident, at time.Time) ([]incidents.Fact, error) {
	to := r.o.Security
	switch {
	case to == (Target{}):
		return []incidents.Fact{incidents.DataExposed{Why: "No security contact is configured, so nobody was called. Call with /snafu call ROTA."}}, nil
	case inc.Light:
		return []incidents.Fact{incidents.DataExposed{Why: "A light snafu calls nobody. Give it its channel with /snafu promote, then /snafu call."}}, nil
	}
	if known, ok := r.hasRota(to.Rota); ok {
		to.Rota = known
	}
	called, err := r.start(ctx, tx, incidents.System("response"), inc, to, "Data was shown to someone who should not see it.", at)
	if _, calling := refusal.As(err); calling {
		err = nil // they are being called already
	}
	return append([]incidents.Fact{incidents.DataExposed{Called: true}}, called...), err
}
