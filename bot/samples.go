package bot

import (
	"context"
	"errors"
	"strconv"

	"snafu/bot/view"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// samples handles "example R1 [COHORT]": records of each cohort of a frozen
// plan, masked, to whoever asked alone. That they looked is journalled, what
// they saw is not.
func (b *Bot) samples(ctx context.Context, c command) (reply, error) {
	v, _, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	if b.o.Samples == nil {
		return quiet, refusal.Unavailable("The records of %s are not kept here. Ask whoever runs snafu for the export folder.", v.Spec.Ref)
	}
	cohort, seed := int64(0), int64(0)
	if word := c.arg(1); word != "" {
		if cohort, err = strconv.ParseInt(word, 10, 32); err != nil || cohort < 1 {
			return quiet, refusal.Invalid("A cohort is known by its number: `/snafu example %s 1`. For the record of that key write `/snafu example key %s`.", v.Spec.Ref, v.Spec.Ref)
		}
	}
	if n, err := strconv.ParseInt(c.stamp.Choice, 10, 32); err == nil {
		seed = n
	}
	found, err := b.o.Samples(ctx, v.Spec.Plan, cohort, seed)
	if err != nil {
		return quiet, err
	}
	if err := b.o.Approval.Sampled(ctx, c.act(), v.Spec.Plan); err != nil && !errors.Is(err, journal.ErrAlready) {
		return quiet, err
	}
	card, err := b.planCard(ctx, v)
	if err != nil {
		return quiet, err
	}
	return say(view.PlanSamples(card, v.Cohorts, found, seed)), nil
}
