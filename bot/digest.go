package bot

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// TellDigest does the job of that name: what is open is told in the central
// channel, once a morning. One that may have been posted is looked for first.
func (b *Bot) TellDigest(ctx context.Context, job jobs.Job[response.Digest]) error {
	day := job.Args.Day
	open, morning, err := b.o.Response.DigestOf(ctx, day)
	if err != nil || morning.Told {
		return err
	}
	at := morning.At
	if len(open) == 0 {
		return b.o.Response.DigestTried(ctx, day, true, at)
	}
	channel, err := b.announceID(ctx)
	if errors.Is(err, errUnchanged) {
		return b.o.Response.DigestTried(ctx, day, true, at) // there is no central channel
	}
	if err != nil {
		b.log.WarnContext(ctx, "tell the digest", "err", err)
		return jobs.Snooze(time.Minute)
	}
	if morning.Tried {
		there, err := b.digestThere(ctx, channel, day, at)
		if err != nil {
			return b.digestLater(ctx, err)
		}
		if there {
			return b.o.Response.DigestTried(ctx, day, true, at)
		}
	}
	if err := b.o.Response.DigestTried(ctx, day, false, at); err != nil {
		return err
	}
	mark := slack.MsgOptionMetadata(slack.SlackMetadata{EventType: digestMark, EventPayload: map[string]any{"day": day}})
	if _, _, err := b.slack.write.PostMessageContext(ctx, channel, append(content(view.Digest(open, at)), mark)...); err != nil {
		return b.digestLater(ctx, err)
	}
	return b.o.Response.DigestTried(ctx, day, true, at)
}

const digestMark = "snafu_digest"

// digestLater tries again what Slack may take later, and lets be what it does not
// take: the next morning has a digest of its own.
func (b *Bot) digestLater(ctx context.Context, err error) error {
	b.log.WarnContext(ctx, "tell the digest", "err", err)
	if f, wait := fateOf(err); f == fateWait || f == fateUnknown || f == fateMend {
		return jobs.Snooze(max(wait, unknownPause))
	}
	return nil
}

func (b *Bot) digestThere(ctx context.Context, channel, day string, at time.Time) (bool, error) {
	messages, err := b.recent(ctx, channel, "", at.Add(-24*time.Hour))
	if err != nil {
		return false, err
	}
	for _, m := range messages {
		if m.Metadata.EventType == digestMark && m.Metadata.EventPayload["day"] == day {
			return true, nil
		}
	}
	return false, nil
}
