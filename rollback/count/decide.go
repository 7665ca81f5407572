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

// Decide keeps what the records of some cohorts should be, or that they are
// kept or lost. It refuses with Conflict when a cohort is not in the newest
// state table (somebody picked another run meanwhile), and with Invalid when
// nothing was chosen, or what is kept or lost comes without a reason.
func (c *Count) Decide(ctx context.Context, act journal.Act, id incidents.ID, chosen []rollback.Decision) error {
	if len(chosen) == 0 {
		return refusal.Invalid("Choose what at least one cohort should be.")
	}
	chosen = slices.Clone(chosen)
	for i, d := range chosen {
		if chosen[i].Why = incidents.Line(d.Why, mostWhy); d.Waiver != "" && chosen[i].Why == "" {
			return refusal.Invalid("Say why: the reason stays with it. For example: /snafu table %s 1 sales want them so.", d.Waiver)
		}
	}
	return c.decide(ctx, act, id, 0, chosen, func(after rollback.Classified) []incidents.Fact { return factsOf(after, chosen) })
}

// mostWhy is the longest reason that is kept, in characters.
const mostWhy = 500

// decide keeps decisions about the newest pick, or about the one of that number
// alone, and journals what facts makes of them.
func (c *Count) decide(ctx context.Context, act journal.Act, id incidents.ID, number int, chosen []rollback.Decision, facts func(rollback.Classified) []incidents.Fact) error {
	return c.ongoing(ctx, act, id, func(tx pgx.Tx, inc incidents.Incident, m Measurement, picked bool, at time.Time) error {
		if !picked {
			return refusal.Invalid("There is no state table yet. Say which run did it: /snafu triage 2.")
		}
		before, err := m.Classified()
		if err != nil {
			return err
		}
		for _, d := range chosen {
			if d.Rest() && number == 0 && before.Rest.Total() == 0 {
				return refusal.Conflict("Every record that %s touched has a history, so there is no rest to decide about. /snafu table shows all.", m.Scope.Run)
			}
			if number != 0 && m.Number != number || !has(before, d) {
				return refusal.Conflict("The state table has changed since you opened it. /snafu table shows the new one.")
			}
		}
		if err := keepDecisions(ctx, tx, act, id, m.Number, before, chosen, at); err != nil {
			return err
		}
		if m.Decisions, err = decisions(ctx, tx, id, m.Number); err != nil {
			return err
		}
		after, err := m.Classified()
		if err != nil {
			return err
		}
		for _, fact := range facts(after) {
			if err := journal.Append(ctx, tx, id, act, at, fact); err != nil {
				return err
			}
		}
		return nil
	})
}

func keepDecisions(ctx context.Context, tx pgx.Tx, act journal.Act, id incidents.ID, number int, before rollback.Classified, chosen []rollback.Decision, at time.Time) error {
	for _, d := range chosen {
		d.Desired = wished(before, d)
		pair, err := json.Marshal(d.Pair)
		if err != nil {
			return fmt.Errorf("encode cohort: %w", err)
		}
		raw, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("encode decision: %w", err)
		}
		if _, err := tx.Exec(ctx, insertDecision, int64(id), number, pair, raw, string(act.By), at); err != nil {
			return fmt.Errorf("insert decision: %w", err)
		}
	}
	return nil
}

func has(c rollback.Classified, d rollback.Decision) bool {
	if d.Rest() {
		return c.Rest.Total() > 0
	}
	return number(c, d.Pair) > 0
}

// wished is the value of a decision. What is kept or lost keeps the value that
// was wished for, by which a record shows where it went wrong.
func wished(c rollback.Classified, d rollback.Decision) rollback.Values {
	if n := number(c, d.Pair); d.Waiver != "" && n > 0 {
		if k := c.Cohorts[n-1]; k.Wrong() {
			v, _ := k.Expected()
			return v
		}
		return nil
	}
	return d.Desired
}

// factsOf are one fact of all values that were chosen, and one of each waiver
// for its reason.
func factsOf(after rollback.Classified, chosen []rollback.Decision) []incidents.Fact {
	var facts []incidents.Fact
	var valued int
	var waived []Waived
	for _, d := range chosen {
		if d.Waiver == "" {
			valued++
			continue
		}
		i := slices.IndexFunc(waived, func(w Waived) bool { return w.Waiver == string(d.Waiver) && w.Why == d.Why })
		if i < 0 {
			i = len(waived)
			waived = append(waived, Waived{Waiver: string(d.Waiver), Why: d.Why})
		}
		n, records := number(after, d.Pair), after.Rest.Total()
		if n > 0 {
			records = after.Cohorts[n-1].Counts.Total()
		}
		waived[i].Cohorts = append(waived[i].Cohorts, n)
		waived[i].Records += records
	}
	if valued > 0 {
		facts = append(facts, decided(after, valued))
	}
	for _, w := range waived {
		facts = append(facts, w)
	}
	return facts
}

func decided(c rollback.Classified, chosen int) Decided {
	d := Decided{Cohorts: int64(chosen)}
	for _, cohort := range c.Cohorts {
		switch {
		case cohort.Wrong():
			d.Wrong += cohort.Spoilt()
			d.Right += cohort.Counts.Total() - cohort.Spoilt() - cohort.Counts.Undecided
		case cohort.Kind == rollback.KindNoChange:
			d.Right += cohort.Counts.Total()
		default:
			d.Undecided++
		}
	}
	return d
}
