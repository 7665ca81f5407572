package bot

import (
	"context"
	"slices"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
)

// Reactions are the names of the emoji by which people put messages to use.
type Reactions struct {
	Timeline []string // the message goes to the timeline; pushpin if empty
	FollowUp []string // a follow-up is proposed; clipboard if empty
}

// seen is what the bot adds to a message that is on the timeline. It posts
// nothing.
const seen = "eyes"

// reacted hears that somebody put one of our emoji on a message, or took it off.
// It is an act, so it is recorded; what Slack gets no acknowledgement for, it
// sends again.
func (b *Bot) reacted(ctx context.Context, in incoming) answer {
	us, known := b.self.Load().(identity)
	proposes := in.callback == "reaction_added" && slices.Contains(b.o.Reactions.FollowUp, in.action)
	if !slices.Contains(b.o.Reactions.Timeline, in.action) && !proposes || in.message == "" || in.user == "" || known && in.user == us.user {
		return answer{}
	}
	if !b.throttle.take(in.team + "/" + in.user) {
		return answer{silent: true}
	}
	if what, err := b.inbox.record(ctx, in); what != recordedYes {
		b.log.ErrorContext(ctx, "record a reaction", "err", err)
		return answer{silent: true}
	}
	return answer{}
}

// pinning puts a message on the timeline, or takes it off, as its reactions say
// now: events come late, twice and in any order.
func (b *Bot) pinning(ctx context.Context, c command) (reply, error) {
	if slices.Contains(b.o.Reactions.FollowUp, c.in.action) {
		return quiet, b.ephemeral(ctx, c.in.channel, "", c.in.user, view.FollowUpOffer(c.incident, c.in.message))
	}
	m, found, err := b.messageAt(ctx, c.in.channel, c.in.message)
	if err != nil {
		return quiet, err
	}
	pinned := slices.ContainsFunc(m.Reactions, func(r slack.ItemReaction) bool {
		return slices.Contains(b.o.Reactions.Timeline, r.Name) && len(r.Users) > 0
	})
	switch {
	case c.in.callback == "reaction_removed" && !pinned:
		return quiet, b.o.Response.Unpin(ctx, c.act(), c.incident, c.in.channel, c.in.message)
	case c.in.callback == "reaction_removed", !found, !pinned:
		return quiet, nil
	}
	p := incidents.Pinned{Channel: c.in.channel, TS: c.in.message, Text: b.spelled(ctx, m.Text), When: written(m.Timestamp)}
	for _, f := range m.Files {
		p.Files = append(p.Files, f.Name)
	}
	if m.User != "" && m.BotID == "" {
		if p.Author, err = b.personOf(ctx, m.User); err != nil {
			return quiet, err
		}
	}
	q := quoteOf(c.in.channel, wireMessage{TS: c.in.message})
	p.Link = b.permalink(ctx, q)
	return quiet, b.o.Response.Pin(ctx, c.act(), c.incident, p)
}

// messageAt reads one message, wherever it stands in its channel, and says whether
// it is there.
func (b *Bot) messageAt(ctx context.Context, channel, ts string) (slack.Message, bool, error) {
	messages, _, _, err := b.slack.read.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: channel, Timestamp: ts, Oldest: ts, Latest: ts, Inclusive: true, Limit: 2,
	})
	if word := slackWord(err); word == "thread_not_found" || word == "message_not_found" {
		return slack.Message{}, false, nil
	}
	if err != nil {
		return slack.Message{}, false, err
	}
	for _, m := range messages {
		if m.Timestamp == ts {
			return m, true, nil
		}
	}
	return slack.Message{}, false, nil
}

// spelled is what a message says, with its people named and not called.
func (b *Bot) spelled(ctx context.Context, text string) string {
	return clean(mention.ReplaceAllStringFunc(text, func(m string) string {
		return "@" + b.name(ctx, mention.FindStringSubmatch(m)[1])
	}))
}

// prepareEyes shows on a pinned message that it is on the timeline, or no longer.
func (b *Bot) prepareEyes(t task, doing string) (send, error, error) {
	ts := textOf(t.entry, "ts")
	if ts == "" {
		return nil, errUnchanged, nil
	}
	item := slack.NewRefToMessage(textOf(t.entry, "channel"), ts)
	return func(ctx context.Context) (sent, error) {
		if doing == "uneyes" {
			return sent{}, harmless(b.slack.write.RemoveReactionContext(ctx, seen, item))
		}
		return sent{}, harmless(b.slack.write.AddReactionContext(ctx, seen, item))
	}, nil, nil
}
