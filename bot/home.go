package bot

import (
	"context"

	"snafu/bot/view"
)

// postHome goes on in the central channel when the incident's own can't be used
// any more: archived, deleted, or we were removed from it.
func (b *Bot) postHome(ctx context.Context, t task, m view.Message, why error) (sent, error) {
	home, err := b.retreat(ctx, t.inc)
	if err != nil {
		return sent{}, err
	}
	channel, ts, err := b.post(ctx, t, place{channel: home}, m)
	if err != nil {
		return sent{}, err
	}
	b.tellHome(ctx, t, home, why)
	return sent{channel, ts}, nil
}

// tellHome tells the lead, once, where the incident goes on.
func (b *Bot) tellHome(ctx context.Context, t task, home string, why error) {
	_, known, err := findPosted(ctx, b.o.DB, t.Incident, "home")
	if err != nil || known {
		return
	}
	b.log.WarnContext(ctx, "the channel can't be used; going on in the central one", "incident", t.Incident, "err", why)
	m := view.Said(t.inc.Key() + ": Slack does not let me use <#" + t.inc.Channel + "> (" + slackReason(why) + "). I go on in <#" + home + ">. A member can unarchive it or invite me again.")
	dm, err := b.dm(ctx, t.inc.Lead.User())
	if err != nil {
		b.log.WarnContext(ctx, "tell the lead", "incident", t.Incident, "err", err)
		return
	}
	channel, ts, err := b.slack.write.PostMessageContext(ctx, dm, content(m)...)
	if err == nil {
		err = b.keepDrawn(ctx, t, "home", sent{channel, ts}, m)
	}
	if err != nil {
		b.log.WarnContext(ctx, "tell the lead", "incident", t.Incident, "err", err)
	}
}
