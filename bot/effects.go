package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// aboutEffects is what a form carries that asks about side effects.
const aboutEffects = "effects"

// chooseEffects handles "plan effects R1 fire|guc|hold [NAME ...]": the plan is
// changed and frozen again, as two acts, so that the second try after a crash
// finds the first one done.
func (b *Bot) chooseEffects(ctx context.Context, c command, v rollback.PlanView, stamp rollback.Stamp) (reply, error) {
	word, names := c.chosenEffects()
	effects, err := rollback.ParseEffects(word)
	if err != nil {
		return quiet, err
	}
	accepted, err := accept(v, names)
	if err != nil {
		return quiet, err
	}
	act := c.act()
	act.Key += ":edit"
	_, err = b.o.Approval.Edit(ctx, act, stamp, approval.Ask{
		Scope: v.Spec.Scope, Decisions: v.Spec.Decisions, Effects: effects, Accepted: accepted, Note: v.Note,
	})
	if err != nil && !errors.Is(err, journal.ErrAlready) {
		return quiet, err
	}
	return quiet, b.o.Approval.AskFreeze(ctx, c.act(), stamp.Plan)
}

func (c command) chosenEffects() (word string, names []string) {
	if c.form {
		return c.in.fields.get("effects"), c.in.fields["accepted"]
	}
	rest := c.words.args[min(2, len(c.words.args)):]
	if len(rest) == 0 {
		return "", nil
	}
	return rest[0], rest[1:]
}

// accept finds what is meant by names among what the plan sets off. It refuses
// one that is not (Invalid).
func accept(v rollback.PlanView, names []string) (out []string, err error) {
	known := slices.Clone(v.Spec.Accepted) // known before, while the plan is frozen again
	if v.Frozen != nil {
		known = v.Frozen.Inventory.SetOff()
	}
	for _, name := range names {
		i := slices.IndexFunc(known, func(full string) bool {
			_, plain, _ := strings.Cut(full, " ")
			return strings.EqualFold(full, name) || strings.EqualFold(plain, name)
		})
		if i < 0 {
			return nil, refusal.Invalid("%q is nothing that %s sets off. That is: %s.", short(name), v.Spec.Ref, first(strings.Join(known, ", "), "not known before its freeze"))
		}
		if !slices.Contains(out, known[i]) {
			out = append(out, known[i])
		}
	}
	return out, nil
}

func (b *Bot) effectsForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, on, err := b.revision(ctx, c, c.stamp.Ref)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	card, err := b.planCard(ctx, v)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	return view.EffectsModal(card, c.about(v, on)), nil
}

// holding handles "plan held R1 [NAME]" and "plan release R1 [NAME]", and the
// buttons of an owner.
func (b *Bot) holding(ctx context.Context, c command, plan rollback.ID, held bool) (reply, error) {
	name := c.stamp.Choice
	if c.in.kind == kindCommand {
		name = c.text(2)
	}
	if held {
		return quiet, b.o.Approval.Hold(ctx, c.act(), plan, name)
	}
	return quiet, b.o.Approval.ReleaseHold(ctx, c.act(), plan, name)
}
