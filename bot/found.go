package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// find looks for a message of unknown outcome in the place where it would be.
func (b *Bot) find(ctx context.Context, t task, at time.Time) (sent, bool, error) {
	doing, what := t.parts()
	switch doing {
	case "card", "say", "alarm", "severity", "briefed", "thread", "closing", "moved", "result", "update":
	case "news":
		return b.findNews(ctx, t)
	case "counted", "shared":
		return b.findCounted(ctx, t)
	case pictureStep:
		return b.findPictures(ctx, t, at)
	default:
		return sent{}, false, nil // to do it again does no harm
	}
	channel, thread := t.inc.Channel, ""
	if what == "announce" {
		home, err := b.announceID(ctx)
		if err != nil {
			return sent{}, false, err
		}
		channel = home
	}
	if plan := threadOf(doing, what); plan != "" {
		head, found, err := findPosted(ctx, b.o.DB, t.Incident, "plan:"+plan)
		if err != nil || !found {
			return sent{}, false, err
		}
		channel, thread = head.Channel, head.TS
	}
	p, err := b.threaded(ctx, t, place{channel, thread})
	if err != nil {
		return sent{}, false, err
	}
	return b.marked(ctx, t, p)
}

// marked looks for the message of a step by its mark.
func (b *Bot) marked(ctx context.Context, t task, p place) (sent, bool, error) {
	m, found, err := b.markedMessage(ctx, t, p, t.NextAt.Add(-lookBack))
	if err != nil || !found {
		return sent{}, false, err
	}
	return sent{p.channel, m.Timestamp}, true, nil
}

func (b *Bot) markedMessage(ctx context.Context, t task, p place, since time.Time) (slack.Message, bool, error) {
	messages, err := b.recent(ctx, p.channel, p.thread, since)
	if err != nil {
		return slack.Message{}, false, err
	}
	for _, m := range messages {
		if m.Metadata.EventType == markType && m.Metadata.EventPayload["delivery"] == t.tag() {
			return m, true, nil
		}
	}
	return slack.Message{}, false, nil
}

func threadOf(doing, what string) string {
	if doing == "thread" {
		return what
	}
	for _, kind := range []string{"review:", "progress:"} {
		if plan, ok := strings.CutPrefix(what, kind); ok && doing == "card" {
			return plan
		}
	}
	return ""
}

const lookBack = 2 * time.Minute

func (b *Bot) recent(ctx context.Context, channel, thread string, since time.Time) ([]slack.Message, error) {
	oldest := fmt.Sprintf("%d.000000", since.Unix())
	if thread != "" {
		messages, _, _, err := b.slack.read.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Oldest: oldest, Limit: 100, IncludeAllMetadata: true,
		})
		return messages, err
	}
	res, err := b.slack.read.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: channel, Oldest: oldest, Limit: 100, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, err
	}
	return res.Messages, nil
}
