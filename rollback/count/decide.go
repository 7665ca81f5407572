package count

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
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
	return c.db.InTx(ctx, func(tx pgx.Tx) error {
		inc, at, err := response.Lock(ctx, tx, c.db, act, id)
		if err != nil {
			return err
		}
		if err := counts(inc); err != nil {
			return err
		}
		m, picked, err := latest(ctx, tx, id)
		if err != nil {
			return err
		}
		if !picked {
			return refusal.Invalid("There is no state table yet. Say which run did it: /snafu triage 2.")
		}
		for _, d := range chosen {
			if !m.has(d.Pair) {
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
		return journal.Append(ctx, tx, id, act, at, m.decided(int64(len(chosen))))
	})
}

func (m Measurement) has(p rollback.Pair) bool {
	for _, cohort := range m.Cohorts() {
		if cohort.Pair.Equal(p) {
			return true
		}
	}
	return false
}

func (m Measurement) decided(chosen int64) Decided {
	d := Decided{Cohorts: chosen}
	for _, cohort := range m.Cohorts() {
		switch {
		case cohort.Kind == "":
			d.Undecided++
		case cohort.Kind == rollback.KindRevert:
			d.Wrong += cohort.Counts.Total()
		default:
			d.Right += cohort.Counts.Total()
		}
	}
	return d
}

// Cohorts are the groups of equal past, with what was decided for them and
// the class of each of their members.
func (m Measurement) Cohorts() []rollback.Cohort { return m.Table.Cohorts(m.Decisions) }
