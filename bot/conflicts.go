package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"snafu/incidents/journal"
	"snafu/rollback"
)

// aboutConflicts is what a form carries that plans for what a run left to
// people.
const aboutConflicts = "conflicts"

// planConflicts handles "plan conflicts R1 WHY": a plan for what a run left
// alone because people had changed it. To draft it and to ask for its freeze are
// acts of their own, so that the second try after a crash finds the first one
// done.
func (b *Bot) planConflicts(ctx context.Context, c command, plan rollback.ID) (reply, error) {
	note := c.text(2)
	if c.form {
		note = c.why()
	}
	act := c.act()
	act.Key += ":draft"
	stamp, err := b.o.Approval.Settle(ctx, act, plan, first(note, "no note"))
	if errors.Is(err, journal.ErrAlready) {
		stamp.Plan, err = b.o.Approval.Find(ctx, c.incident, "")
	}
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.AskFreeze(ctx, c.act(), stamp.Plan)
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
