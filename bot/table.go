package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/count"
)

// What a form says about a cohort. A value is carried behind its mark, so that
// no value of a record can be mistaken for one of these words.
const (
	chooseNoChange = "nochange"
	chooseInitial  = "initial"
	chooseEmpty    = "empty"
	chooseKeep     = "keep"
	chooseLost     = "lost"
	chooseValue    = "v:"
	chooseValues   = "w:" // of several fields
)

// typedEmpty is how no value at all is typed: as cards show it.
var typedEmpty = rollback.Null().String()

// table handles the form of the state table, "table COHORT VALUE" and "table
// keep|lost COHORT WHY".
func (b *Bot) table(ctx context.Context, c command) (reply, error) {
	if !c.form && strings.EqualFold(c.arg(0), "contain") {
		return b.park(ctx, c)
	}
	_, cohorts, err := b.shown(ctx, c)
	if err != nil {
		return quiet, err
	}
	if !c.form {
		one, err := tableTyped(c, cohorts)
		if err != nil {
			return quiet, err
		}
		if err := b.o.Count.Decide(ctx, c.act(), c.incident, []rollback.Decision{one}); err != nil || one.Waiver != "" {
			return quiet, err // a reason is told to all
		}
		return b.decidedNow(ctx, c, one)
	}
	d := drafted(c)
	var chosen []rollback.Decision
	for _, k := range append([]rollback.Cohort{{}}, cohorts...) {
		if one, ok := decision(k, d.choice(k.Number)); ok {
			if one.Waiver != "" {
				one.Why = d.Why
			}
			chosen = append(chosen, one)
		}
	}
	return quiet, b.o.Count.Decide(ctx, c.act(), c.incident, chosen)
}

// decidedNow tells who typed a decision that it was taken, and what is left.
func (b *Bot) decidedNow(ctx context.Context, c command, d rollback.Decision) (reply, error) {
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	var left, wrong int64
	var taken rollback.Cohort
	for _, k := range cohorts {
		left, wrong = left+k.Counts.Undecided, wrong+k.Counts.Write
		if k.Pair.Equal(d.Pair) {
			taken = k
		}
	}
	next := "Nothing is to write."
	switch {
	case left > 0:
		next = view.Number(left) + " are left to decide."
	case wrong > 0:
		next = view.Number(wrong) + " are to write: `/snafu plan`."
	}
	return said("Decided for cohort %d: %s %s. %s", taken.Number, view.Number(taken.Counts.Total()), view.Escape(b.unit(m.Scope)), next), nil
}

var errTableChanged = refusal.Conflict("The state table has changed since you opened it. `/snafu table` shows the new one.").Coded("stale")

// tableTyped is what somebody typed about one cohort. A value that no record
// holds yet is taken as it stands; the source refuses what it cannot hold before
// anything is written.
func tableTyped(c command, cohorts []rollback.Cohort) (d rollback.Decision, err error) {
	if word := strings.ToLower(c.arg(0)); word == chooseKeep || word == chooseLost {
		return waivedTyped(c, rollback.Waiver(word), cohorts)
	}
	k, err := cohortTyped(c.arg(0), cohorts)
	if err != nil {
		return d, err
	}
	want := c.text(1)
	choice := chooseValue + want
	if len(k.Pair.Error) > 1 {
		if choice, err = vectorTyped(k, want); err != nil {
			return d, err
		}
	}
	switch strings.ToLower(want) {
	case "":
		return d, refusal.Invalid("What should cohort %d be? Write a value, initial for what it was before, nochange, or %s for no value at all.", k.Number, typedEmpty)
	case "initial", "before":
		if choice = chooseInitial; k.Pair.Untold() {
			return d, refusal.Invalid("No history tells what cohort %d was before. Write the value.", k.Number)
		}
	case "nochange", "no change":
		choice = chooseNoChange
	case typedEmpty:
		if len(k.Pair.Error) == 1 {
			choice = chooseEmpty
		}
	case chooseKeep:
		return d, refusal.Invalid("To keep cohort %d as it is, say why: `/snafu table keep %d WHY`. If it is right as it is: `/snafu table %d nochange`.", k.Number, k.Number, k.Number)
	}
	d, fresh := decision(k, choice)
	if !fresh {
		return d, refusal.Conflict("That is decided for cohort %d already.", k.Number)
	}
	return d, nil
}

// between stands between the values of several fields, as cards show them.
const between = " / "

