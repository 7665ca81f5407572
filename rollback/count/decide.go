package count

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

const insertDecision = `
	insert into decisions (incident, scope, pair, decision, by, at)
	values ($1, $2, $3, $4, $5, $6)`

// Decide keeps what the records of some cohorts should be. It refuses with
// Conflict when a cohort is not in the newest state table (somebody picked
// another run meanwhile), and with Invalid when nothing was chosen.
func (c *Count) Decide(ctx context.Context, act journal.Act, id incidents.ID, chosen []rollback.Decision) error {
	if len(chosen) == 0 {
		return refusal.Invalid("Choose what at least one cohort should be.")
	}
	return c.decide(ctx, act, id, 0, chosen, func(after rollback.Classified) incidents.Fact { return decided(after, len(chosen)) })
}

// decide keeps decisions about the newest pick, or about the one of that number
// alone, and journals what fact makes of them.
func (c *Count) decide(ctx context.Context, act journal.Act, id incidents.ID, number int, chosen []rollback.Decision, fact func(rollback.Classified) incidents.Fact) error {
	return c.ongoing(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, m Measurement, picked bool, at time.Time) error {
		if !picked {
			return refusal.Invalid("There is no state table yet. Say which run did it: /snafu triage 2.")
		}
		before, err := m.Classified()
		if err != nil {
			return err
		}
		for _, d := range chosen {
			if number != 0 && m.Number != number || !has(before, d.Pair) {
				return refusal.Conflict("The state table has changed since you opened it. /snafu table shows the new one.")
			}
			pair, err := json.Marshal(d.Pair)
			if err != nil {
				return fmt.Errorf("encode cohort: %w", err)
			}
			raw, err := json.Marshal(d)
			if err != nil {
				return fmt.Errorf("encode decision: %w", err)
			}
			if _, err := tx.Exec(ctx, insertDecision, int64(id), m.Number, pair, raw, string(act.By), at); err != nil {
				return fmt.Errorf("insert decision: %w", err)
			}
		}
		if m.Decisions, err = decisions(ctx, tx, id, m.Number); err != nil {
			return err
		}
		after, err := m.Classified()
		if err != nil {
			return err
		}
		return journal.Append(ctx, tx, id, act, at, fact(after))
	})
}

func has(c rollback.Classified, p rollback.Pair) bool {
	return slices.ContainsFunc(c.Cohorts, func(cohort rollback.Cohort) bool { return cohort.Pair.Equal(p) })
}

func decided(c rollback.Classified, chosen int) Decided {
	d := Decided{Cohorts: int64(chosen)}
	for _, cohort := range c.Cohorts {
		switch cohort.Kind {
		case rollback.KindRevert:
			d.Wrong += cohort.Counts.Total()
		case rollback.KindNoChange:
			d.Right += cohort.Counts.Total()
		default:
			d.Undecided++
		}
	}
	return d
}
