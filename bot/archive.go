package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// archiving ends a channel whose time is over. Who may archive it, may not have
// been given to us: then it stays, and nothing is lost.
func (b *Bot) archiving(t task) send {
	return func(ctx context.Context) (sent, error) {
		if wait := b.limit.take("conversations.archive", ""); wait > 0 {
			return sent{}, limitedError{wait}
		}
		channel := textOf(t.entry, "channel")
		err := b.slack.write.ArchiveConversationContext(ctx, channel)
		b.shutOn("conversations.archive", err)
		if err = harmless(err); err != nil {
			return sent{}, err
		}
		return sent{channel: channel}, b.o.Response.Archived(ctx, t.Incident, channel)
	}
}

// muted says that a step would speak in a channel that was archived for good.
func muted(doing string) bool {
	switch doing {
	case "archive", "remind", "unremind", "nag", "unnag", "dm", "dms", "lead", "still":
		return false
	}
	return true
}

// isArchived asks Slack whether the channel of an incident is archived now.
func (b *Bot) isArchived(ctx context.Context, channel string) (bool, error) {
	info, err := b.slack.read.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if err != nil {
		return false, fmt.Errorf("ask for a channel: %w", err)
	}
	return info.IsArchived, nil
}

// comeBack says who can bring an archived channel back, and until when another
// one is made. Slack lets no bot unarchive a channel.
func (b *Bot) comeBack(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil || inc.Channel == "" || inc.Phase().Ended() {
		return quiet, err
	}
	archived, err := b.isArchived(ctx, inc.Channel)
	if err != nil {
		b.log.WarnContext(ctx, "ask whether a channel is archived", "incident", c.incident, "err", err)
		return quiet, nil
	}
	if !archived {
		return quiet, nil
	}
	if err := b.o.Response.LostChannel(ctx, c.incident); err != nil {
		return quiet, err
	}
	return say(view.ChannelLost(inc)), nil
}

// anotherChannel handles "reopen channel" and its button: the incident goes on in
// a channel of its own now.
func (b *Bot) anotherChannel(ctx context.Context, c command) (reply, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if inc.Channel == "" {
		return quiet, refusal.Conflict("%s has no channel of its own to come back to.", c.incident)
	}
	archived, err := b.isArchived(ctx, inc.Channel)
	if err != nil {
		return quiet, err
	}
	if !archived {
		return quiet, refusal.Conflict("<#%s> is not archived, so %s goes on there.", inc.Channel, c.incident)
	}
	return quiet, b.o.Response.WantChannel(ctx, c.act(), c.incident)
}

// rehousing makes another channel for an incident whose own is archived, with the
// next number behind its name. One that came back meanwhile is used again.
func (b *Bot) rehousing(ctx context.Context, t task) (send, error, error) {
	if was := textOf(t.entry, "channel"); t.inc.Channel != was || t.inc.Phase().Ended() {
		return nil, errUnchanged, nil
	}
	archived, err := b.isArchived(ctx, t.inc.Channel)
	if err != nil {
		return nil, nil, err
	}
	if !archived {
		return nil, errUnchanged, b.o.Response.ChannelBack(ctx, t.Incident)
	}
	return func(ctx context.Context) (sent, error) {
		ch, err := b.makeChannel(ctx, incidents.ChannelName(t.Incident, t.inc.Title, t.inc.Drill), t.inc.Private)
		if err != nil {
			return sent{}, err
		}
		act := journal.Act{By: incidents.System("bot"), Key: "channel:" + t.Incident.String() + ":" + t.inc.Channel}
		err = b.o.Response.MoveChannel(ctx, act, t.Incident, ch.ID, ch.Name)
		if errors.Is(err, journal.ErrAlready) {
			err = nil
		}
		return sent{channel: ch.ID}, err
	}, nil, nil
}

// prepareMoved says in the new channel where the old one is.
func (b *Bot) prepareMoved(t task) (send, error, error) {
	return b.posting(t, place{channel: t.inc.Channel}, view.ChannelMoved(t.inc, textOf(t.entry, "was"))), nil, nil
}
