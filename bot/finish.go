package bot

import "context"

// resolve handles "resolve [WHY]". What is still open is refused with its next
// step; a reason waives what may be waived.
func (b *Bot) resolve(ctx context.Context, c command) (reply, error) {
	return quiet, b.o.Response.Resolve(ctx, c.act(), c.incident, c.text(0))
}

// closing handles "close [WHY]".
func (b *Bot) closing(ctx context.Context, c command) (reply, error) {
	return quiet, b.o.Response.Close(ctx, c.act(), c.incident, c.text(0))
}
