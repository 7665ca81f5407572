package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/incidents/journal"
)

// createChannel makes the incident's channel and records it. A channel that an
// earlier try made, whose answer was lost, is adopted; a name that somebody
// else has gets a number behind it.
func (b *Bot) createChannel(t task) send {
	return func(ctx context.Context) (sent, error) {
		if t.inc.Channel != "" && !t.homeless {
			return sent{channel: t.inc.Channel}, nil
		}
		if t.inc.Light {
			return b.makeThread(t)(ctx)
		}
		name := incidents.ChannelName(t.Incident, t.inc.Title, t.inc.Drill)
		ch, err := b.makeChannel(ctx, name, t.inc.Private)
		if err != nil {
			return sent{}, err
		}
		if t.inThread {
			if err := b.leaveThread(ctx, t.Incident, t.inc.Channel); err != nil {
				return sent{}, err
			}
		}
		act := journal.Act{By: incidents.System("bot"), Key: "channel:" + t.Incident.String()}
		err = b.o.Response.ChannelReady(ctx, act, t.Incident, ch.ID, ch.Name)
		if errors.Is(err, journal.ErrAlready) {
			err = nil
		}
		if err == nil && t.inThread {
			b.movedOn(ctx, t, ch.ID)
		}
		return sent{channel: ch.ID}, err
	}
}

const nameTries = 5

func (b *Bot) makeChannel(ctx context.Context, name string, private bool) (*slack.Channel, error) {
	us, err := b.me(ctx)
	if err != nil {
		return nil, err
	}
	wanted := name
	for n := 2; ; n++ {
		if wait := b.limit.take("conversations.create", ""); wait > 0 {
			return nil, limitedError{wait}
		}
		ch, err := b.slack.write.CreateConversationContext(ctx, slack.CreateConversationParams{ChannelName: wanted, IsPrivate: private})
		if err == nil {
			return ch, nil
		}
		b.shutOn("conversations.create", err)
		f, _ := fateOf(err)
		taken := slackWord(err) == "name_taken"
		if !taken && f != fateUnknown {
			return nil, err
		}
		if ours, found := b.ourChannel(ctx, wanted, us.user); found {
			return ours, nil
		}
		if !taken || n > nameTries {
			return nil, err
		}
		wanted = withNumber(name, n)
	}
}

func withNumber(name string, n int) string {
	suffix := "-" + strconv.Itoa(n)
	return name[:min(len(name), 80-len(suffix))] + suffix
}

// ourChannel looks among the channels we are in for one that we made under
// this name and that is no other incident's.
func (b *Bot) ourChannel(ctx context.Context, name, us string) (*slack.Channel, bool) {
	ch, found := b.channelNamed(ctx, name)
	if !found || ch.Creator != us {
		return nil, false
	}
	if _, err := b.o.Response.ByChannel(ctx, ch.ID); err == nil {
		return nil, false
	}
	return ch, true
}

// channelNamed finds a channel that we are in.
func (b *Bot) channelNamed(ctx context.Context, name string) (*slack.Channel, bool) {
	return b.paged(ctx, name, func(cursor string) ([]slack.Channel, string, error) {
		return b.slack.read.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
			Cursor: cursor, Limit: 200, ExcludeArchived: true, Types: []string{"public_channel", "private_channel"},
		})
	})
}

// publicNamed finds a public channel, ours or not.
func (b *Bot) publicNamed(ctx context.Context, name string) (*slack.Channel, bool) {
	return b.paged(ctx, name, func(cursor string) ([]slack.Channel, string, error) {
		return b.slack.read.GetConversationsContext(ctx, &slack.GetConversationsParameters{
			Cursor: cursor, Limit: 200, ExcludeArchived: true, Types: []string{"public_channel"},
		})
	})
}

func (b *Bot) paged(ctx context.Context, name string, page func(cursor string) ([]slack.Channel, string, error)) (*slack.Channel, bool) {
	cursor := ""
	for {
		all, next, err := page(cursor)
		if err != nil {
			b.log.WarnContext(ctx, "look for a channel", "err", err)
			return nil, false
		}
		for i := range all {
			if all[i].Name == name {
				return &all[i], true
			}
		}
		if next == "" {
			return nil, false
		}
		cursor = next
	}
}

// announceID is the id of the central channel; the configuration may name it.
func (b *Bot) announceID(ctx context.Context) (string, error) {
	name := strings.TrimPrefix(b.o.Announce, "#")
	if name == "" {
		return "", errUnchanged
	}
	if isChannelID(name) {
		return name, nil
	}
	if id, ok := b.announce.Load().(string); ok {
		return id, nil
	}
	ch, found := b.channelNamed(ctx, name)
	if !found {
		ch, found = b.publicNamed(ctx, name)
	}
	if !found {
		return "", fmt.Errorf("I am in no channel called %s: invite me there", name)
	}
	b.announce.Store(ch.ID)
	return ch.ID, nil
}

func isChannelID(s string) bool {
	return len(s) >= 9 && (s[0] == 'C' || s[0] == 'G') && strings.ToUpper(s) == s
}

// prepareRoom sets the incident's channel up: who is in it, its topic, the pin.
func (b *Bot) prepareRoom(ctx context.Context, t task, doing, what string) (send, error, error) {
	switch doing {
	case "invite":
		who := incidents.Person(strings.TrimPrefix(what, ":"))
		switch what {
		case "reporter":
			who = t.inc.Reporter
		case "lead":
			who = t.inc.Lead
		}
		return func(ctx context.Context) (sent, error) {
			_, err := b.slack.write.InviteUsersToConversationContext(ctx, t.inc.Channel, who.User())
			return sent{channel: t.inc.Channel}, harmless(err)
		}, nil, nil
	case "topic":
		topic := fmt.Sprintf("%s · %s · %s · lead %s", t.inc.Key(), t.inc.Phase(), t.inc.Severity, t.inc.Lead.Mention())
		old, there, err := findPosted(ctx, b.o.DB, t.Incident, "topic")
		if err != nil || (there && string(old.Drawn) == topic && old.Channel == t.inc.Channel) {
			return nil, errUnchanged, err
		}
		return func(ctx context.Context) (sent, error) {
			if wait := b.limit.take("conversations.setTopic", ""); wait > 0 {
				return sent{}, limitedError{wait}
			}
			_, err := b.slack.write.SetTopicOfConversationContext(ctx, t.inc.Channel, topic)
			if f, _ := fateOf(err); f == fateGone {
				return sent{}, nil // a channel that cannot be used has no topic to be set
			}
			if err = harmless(err); err != nil {
				return sent{}, err
			}
			return sent{channel: t.inc.Channel}, b.keepTopic(ctx, t, topic)
		}, nil, nil
	}
	card, there, err := findPosted(ctx, b.o.DB, t.Incident, what)
	if err != nil {
		return nil, nil, err
	}
	if !there {
		return nil, errNotReady, nil
	}
	return func(ctx context.Context) (sent, error) {
		err := b.slack.write.AddPinContext(ctx, card.Channel, slack.NewRefToMessage(card.Channel, card.TS))
		return sent{card.Channel, card.TS}, harmless(err)
	}, nil, nil
}

// harmless drops an error that says the wished state is there.
func harmless(err error) error {
	if f, _ := fateOf(err); f == fateDone {
		return nil
	}
	return err
}
