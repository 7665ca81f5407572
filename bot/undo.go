package bot

import (
	"context"

	"github.com/slack-go/slack"

	"snafu/incidents/journal"
	"snafu/rollback"
)

// undo handles "undo": a plan that puts back what the run of another has
// written, and asks for its freeze.
func (b *Bot) undo(ctx context.Context, c command) (reply, error) {
	return b.planned(ctx, c, func(act journal.Act) (rollback.Stamp, error) {
		v, _, err := b.revision(ctx, c, c.ref())
		if err != nil {
			return rollback.Stamp{}, err
		}
		return b.o.Approval.Undo(ctx, act, v.Spec.Plan, c.why())
	})
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
