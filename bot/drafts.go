package bot

import (
	"context"

	"snafu/incidents"
)

// drafted begins a follow-up with what its button stands at: a root cause, or a
// message.
func (b *Bot) drafted(ctx context.Context, c command, f *incidents.FollowUp) error {
	if ref, ok := incidents.ParseWhyRef(c.stamp.Choice); ok {
		tree, err := b.o.Response.Whys(ctx, c.incident)
		if err != nil {
			return err
		}
		n, err := tree.Find(ref)
		f.Root = n.Text
		return err
	}
	if c.stamp.Message == "" {
		return nil
	}
	m, _, err := b.messageAt(ctx, c.in.channel, c.stamp.Message)
	f.Text = incidents.Line(b.spelled(ctx, m.Text), 300)
	return err
}
