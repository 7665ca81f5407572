package bot

import (
	"context"
	"slices"

	"snafu/incidents"
	"snafu/rollback"
)

// prepareOwners brings those into the channel who are asked to stop something
// before a plan writes: the button by which they say so stands there.
func (b *Bot) prepareOwners(ctx context.Context, t task, ref string) (send, error, error) {
	v, err := b.planOf(ctx, t.Incident, rollback.Ref(ref))
	if err != nil {
		return nil, nil, err
	}
	var owners []incidents.Person
	for _, h := range v.Unheld() {
		for _, who := range h.Owners {
			if !slices.Contains(owners, who) {
				owners = append(owners, who)
			}
		}
	}
	if len(owners) == 0 || !v.State.Open() {
		return nil, errUnchanged, nil
	}
	return func(ctx context.Context) (sent, error) {
		var failed error
		for _, who := range owners { // one by one: one who is here already would keep the others out
			if wait := b.limit.take("conversations.invite", ""); wait > 0 {
				return sent{}, limitedError{wait}
			}
			_, err := b.slack.write.InviteUsersToConversationContext(ctx, t.inc.Channel, who.User())
			if err = harmless(err); err != nil && failed == nil {
				failed = err
			}
		}
		return sent{channel: t.inc.Channel}, failed
	}, nil, nil
}
