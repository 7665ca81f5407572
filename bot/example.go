package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"snafu/bot/view"
	"snafu/incidents/refusal"
	"snafu/rollback/count"
)

// example handles "example [COHORT|KEY] [changed]": records of the run with
// their history, to whoever asked alone.
func (b *Bot) example(ctx context.Context, c command) (reply, error) {
	_, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	want, err := c.wanted(int64(len(cohorts)))
	if err != nil {
		return quiet, err
	}
	found, err := b.o.Count.Examples(ctx, c.act(), c.incident, want)
	if err != nil {
		return quiet, err
	}
	card := view.ExampleCard{Incident: c.incident, Table: found.Scope.Table, Field: strings.Join(found.Scope.Set, ", "), Run: found.Scope.Run}
	if want.Key == "" {
		want.Seed++
		card.More = wantedChoice(want)
	}
	for _, r := range found.Records {
		card.Records = append(card.Records, view.ExampleRecord{Record: r, Cohort: found.Cohort(r)})
	}
	return say(view.Examples(card)), nil
}

// wanted reads what was typed, or what the button carries. A bare number is a
// cohort where there is one of that number, else a key.
func (c command) wanted(cohorts int64) (count.Wanted, error) {
	if c.in.kind == kindPress {
		return parseWanted(c.stamp.Choice), nil
	}
	words := c.words.args
	var w count.Wanted
	if n := len(words); n > 0 && strings.EqualFold(words[n-1], "changed") {
		w.Changed, words = true, words[:n-1]
	}
	if len(words) == 0 {
		return w, nil
	}
	forced := len(words) > 1
	switch rest := strings.Join(words[min(1, len(words)-1):], " "); {
	case forced && strings.EqualFold(words[0], "key"):
		w.Key = rest
		return w, nil
	case forced && strings.EqualFold(words[0], "cohort"):
		n, err := strconv.ParseInt(rest, 10, 32)
		if err != nil || n < 1 {
			return w, refusal.Invalid("A cohort is known by its number in the state table: `/snafu example 1`.")
		}
		w.Cohort = n
		return w, nil
	}
	if n, err := strconv.ParseInt(words[0], 10, 64); err == nil && len(words) == 1 && n >= 1 && n <= cohorts {
		w.Cohort = n
		return w, nil
	}
	w.Key = strings.Join(words, " ")
	return w, nil
}

// The button to other records carries what was asked for, never a key.
func wantedChoice(w count.Wanted) string {
	return fmt.Sprintf("%d.%d.%t", w.Cohort, w.Seed, w.Changed)
}

func parseWanted(choice string) count.Wanted {
	var w count.Wanted
	parts := strings.Split(choice, ".")
	if len(parts) != 3 {
		return w
	}
	w.Cohort, _ = strconv.ParseInt(parts[0], 10, 32)
	w.Seed, _ = strconv.ParseInt(parts[1], 10, 32)
	w.Changed = parts[2] == "true"
	return w
}
