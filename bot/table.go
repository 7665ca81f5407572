package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// What a form says about a cohort. A value is carried behind its mark, so that
// no value of a record can be mistaken for one of these words.
const (
	chooseNoChange = "nochange"
	chooseInitial  = "initial"
	chooseValue    = "v:"
)

// Slack's forms end at 100 blocks; decided cohorts are left out first.
const cohortsInForm = 40

// table handles the form of the state table, and "table COHORT VALUE".
func (b *Bot) table(ctx context.Context, c command) (reply, error) {
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if !c.form {
		return b.tableTyped(ctx, c, cohorts)
	}
	if c.stamp.Choice != fingerprint(m, cohorts) {
		return quiet, refusal.Conflict("The state table has changed since you opened it. `/snafu table` shows the new one.").Coded("stale")
	}
	var chosen []rollback.Decision
	for _, k := range cohorts {
		if d, ok := decision(k, c.in.fields.get(cohortBlock(k))); ok {
			chosen = append(chosen, d)
		}
	}
	return quiet, b.o.Count.Decide(ctx, c.act(), c.incident, chosen)
}

// tableTyped is one cohort's value as somebody typed it. A value that no record
// holds yet is taken as it stands; the source refuses what it cannot hold before
// anything is written.
func (b *Bot) tableTyped(ctx context.Context, c command, cohorts []rollback.Cohort) (reply, error) {
	n, err := strconv.ParseInt(c.arg(0), 10, 32)
	if err != nil || n < 1 || n > int64(len(cohorts)) {
		return quiet, refusal.Invalid("The state table has %d cohorts. `/snafu table 1 MQL` says what the first should be; `/snafu table` asks for all.", len(cohorts))
	}
	k, want := cohorts[n-1], c.text(1)
	choice := chooseValue + want
	switch strings.ToLower(want) {
	case "":
		return quiet, refusal.Invalid("What should cohort %d be? Write a value, initial for what it was before, or nochange.", n)
	case "initial", "before":
		choice = chooseInitial
	case "nochange", "no change", "keep":
		choice = chooseNoChange
	}
	d, fresh := decision(k, choice)
	if !fresh {
		return quiet, refusal.Conflict("That is decided for cohort %d already.", n)
	}
	return quiet, b.o.Count.Decide(ctx, c.act(), c.incident, []rollback.Decision{d})
}

func cohortBlock(k rollback.Cohort) string { return fmt.Sprintf("cohort-%d", k.Number) }

// decision reads what was chosen for a cohort; false if nothing new was.
func decision(k rollback.Cohort, choice string) (rollback.Decision, bool) {
	d := rollback.Decision{Pair: k.Pair}
	switch {
	case choice == "" || choice == chosenFor(k):
		return d, false
	case choice == chooseNoChange:
		d.NoChange, d.Desired = true, k.Pair.Error
	case choice == chooseInitial:
		d.Desired = k.Pair.Initial
	case strings.HasPrefix(choice, chooseValue):
		d.Desired = rollback.One(strings.TrimPrefix(choice, chooseValue))
	default:
		return d, false
	}
	return d, true
}

// chosenFor is the present decision as a form's choice, "" while there is none.
func chosenFor(k rollback.Cohort) string {
	switch {
	case k.Kind == "":
		return ""
	case k.NoChange:
		return chooseNoChange
	case k.Desired.Equal(k.Pair.Initial):
		return chooseInitial
	case len(k.Desired) == 1 && !k.Desired[0].Null:
		return chooseValue + k.Desired[0].Text
	}
	return ""
}

// measurement is the newest one with its cohorts; without one it refuses.
func (b *Bot) measurement(ctx context.Context, id incidents.ID) (count.Measurement, []rollback.Cohort, error) {
	m, picked, err := b.o.Count.Latest(ctx, id)
	if err != nil {
		return m, nil, err
	}
	if !picked {
		return m, nil, refusal.Invalid("There is no state table yet. Say which run did it: `/snafu triage 2`.")
	}
	classified, err := m.Classified()
	return m, classified.Cohorts, err
}

