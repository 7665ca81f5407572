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
)

// remove handles "remove": a plan that marks the records of a cohort as removed,
// and asks for its freeze. The words are read before anything is looked up.
func (b *Bot) remove(ctx context.Context, c command) (reply, error) {
	number, why := c.in.fields.get("cohort"), c.why()
	var expect int64
	var err error
	if c.form {
		expect, err = expected(c.in.fields.get("expect"))
	} else {
		var words []string
		if words, expect, err = c.expects(); len(words) > 0 {
			number, why = words[0], strings.Join(words[1:], " ")
		}
	}
	if err != nil {
		return quiet, err
	}
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		m, cohorts, err := b.shown(ctx, c)
		if err != nil {
			return rollback.Stamp{}, err
		}
		k, err := cohortTyped(number, cohorts)
		if err != nil {
			return rollback.Stamp{}, err
		}
		return b.o.Approval.Remove(ctx, act, c.incident, approval.Ask{
			Scope: m.Scope, Decisions: []rollback.Decision{{Pair: k.Pair, Expect: expect}}, Note: first(why, "no note"),
		})
	})
}

// expects takes "expect=226" out of the words behind a verb.
func (c command) expects() (words []string, n int64, err error) {
	words = slices.Clone(c.words.args)
	for i, w := range words {
		if text, found := strings.CutPrefix(strings.ToLower(w), "expect="); found {
			n, err = expected(text)
			return slices.Delete(words, i, i+1), n, err
		}
	}
	return words, 0, nil
}

// expected is how many records somebody means; nothing is 0.
func expected(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := number(text)
	if err == nil && n < 1 {
		err = rollback.RefuseExpectSays(n)
	}
	return n, err
}

func checkExpect(c command) map[string]string {
	wrong := map[string]string{}
	if _, err := expected(c.in.fields.get("expect")); err != nil {
		wrong["expect"] = err.Error()
	}
	return wrong
}

// removeForm asks which cohort is removed, and how many records are meant.
func (b *Bot) removeForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if !b.removable(m.Scope) {
		return slack.ModalViewRequest{}, rollback.RefuseNoArchive(m.Scope.Table)
	}
	if len(cohorts) == 0 {
		return slack.ModalViewRequest{}, refusal.Conflict("The state table has no cohort to remove.")
	}
	unit := b.unit(m.Scope)
	var options []view.Option
	for _, k := range cohorts {
		options = append(options, view.Option{Value: strconv.FormatInt(k.Number, 10), Label: fmt.Sprintf("%d. %s %s: %s, now %s", k.Number, view.Number(k.Counts.Total()), unit, k.Pair.Initial, k.Pair.Error)})
	}
	c.stamp.Choice = fingerprint(m, cohorts)
	return view.RemoveModal(c.stamp, options, unit), nil
}

// removable says that the table of a scope declares how a record is removed.
func (b *Bot) removable(s rollback.Scope) bool {
	src, err := b.source(s.Source)
	return err == nil && slices.ContainsFunc(src.Tables, func(t Table) bool { return t.Name == s.Table && t.Removable })
}

func checkRemove(c command) map[string]string {
	wrong := checkExpect(c)
	for block, say := range map[string]string{"cohort": "Choose the cohort.", "expect": "Say how many you mean.", "why": "Say why: the reason stays with it."} {
		if c.in.fields.get(block) == "" {
			wrong[block] = say
		}
	}
	return wrong
}
