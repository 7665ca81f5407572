package bot

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
)

// cancel handles "cancel WHY" and its form.
func (b *Bot) cancel(ctx context.Context, c command) (reply, error) {
	return quiet, b.o.Response.Cancel(ctx, c.act(), c.incident, c.why())
}

func (b *Bot) cancelForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	if err := b.o.Response.Cancellable(ctx, c.by.Actor(), c.incident); err != nil {
		return slack.ModalViewRequest{}, err
	}
	text := fmt.Sprintf("%s ends as if it had not been: a false alarm, something that is open already, a drill that is over. Its channel and its log stay.", c.incident)
	return view.ReasonModal("cancel", "Cancel", "Cancel it", c.stamp, text), nil
}

func cancelled(e journal.Entry) (incidents.Words, error) {
	var f incidents.Cancelled
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	return f.Words(e.Actor), nil
}

func related(e journal.Entry) (incidents.Words, error) {
	var f incidents.Related
	if err := e.Into(&f); err != nil {
		return nil, err
	}
	return f.Words(e.Actor), nil
}
