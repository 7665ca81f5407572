package bot

import (
	"context"
	"fmt"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// mapping handles "map WAS=LEFT ...": what a run has left says what it was, by
// the rule of the run, where no history does. A rule that made one value of
// several is refused.
func (b *Bot) mapping(ctx context.Context, c command) (reply, error) {
	rule, err := ruleTyped(c.words.args)
	if err != nil {
		return quiet, err
	}
	back, err := rollback.Invert(rule)
	if err != nil {
		return quiet, err
	}
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if len(m.Scope.Set) > 1 {
		return quiet, refusal.Invalid("A rule is about one field. `/snafu table` decides about several.")
	}
	var chosen []rollback.Decision
	var records, told int64
	for _, k := range cohorts {
		if !k.Pair.Untold() {
			told++
			continue
		}
		if was, known := back[k.Pair.Error[0]]; known {
			chosen = append(chosen, rollback.Decision{Pair: k.Pair, Desired: rollback.Values{was}})
			records += k.Counts.Total()
		}
	}
	switch {
	case len(chosen) == 0 && told > 0:
		return quiet, refusal.Conflict("The history tells what these records were, so no rule is needed: `/snafu table` decides what they should be.")
	case len(chosen) == 0:
		return quiet, refusal.NotFound("No record holds what this rule leaves. `/snafu table` shows what they hold now.")
	}
	if err := b.o.Count.Decide(ctx, c.act(), c.incident, chosen); err != nil {
		return quiet, err
	}
	return said("Decided by the rule: %s %s in %s.", view.Number(records), view.Escape(b.unit(m.Scope)), cohortsOf(len(chosen))), nil
}

func cohortsOf(n int) string {
	if n == 1 {
		return "one cohort"
	}
	return fmt.Sprintf("%d cohorts", n)
}

// ruleTyped reads "MQL=SQL (empty)=New": was and left, a word for each value.
func ruleTyped(args []string) (rule []rollback.Became, err error) {
	for _, a := range args {
		was, left, ok := strings.Cut(a, "=")
		if !ok || was == "" || left == "" {
			return nil, refusal.Invalid("%q is no step of a rule. Write what was and what the run left of it, such as MQL=SQL, and %s for no value.", short(a), typedEmpty)
		}
		rule = append(rule, rollback.Became{Was: leftTyped(was, 1)[0], Left: leftTyped(left, 1)[0]})
	}
	if len(rule) == 0 {
		return nil, refusal.Invalid("What did the run make of what? `/snafu map MQL=SQL Open=Closed` says that each MQL became SQL and each Open became Closed.")
	}
	return rule, nil
}
