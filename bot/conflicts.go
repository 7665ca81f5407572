package bot

import (
	"context"

	"github.com/slack-go/slack"

	"snafu/incidents/journal"
	"snafu/rollback"
)

// aboutConflicts is what a form carries that plans for what a run left to
// people.
const aboutConflicts = "conflicts"

// planConflicts handles "plan conflicts R1 WHY": a plan for what a run left
// alone because people had changed it.
func (b *Bot) planConflicts(ctx context.Context, c command, plan rollback.ID) (reply, error) {
	note := c.text(2)
	if c.form {
		note = c.why()
	}
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		return b.o.Approval.Settle(ctx, act, plan, first(note, "no note"))
	})
}

func (b *Bot) conflictsForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, _, err := b.revision(ctx, c, c.stamp.Ref)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if _, _, err := v.Settle(); err != nil {
		return slack.ModalViewRequest{}, err
	}
	c.stamp.Choice = aboutConflicts
	return b.reasonForm(ctx, c, "plan", "Plan", "for conflicts of %s: each record that people changed since goes to what was wanted, if it still holds what it holds now. Two people approve that.")
}
