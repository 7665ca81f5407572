package bot

import (
	"context"

	"snafu/incidents/refusal"
)

// involved handles "involved": somebody says that they had a part in the cause,
// or the lead records it of somebody. Nobody is asked for it, no reason is kept,
// and the channel hears nothing.
func (b *Bot) involved(ctx context.Context, c command) (reply, error) {
	who := c.by
	if word := c.arg(0); word != "" && word != "me" {
		id, ok := user(word)
		if !ok {
			return quiet, refusal.Invalid("Write /snafu involved about yourself, or /snafu involved @name if you lead. No reason is asked.").Coded("person")
		}
		p, err := b.personOf(ctx, id)
		if err != nil {
			return quiet, err
		}
		who = p
	}
	if err := b.o.Approval.Involve(ctx, c.act(), c.incident, who); err != nil {
		return quiet, err
	}
	whose := "Your"
	if who != c.by {
		whose = who.Mention() + "'s"
	}
	return said("Recorded. %s approval counts for no plan of %s, unless its source is set to let it. Everything else is as before.", whose, c.incident), nil
}