// vectorTyped reads a value for each field: "MQL / 10". One of them may be
// initial for what it was before, nochange for what it is, or nothing at all.
func vectorTyped(k rollback.Cohort, typed string) (string, error) {
	switch strings.ToLower(typed) {
	case "", "initial", "before", "nochange", "no change", chooseKeep:
		return "", nil // about all fields at once
	}
	parts := strings.Split(typed, between)
	if len(parts) != len(k.Pair.Error) {
		return "", refusal.Invalid("Cohort %d is about %d fields. Write a value for each, as the table shows them: `/snafu table %d %s`. A value that holds%sitself is chosen in the form: `/snafu table`.",
			k.Number, len(k.Pair.Error), k.Number, k.Pair.Error, between)
	}
	want := make(rollback.Values, len(parts))
	for i, part := range parts {
		switch part = strings.TrimSpace(part); strings.ToLower(part) {
		case typedEmpty:
			want[i] = rollback.Null()
		case "nochange":
			want[i] = k.Pair.Error[i]
		case "initial", "before":
			if k.Pair.Untold() {
				return "", refusal.Invalid("No history tells what cohort %d was before. Write the value.", k.Number)
			}
			want[i] = k.Pair.Initial[i]
		default:
			want[i] = rollback.Text(part)
		}
	}
	return choiceOf(want), nil
}

// waivedTyped is "keep 3 WHY", and "lost rest WHY" for what has no history.
func waivedTyped(c command, w rollback.Waiver, cohorts []rollback.Cohort) (rollback.Decision, error) {
	d := rollback.Decision{Waiver: w, Why: c.text(2)}
	if strings.EqualFold(c.arg(1), "rest") {
		return d, nil
	}
	k, err := cohortTyped(c.arg(1), cohorts)
	d.Pair = k.Pair
	return d, err
}

func cohortTyped(word string, cohorts []rollback.Cohort) (rollback.Cohort, error) {
	n, err := strconv.ParseInt(word, 10, 32)
	if err != nil || n < 1 || n > int64(len(cohorts)) {
		return rollback.Cohort{}, refusal.Invalid("The state table has %d cohorts. `/snafu table 1 MQL` says what the first should be, `/snafu table keep 1 WHY` that it stays as it is, `/snafu table lost 1 WHY` that it can't be restored; `/snafu table` asks for all.", len(cohorts))
	}
	return cohorts[n-1], nil
}

// decision reads what was chosen for a cohort; false if nothing new was. The
// cohort without a number is what has no history.
func decision(k rollback.Cohort, choice string) (rollback.Decision, bool) {
	d := rollback.Decision{Pair: k.Pair}
	switch {
	case choice == "" || choice == chosenFor(k):
		return d, false
	case choice == chooseKeep || choice == chooseLost:
		d.Waiver = rollback.Waiver(choice)
	case k.Number == 0:
		return d, false
	case choice == chooseNoChange:
		d.NoChange, d.Desired = true, k.Pair.Error
	case choice == chooseInitial:
		d.Desired = k.Pair.Initial
		return d, !k.Pair.Untold()
	case choice == chooseEmpty:
		d.Desired = rollback.Values{rollback.Null()}
		return d, len(k.Pair.Error) == 1
	case strings.HasPrefix(choice, chooseValue):
		d.Desired = rollback.One(strings.TrimPrefix(choice, chooseValue))
		return d, len(k.Pair.Error) == 1
	case strings.HasPrefix(choice, chooseValues):
		err := json.Unmarshal([]byte(strings.TrimPrefix(choice, chooseValues)), &d.Desired)
		return d, err == nil && len(d.Desired) == len(k.Pair.Error)
	default:
		return d, false
	}
	return d, true
}

// chosenFor is the present decision as a form's choice, "" while there is none.
func chosenFor(k rollback.Cohort) string {
	switch {
	case k.Waiver != "":
		return string(k.Waiver)
	case k.Kind == "":
		return ""
	case k.NoChange:
		return chooseNoChange
	case k.Desired.Equal(k.Pair.Initial):
		return chooseInitial
	case len(k.Desired) > 0:
		return choiceOf(k.Desired)
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

// recount measures the incident's run again, now.
func (b *Bot) recount(ctx context.Context, c command) (reply, error) {
	if err := b.patiently(ctx, c, func(ctx context.Context) error { return b.o.Count.Measure(ctx, c.act(), c.incident) }); err != nil {
		return quiet, err
	}
	return b.countedNow(ctx, c)
}

// countedNow tells who typed a command what was counted: the state table that
// shows it may stand far above.
func (b *Bot) countedNow(ctx context.Context, c command) (reply, error) {
	line, err := b.measuredLine(ctx, c)
	return say(view.Said(line)), err
}

func (b *Bot) measuredLine(ctx context.Context, c command) (string, error) {
	m, _, err := b.o.Count.Latest(ctx, c.incident)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Counted %s: %s %s touched by %s.", view.Clock(m.Table.At), view.Number(m.Table.Members), view.Escape(b.unit(m.Scope)), view.Escape(m.Scope.Run)), nil
}

func waivedRecords(e journal.Entry) (incidents.Words, error) {
	var f count.Waived
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	return f.Words(e.Actor), nil
}
