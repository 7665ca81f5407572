package bot

import (
	"context"
	"errors"

	"github.com/slack-go/slack"

	"snafu/incidents/journal"
)

// undo handles "undo": a plan that puts back what the run of another has
// written, and asks for its freeze. Both are acts of their own, so that the
// second try after a crash finds the first one done.
func (b *Bot) undo(ctx context.Context, c command) (reply, error) {
	v, _, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return quiet, err
	}
	act := c.act()
	act.Key += ":draft"
	stamp, err := b.o.Approval.Undo(ctx, act, v.Spec.Plan, c.why())
	if errors.Is(err, journal.ErrAlready) {
		stamp.Plan, err = b.o.Approval.Find(ctx, c.incident, "")
	}
	if err != nil {
		return quiet, err
	}
	return quiet, b.o.Approval.AskFreeze(ctx, c.act(), stamp.Plan)
}

func (b *Bot) undoForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	v, _, err := b.revision(ctx, c, c.ref())
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	if _, _, err := v.Undo(); err != nil {
		return slack.ModalViewRequest{}, err
	}
	return b.reasonForm(ctx, c, "undo", "Undo", "plans to put each record that %s has written back to what stood there before. Two people approve it, as they did the run.")
}
