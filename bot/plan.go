package bot

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// plan handles "plan": new, freeze, propose, withdraw, breakglass, or one plan's state.
func (b *Bot) plan(ctx context.Context, c command) (reply, error) {
	word, ref := c.planWords()
	if c.form && (c.stamp.Choice == aboutEffects || c.stamp.Choice == aboutConflicts || c.stamp.Choice == aboutDiscussed) {
		word = c.stamp.Choice
	} else if c.form || word == "new" {
		return b.draft(ctx, c)
	}
	v, stamp, err := b.revision(ctx, c, ref)
	if err != nil {
		return quiet, err
	}
	switch word { // what stands still does so through every revision
	case aboutConflicts:
		return b.planConflicts(ctx, c, stamp.Plan)
	case aboutDiscussed, "asked", "discussed", "undiscussed":
		return b.discuss(ctx, c, stamp.Plan, word)
	case "held":
		return b.holding(ctx, c, stamp.Plan, true)
	case "release":
		return b.holding(ctx, c, stamp.Plan, false)
	case aboutEffects: // judged by the edit: after a crash its revision is there already
		return b.chooseEffects(ctx, c, v, stamp)
	}
	if stamp.Revision != v.Stamp.Revision {
		return quiet, rollback.RefuseStale(v.Spec.Ref, stamp.Revision, v.Stamp.Revision, time.Time{})
	}
	switch word {
	case "freeze":
		return quiet, b.o.Approval.AskFreeze(ctx, c.act(), stamp.Plan)
	case "propose":
		return b.propose(ctx, c, stamp)
	case "breakglass":
		return b.breakGlass(ctx, c, stamp.Plan, ref)
	case "withdraw":
		return quiet, b.o.Approval.Withdraw(ctx, c.act(), stamp.Plan, c.text(2))
	case "":
		card, err := b.planCard(ctx, v)
		if err != nil {
			return quiet, err
		}
		return say(view.Plan(card)), nil
	}
	return quiet, refusal.Invalid("%[1]q is nothing that can be done with a plan. Write plan new, plan freeze %[2]s, plan effects %[2]s hold, plan discussed %[2]s WITH WHOM, plan propose %[2]s, plan held %[2]s, plan release %[2]s or plan withdraw %[2]s.", short(word), v.Spec.Ref)
}

// planWords are what to do and with which plan, in either order.
func (c command) planWords() (word string, ref rollback.Ref) {
	if c.in.kind == kindPress {
		_, word, _ = strings.Cut(c.in.action, ".")
		word, _, _ = strings.Cut(word, ".")
		return word, c.stamp.Ref
	}
	for _, a := range c.words.args[:min(2, len(c.words.args))] {
		if r, err := rollback.ParseRef(strings.ToUpper(a)); err == nil {
			ref = r
		} else if word == "" {
			word = strings.ToLower(a)
		}
	}
	return word, ref
}

// plansAnew is true for "plan" and "plan new".
func plansAnew(c command) bool {
	word, ref := c.planWords()
	return ref == "" && (word == "" || word == "new")
}

// draft makes a plan of what was decided and asks for its freeze.
func (b *Bot) draft(ctx context.Context, c command) (reply, error) {
	effects, err := rollback.ParseEffects(c.in.fields.get("effects"))
	if err != nil {
		return quiet, err
	}
	expect, err := expected(c.in.fields.get("expect"))
	if err != nil {
		return quiet, err
	}
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		m, cohorts, err := b.measurement(ctx, c.incident)
		if err != nil {
			return rollback.Stamp{}, err
		}
		return b.o.Approval.Draft(ctx, act, c.incident, approval.Ask{
			Scope: m.Scope, Decisions: decided(m.Decisions, cohorts), Effects: effects, Note: first(c.why(), "no note"), Expect: expect,
		})
	})
}

// decided keeps the decisions in the order of the cohorts, which gives a plan's
// cohorts the numbers that the state table showed.
func decided(decisions []rollback.Decision, cohorts []rollback.Cohort) []rollback.Decision {
	var all []rollback.Decision
	for _, k := range cohorts {
		at := slices.IndexFunc(decisions, func(d rollback.Decision) bool { return d.Pair.Equal(k.Pair) })
		if at >= 0 {
			all = append(all, decisions[at])
		}
	}
	return all
}

func (b *Bot) planForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	if strings.HasPrefix(c.in.action, "plan.effects") {
		return b.effectsForm(ctx, c)
	}
	if strings.HasPrefix(c.in.action, "plan.discuss") {
		return b.discussForm(ctx, c)
	}
	if strings.HasPrefix(c.in.action, "plan.conflicts") {
		return b.conflictsForm(ctx, c)
	}
	m, cohorts, err := b.measurement(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	unit := b.unit(m.Scope)
	var lines []string
	open := int64(0)
	for _, k := range cohorts {
		open += k.Counts.Undecided
		switch {
		case k.Waiver != "":
			lines = append(lines, fmt.Sprintf("%s %s stay %s (%s)", view.Number(k.Counts.Total()), view.Escape(unit), view.Escape(k.Pair.Error.String()), k.Waiver))
		case k.Kind == rollback.KindRevert:
			lines = append(lines, fmt.Sprintf("%s %s: %s → %s", view.Number(k.Counts.Write), view.Escape(unit), view.Escape(k.Pair.Error.String()), view.Escape(k.Should())))
		case k.Kind == rollback.KindNoChange:
			lines = append(lines, fmt.Sprintf("%s %s stay %s", view.Number(k.Counts.Total()), view.Escape(unit), view.Escape(k.Pair.Error.String())))
		}
	}
	if open > 0 {
		return slack.ModalViewRequest{}, rollback.RefuseUndecided(open, unit)
	}
	return view.PlanModal(c.stamp, lines), nil
}

func checkPlan(c command) map[string]string {
	if c.stamp.Choice == aboutDiscussed {
		return checkDiscussed(c)
	}
	wrong := map[string]string{}
	if c.stamp.Choice != aboutConflicts && c.in.fields.get("effects") == "" {
		wrong["effects"] = "Choose what becomes of what the writes set off: it fires, it heeds our setting, or its owner holds it."
	}
	if c.stamp.Choice == aboutEffects {
		return wrong
	}
	maps.Copy(wrong, checkExpect(c))
	maps.Copy(wrong, checkWhy(c))
	return wrong
}

func checkWhy(c command) map[string]string {
	if c.in.fields.get("why") == "" {
		return map[string]string{"why": "Say why: the reason stays with it."}
	}
	return nil
}