// fingerprint tells one state table's cohorts from another's, so that a form
// cannot decide about a cohort that took the number of the one it showed.
func fingerprint(m count.Measurement, cohorts []rollback.Cohort) string {
	pairs := make([]rollback.Pair, len(cohorts))
	for i, k := range cohorts {
		pairs[i] = k.Pair
	}
	raw, err := json.Marshal(struct {
		Number int
		Pairs  []rollback.Pair
	}{m.Number, pairs})
	if err != nil {
		return "none"
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

func (b *Bot) tableForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	if _, picked, err := b.o.Count.Latest(ctx, c.incident); err != nil || !picked {
		if err != nil {
			return slack.ModalViewRequest{}, err
		}
		return b.pickForm(ctx, c) // what to count comes before what it should be
	}
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	c.stamp.Choice = fingerprint(m, cohorts)
	f := view.TableForm{Stamp: c.stamp}
	shown := slices.Clone(cohorts)
	slices.SortStableFunc(shown, func(x, y rollback.Cohort) int { return decidedRank(x) - decidedRank(y) })
	for _, k := range shown[:min(len(shown), cohortsInForm)] {
		f.Cohorts = append(f.Cohorts, view.CohortForm{Cohort: k, Options: choices(k, cohorts, m.Table.Values), Chosen: chosenFor(k)})
	}
	slices.SortFunc(f.Cohorts, func(x, y view.CohortForm) int { return int(x.Cohort.Number - y.Cohort.Number) })
	return view.TableModal(f), nil
}

func decidedRank(k rollback.Cohort) int {
	if k.Kind == "" {
		return 0
	}
	return 1
}

// choices are what a cohort may be: what it was, what it is, what others were.
// Then whatever else the table holds, the most frequent first.
func choices(k rollback.Cohort, all []rollback.Cohort, held []rollback.ValueCount) []view.Option {
	options := []view.Option{
		{Value: chooseInitial, Label: k.Pair.Initial.String() + " (as before)"},
		{Value: chooseNoChange, Label: "No change: " + k.Pair.Error.String()},
	}
	if e := k.Pair.Error; len(e) == 1 && !e[0].Null && !e.Equal(k.Pair.Initial) {
		// What the run wrote was what it should write: another reason than "no change", and shown as such.
		options = append(options, view.Option{Value: chooseValue + e[0].Text, Label: e[0].Text + " (right already)"})
	}
	seen := []rollback.Values{k.Pair.Initial, k.Pair.Error}
	add := func(v rollback.Values) {
		if len(v) == 1 && !v[0].Null && !slices.ContainsFunc(seen, v.Equal) {
			seen = append(seen, v)
			options = append(options, view.Option{Value: chooseValue + v[0].Text, Label: v[0].Text})
		}
	}
	for _, other := range all {
		add(other.Pair.Initial)
		add(other.Pair.Error)
		add(other.Desired)
	}
	for _, other := range held {
		add(other.Value)
	}
	return options
}

func checkTable(c command) map[string]string {
	for _, v := range c.in.fields {
		if len(v) > 0 && v[0] != "" {
			return nil
		}
	}
	return map[string]string{firstBlock(c.in): "Choose what at least one group should be."}
}

// recount measures the incident's run again, now.
func (b *Bot) recount(ctx context.Context, c command) (reply, error) {
	if err := b.patiently(ctx, c, func(ctx context.Context) error { return b.o.Count.Measure(ctx, c.act(), c.incident) }); err != nil {
		return quiet, err
	}
	m, _, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	return said("Counted %s: %s %s touched by %s.", view.Clock(m.Table.At), view.Number(m.Table.Members), view.Escape(b.unit(m.Scope)), view.Escape(m.Scope.Run)), nil
}
