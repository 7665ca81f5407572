package bot

import (
	"context"
	"fmt"
	"strings"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
)

// follow handles "follow [@user]" and the button.
func (b *Bot) follow(ctx context.Context, c command) (reply, error) {
	who, err := b.follower(ctx, c)
	if err != nil {
		return quiet, err
	}
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return quiet, err
	}
	if inc.Private && !b.isIn(ctx, who.User(), inc.Channel) {
		return quiet, refusal.Forbidden("%s is not in the channel of %s, which is private. Invite them there first.", who.Mention(), inc.ID)
	}
	if err := b.o.Response.Follow(ctx, c.act(), c.incident, who); err != nil {
		return quiet, err
	}
	if who != c.by {
		return said("%s follows %s now, and is told so.", view.Mention(who), c.incident), nil
	}
	return said("You follow %s: I write to you at each update, when its phase changes and when it is resolved. `/snafu unfollow %s` ends that.", c.incident, c.incident), nil
}

// unfollow handles "unfollow [@user]".
func (b *Bot) unfollow(ctx context.Context, c command) (reply, error) {
	who, err := b.follower(ctx, c)
	if err != nil {
		return quiet, err
	}
	if err := b.o.Response.Unfollow(ctx, c.act(), c.incident, who); err != nil {
		return quiet, err
	}
	if who != c.by {
		return said("%s does not follow %s any more.", view.Mention(who), c.incident), nil
	}
	return said("You do not follow %s any more.", c.incident), nil
}

// follower is who is meant: whoever asks, or a full member who is named.
func (b *Bot) follower(ctx context.Context, c command) (incidents.Person, error) {
	word := c.arg(0)
	if word == "" || c.in.kind != kindCommand {
		return c.by, nil
	}
	id, ok := user(word)
	if !ok {
		return "", refusal.Invalid("%q is nobody I know. Write @colleague, or nothing for yourself.", short(word))
	}
	us, err := b.me(ctx)
	if err != nil {
		return "", err
	}
	u, err := b.who(ctx, id)
	if err != nil {
		return "", err
	}
	if why := us.outsider(u); why != "" {
		return "", refusal.Forbidden("Only full members of this workspace can follow, and %s is %s.", key(u).Mention(), phrase(why))
	}
	return key(u), nil
}

// prepareFollower tells one follower what an entry is about, unless they want to
// hear nothing of its kind.
func (b *Bot) prepareFollower(ctx context.Context, t task, what string) (send, error, error) {
	who := incidents.Person(strings.TrimPrefix(what, ":"))
	if who.Actor() == t.entry.Actor {
		return nil, errUnchanged, nil // they did it themselves
	}
	set, err := b.o.Response.Settings(ctx, who)
	if err != nil {
		return nil, nil, err
	}
	var m view.Message
	switch t.entry.Kind {
	case incidents.Updated{}.Kind():
		if !set.Updates {
			return nil, errUnchanged, nil
		}
		card, err := updateCard(t)
		if err != nil {
			return nil, nil, err
		}
		m = view.Update(card)
	case incidents.Followed{}.Kind():
		m = view.News(t.inc, fmt.Sprintf("%s lets you follow %s. `/snafu unfollow %s` ends that.", t.entry.Actor.Mention(), t.inc.ID, t.inc.ID))
	case incidents.Resolved{}.Kind(), incidents.Closed{}.Kind():
		m = view.News(t.inc, fmt.Sprintf("%s is %s.", t.inc.ID, t.inc.Phase()))
	default:
		if !set.Phases {
			return nil, errUnchanged, nil
		}
		m = view.News(t.inc, fmt.Sprintf("%s is %s now.", t.inc.ID, t.inc.Phase()))
	}
	if t.inc.Private {
		if !b.isIn(ctx, who.User(), t.inc.Channel) {
			return nil, errUnchanged, nil
		}
		m = view.PrivateNews(t.inc)
	}
	return b.directing(who, badged(t.inc, m)), nil, nil
}

// followed are the facts that whoever follows an incident hears of.
var followed = map[string]bool{
	incidents.Updated{}.Kind(): true, incidents.Contained{}.Kind(): true, incidents.Uncontained{}.Kind(): true, incidents.RestoringBegan{}.Kind(): true,
	incidents.Resolved{}.Kind(): true, incidents.Closed{}.Kind(): true, incidents.Reopened{}.Kind(): true, incidents.Cancelled{}.Kind(): true,
}

// withFollowers gives each follower a step of their own, so that a call which is
// repeated tells nobody twice.
func (b *Bot) withFollowers(ctx context.Context, e journal.Entry, names []string) ([]string, error) {
	if !followed[e.Kind] {
		return names, nil
	}
	people, err := b.o.Response.Followers(ctx, e.Incident)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		names = append(names, "follower::"+string(p))
	}
	return names, nil
}
