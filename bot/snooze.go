package bot

import (
	"context"

	"snafu/bot/view"
)

// snooze handles "snooze": whoever is reminded of a plan is left alone for an
// hour. The plan waits for them as before.
func (b *Bot) snooze(ctx context.Context, c command) (reply, error) {
	v, on, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	until, err := b.o.Approval.Snooze(ctx, c.act(), on.Plan)
	if err != nil {
		return quiet, err
	}
	return said("I remind you of %s again at %s, if it still waits then.", v.Spec.Ref, view.Clock(until)), nil
}
