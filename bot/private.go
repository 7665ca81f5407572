package bot

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
)

// errKeptOut marks the refusal of a private incident, which is said in the words
// of an unknown one.
var errKeptOut = errors.New("not a member of the private channel")

type keptOut struct{ error }

func (k keptOut) Unwrap() []error { return []error{k.error, errKeptOut} }

// seen refuses an incident that is not there and, in the same words, a private
// one whose channel the person is not in. Who was called for it may answer.
func (b *Bot) seen(ctx context.Context, c command) error {
	v, err := b.o.Response.Veil(ctx, c.incident, c.by)
	if err != nil || !v.Private {
		return err
	}
	if v.Called && slices.Contains([]string{"ack", "pass"}, c.verb.name) {
		return nil
	}
	if c.verb.name == "join" {
		return nil // it asks the lead, and says the same words itself
	}
	// Slack brings a command or a press from a channel only of who is in it.
	here := c.in.kind == kindCommand || c.in.kind == kindPress && !c.turn
	if v.Channel != "" && (here && c.in.channel == v.Channel || b.isIn(ctx, c.in.user, v.Channel)) {
		return nil
	}
	return keptOut{response.RefuseUnknown(c.incident)}
}

// MayAnswer says whether somebody may answer a call of an incident from outside of
// Slack. Of a private one that is who is in its channel or was called for it.
func (b *Bot) MayAnswer(ctx context.Context, id incidents.ID, who incidents.Person) (bool, error) {
	v, err := b.o.Response.Veil(ctx, id, who)
	if err != nil || !v.Private || v.Called {
		return err == nil, err
	}
	return v.Channel != "" && b.isIn(ctx, who.User(), v.Channel), nil
}

// apart are the private incidents that one is related to, for a person who may
// know of them.
func (b *Bot) apart(ctx context.Context, id incidents.ID, who incidents.Person) (lines []string, err error) {
	all, err := b.o.Response.RelationsApart(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		v, err := b.o.Response.Veil(ctx, r.Other, who)
		if err != nil {
			return nil, err
		}
		if !v.Private || v.Channel != "" && b.isIn(ctx, who.User(), v.Channel) {
			lines = append(lines, "Related, for members of both alone: "+r.Say()+".")
		}
	}
	return lines, nil
}

// keptOut journals that somebody was kept out of a private incident.
func (b *Bot) keptOut(ctx context.Context, c command, err error) {
	if !errors.Is(err, errKeptOut) {
		return
	}
	if err := b.o.Response.KeptOut(ctx, c.act(), c.incident, c.verb.name); err != nil && !errors.Is(err, journal.ErrAlready) {
		b.log.ErrorContext(ctx, "journal who was kept out", "incident", c.incident, "err", err)
	}
}

// rooms is what is known of the private channels that somebody is in.
type privateRooms struct {
	at  time.Time
	ids []string
}

const roomsFor = 30 * time.Second

// isIn says whether somebody is in a private channel. That they are is believed
// for a moment, that they are not is asked each time: they may just have been
// invited. Nobody is in a channel of which Slack does not say so.
func (b *Bot) isIn(ctx context.Context, user, channel string) bool {
	if known, ok := b.privates.Load(user); ok {
		r := known.(privateRooms)
		if b.people.now().Sub(r.at) < roomsFor && slices.Contains(r.ids, channel) {
			return true
		}
	}
	return slices.Contains(b.privateRooms(ctx, user), channel)
}

// privateRooms asks Slack in which private channels of ours somebody is.
func (b *Bot) privateRooms(ctx context.Context, user string) []string {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	var ids []string
	for cursor := ""; ; {
		all, next, err := b.slack.read.GetConversationsForUserContext(ctx, &slack.GetConversationsForUserParameters{
			UserID: user, Cursor: cursor, Limit: 200, Types: []string{"private_channel"},
		})
		if err != nil {
			b.log.WarnContext(ctx, "ask Slack who is in a private channel", "err", err)
			return nil
		}
		for _, ch := range all {
			ids = append(ids, ch.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	b.privates.Store(user, privateRooms{at: b.people.now(), ids: ids})
	return ids
}

// hides says whether a channel is that of a private incident which somebody is no
// longer in: what was meant for them there is not written to them anywhere else.
func (b *Bot) hides(ctx context.Context, channel, user string) bool {
	id, err := b.o.Response.ByChannel(ctx, channel)
	if err != nil {
		_, none := refusal.As(err)
		return !none
	}
	inc, err := b.o.Response.Get(ctx, id)
	if err != nil || !inc.Private {
		return err != nil
	}
	b.privates.Delete(user)
	return !b.isIn(ctx, user, channel)
}

// sees returns the private channels that somebody is in, if any incident is
// private at all.
func (b *Bot) sees(ctx context.Context, user string) ([]string, error) {
	any, err := b.o.Response.AnyPrivate(ctx)
	if err != nil || !any {
		return nil, err
	}
	return b.privateRooms(ctx, user), nil
}

// letIn brings somebody into a private incident of whom something is wanted that
// they could not see from outside.
func (b *Bot) letIn(ctx context.Context, inc incidents.Incident, who incidents.Person) error {
	if !inc.Private || inc.Channel == "" {
		return nil
	}
	if wait := b.limit.take("conversations.invite", ""); wait > 0 {
		return limitedError{wait}
	}
	_, err := b.slack.write.InviteUsersToConversationContext(ctx, inc.Channel, who.User())
	return harmless(err)
}

// retreat is where a private incident goes on that has no channel it can use:
// between us and its lead, never in a channel of others.
func (b *Bot) retreat(ctx context.Context, inc incidents.Incident) (string, error) {
	if inc.Private {
		return b.dm(ctx, inc.Lead.User())
	}
	return b.announceID(ctx)
}
