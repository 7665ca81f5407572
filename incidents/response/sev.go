package response

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// SetSeverity says how bad an incident is. Nobody is called by that: where the
// new severity would have called somebody at open, and nobody was, the fact says
// so. A call that is under way takes the new windows from its next step on. It
// refuses as incidents.SetSeverity does.
func (r *Response) SetSeverity(ctx context.Context, act journal.Act, id incidents.ID, s incidents.Severity, why string) error {
	by, err := person(act)
	if err != nil {
		return err
	}
	return r.decide(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, at time.Time) (incidents.Incident, []incidents.Fact, error) {
		inc, fact, err := inc.SetSeverity(by, s, why, at)
		if err != nil {
			return inc, nil, err
		}
		rows, err := tx.Query(ctx, findPages, int64(id))
		pages, err := loadPages(ctx, tx, rows, err)
		if err != nil {
			return inc, nil, err
		}
		helped := slices.ContainsFunc(pages, func(p incidents.Page) bool {
			return p.State == incidents.PageCalling || p.State == incidents.PageAnswered
		})
		fact.Call = inc.Phase().Live() && fact.Now < fact.Was && (fact.Now == incidents.SEV1 || !fact.Was.Calls()) && !helped
		return inc, []incidents.Fact{fact}, nil
	})
}

// RotaOf returns the rota that helps with an incident's system, or "".
func (r *Response) RotaOf(inc incidents.Incident) string { return r.rotaOf(inc) }
