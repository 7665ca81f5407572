package bot

import (
	"context"
	"errors"
	"fmt"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
)

// promote handles "promote": a light incident gets its channel.
func (b *Bot) promote(ctx context.Context, c command) (reply, error) {
	return quiet, b.o.Response.Promote(ctx, c.act(), c.incident)
}

// inThreadMark marks the place of a light incident: its Summary heads a thread
// there.
const inThreadMark = "thread"

// makeThread settles where the thread of a light incident is: where it was
// opened or, where we may not speak, between us and who reported it.
func (b *Bot) makeThread(t task) send {
	return func(ctx context.Context) (sent, error) {
		home := t.inc.OpenedIn
		if !b.speaksIn(ctx, home) {
			dm, err := b.dm(ctx, t.inc.Reporter.User())
			if err != nil {
				return sent{}, err
			}
			home = dm
		}
		at, err := b.o.DB.Now(ctx, nil)
		if err != nil {
			return sent{}, err
		}
		if err := savePosted(ctx, b.o.DB, t.Incident, "refuge", posted{Channel: home, TS: inThreadMark, Drawn: []byte{}, DrawnAt: at}); err != nil {
			return sent{}, err
		}
		act := journal.Act{By: incidents.System("bot"), Key: "thread:" + t.Incident.String()}
		err = b.o.Response.ThreadReady(ctx, act, t.Incident, home)
		if errors.Is(err, journal.ErrAlready) {
			err = nil
		}
		return sent{channel: home}, err
	}
}

func (b *Bot) speaksIn(ctx context.Context, channel string) bool {
	if channel == "" {
		return false
	}
	ch, err := b.slack.read.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if err != nil {
		b.log.WarnContext(ctx, "ask Slack whether we are in a channel", "err", err)
		return false
	}
	return (ch.IsMember || ch.IsIM) && !ch.IsArchived
}

// threaded puts what is posted for a light incident into the thread below its
// Summary.
func (b *Bot) threaded(ctx context.Context, t task, p place) (place, error) {
	if _, what := t.parts(); !t.inThread || p.thread != "" || p.channel != t.inc.Channel || what == "summary" {
		return p, nil
	}
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "summary")
	if err == nil && there && head.Channel == p.channel {
		p.thread = head.TS
	}
	return p, err
}

// moving is what is told while a light incident gets its channel: first that
// alone, because everything else is told in the channel.
func moving(tasks []task) []task {
	for _, t := range tasks {
		if doing, _ := t.parts(); doing == "create" && t.inThread {
			return []task{t}
		}
	}
	return tasks
}

const leaveThreadSQL = `
	update messages
	   set kind = 'thread:' || kind
	 where incident = $1 and channel = $2 and kind <> 'refuge' and not starts_with(kind, 'thread:')`

// leaveThread makes the cards of a light incident stay in its thread: in the
// channel that it gets they are posted anew.
func (b *Bot) leaveThread(ctx context.Context, id incidents.ID, home string) error {
	if _, err := b.o.DB.Pool().Exec(ctx, leaveThreadSQL, int64(id), home); err != nil {
		return fmt.Errorf("leave the thread: %w", err)
	}
	return nil
}

// movedOn says at the head of the thread where the incident goes on.
func (b *Bot) movedOn(ctx context.Context, t task, channel string) {
	head, there, err := findPosted(ctx, b.o.DB, t.Incident, "thread:summary")
	if err == nil && there {
		_, _, _, err = b.slack.write.UpdateMessageContext(ctx, head.Channel, head.TS, content(badged(t.inc, view.MovedOn(t.inc, channel)))...)
	}
	if err != nil {
		b.log.WarnContext(ctx, "say in the thread where it goes on", "incident", t.Incident, "err", err)
	}
}
