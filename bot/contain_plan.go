package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

// parkRest names the members whose value before the run nobody knows.
const parkRest = "rest"

// wanted is what somebody wants parked, and how.
type wantedPark struct {
	who           []string // rest, or numbers of cohorts
	column, value string
	why           string
	expect        int64 // how many they mean; 0 is nothing said
	instead       *rollback.Instead
}

// park handles "park" and "table contain": a plan that sets records aside which
// nobody can put back, and asks for its freeze.
func (b *Bot) park(ctx context.Context, c command) (reply, error) {
	want, err := c.wantedPark()
	if err != nil {
		return quiet, err
	}
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		m, cohorts, err := b.shown(ctx, c)
		if err != nil {
			return rollback.Stamp{}, err
		}
		want.among(b.parkColumns(m.Scope))
		chosen, err := want.decisions(m, cohorts)
		if err != nil {
			return rollback.Stamp{}, err
		}
		instead, err := b.switchedOff(ctx, c, m.Scope.Source, want.instead)
		if err != nil {
			return rollback.Stamp{}, err
		}
		return b.o.Approval.Contain(ctx, act, c.incident, approval.Ask{
			Scope: m.Scope, Decisions: chosen, Note: first(want.why, "no note"), Expect: want.expect, Instead: instead,
		}, want.column)
	})
}

// wantedPark reads the form, or "rest,2 parked=true WHY".
func (c command) wantedPark() (wantedPark, error) {
	if c.form {
		f := c.in.fields
		expect, err := expected(f.get("expect"))
		w := wantedPark{who: f["who"], column: f.get("column"), value: f.get("value"), why: f.get("why"), expect: expect}
		w.instead = chosenInstead(w.column)
		return w, err
	}
	words, expect, err := c.expects()
	if err != nil {
		return wantedPark{}, err
	}
	c.words.args = words
	at := 0
	if c.verb.name == "table" {
		at = 1 // behind "contain"
	}
	w := wantedPark{who: strings.Split(strings.ToLower(c.arg(at)), ","), why: c.text(at + 2), expect: expect}
	if w.instead = typedInstead(c.arg(at + 1)); w.instead != nil && w.instead.How == rollback.InsteadList {
		return w, nil
	}
	var said bool
	if w.column, w.value, said = strings.Cut(c.arg(at+1), "="); !said || w.column == "" || w.value == "" {
		return w, refusal.Invalid("Say whom to park, and how: `/snafu park rest parked=true` sets the column parked to true where nothing says what the records were, `/snafu park 2 parked=true` in cohort 2. Without writing: `/snafu park rest list`, or `/snafu park rest switch=NAME` while an automation is off.")
	}
	return w, nil
}

// decisions are the cohorts of the plan.
func (w wantedPark) decisions(m count.Measurement, cohorts []rollback.Cohort) ([]rollback.Decision, error) {
	classified, err := m.Classified()
	if err != nil {
		return nil, err
	}
	var all []rollback.Decision
	for _, who := range w.who {
		d := rollback.Decision{Kind: rollback.CohortContain, Desired: rollback.One(w.value)}
		if w.value == typedEmpty {
			d.Desired = rollback.Values{rollback.Null()}
		}
		how := w.column + "=" + w.value
		if w.instead != nil {
			d.Desired, how = slices.Repeat(rollback.One(rollback.ItsOwn), len(m.Scope.Set)), "list"
		}
		if d.Unclear = who == parkRest; d.Unclear {
			if n := classified.Classes(); n.Unrecoverable+n.Ambiguous == 0 {
				return nil, refusal.Conflict("Every record that %s touched has a history that says what it was. `/snafu park 1 %s` parks a whole cohort.", m.Scope.Run, how)
			}
			all = append(all, d)
			continue
		}
		k, err := cohortTyped(who, cohorts)
		if err != nil {
			return nil, err
		}
		d.Pair = k.Pair
		all = append(all, d)
	}
	return all, nil
}

// parkForm asks whom to park and how.
func (b *Bot) parkForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	classified, err := m.Classified()
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	unit := b.unit(m.Scope)
	f := view.ParkForm{Stamp: c.stamp, Columns: b.parkColumns(m.Scope)}
	f.Stamp.Choice = fingerprint(m, cohorts)
	if f.Instead, err = b.insteadOptions(ctx, c.incident); err != nil {
		return slack.ModalViewRequest{}, err
	}
	if n := classified.Classes(); n.Unrecoverable+n.Ambiguous > 0 {
		f.Who = append(f.Who, view.Option{Value: parkRest, Label: fmt.Sprintf("%s %s without evidence of what they were", view.Number(n.Unrecoverable+n.Ambiguous), unit)})
		f.Chosen = []string{parkRest}
	}
	for _, k := range cohorts {
		f.Who = append(f.Who, view.Option{Value: strconv.FormatInt(k.Number, 10), Label: fmt.Sprintf("%d. All %s %s that were %s and became %s", k.Number, view.Number(k.Counts.Total()), unit, k.Pair.Initial, k.Pair.Error)})
	}
	return view.ParkModal(f), nil
}

// parkColumns are the columns that a plan may write, beside those that were
// spoilt.
func (b *Bot) parkColumns(s rollback.Scope) (columns []string) {
	src, err := b.source(s.Source)
	if err != nil {
		return nil
	}
	for _, t := range src.Tables {
		if t.Name == s.Table {
			columns = slices.DeleteFunc(slices.Clone(t.Set), func(c string) bool { return slices.Contains(s.Set, c) })
		}
	}
	return columns
}

func checkPark(c command) map[string]string {
	wrong := checkExpect(c)
	for block, say := range map[string]string{"who": "Choose whom to park.", "column": "Choose the column, or a way without writing.", "value": "What is written there?", "why": "Say why: the reason stays with it."} {
		if c.in.fields.get(block) == "" && (block != "value" || chosenInstead(c.in.fields.get("column")) == nil) {
			wrong[block] = say
		}
	}
	return wrong
}

// waive handles "waive": other plans may run though this one has parked nothing.
func (b *Bot) waive(ctx context.Context, c command) (reply, error) {
	if strings.EqualFold(c.arg(0), "triage") {
		return quiet, b.o.Response.WaiveTriage(ctx, c.act(), c.incident, c.text(1))
	}
	v, _, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.WaiveContain(ctx, c.act(), v.Spec.Plan, c.why())
}

func (b *Bot) waiveForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	return b.reasonForm(ctx, c, "waive", "Waive", "lets other plans run although %s has not parked its records. Only the lead can say that.")
}
