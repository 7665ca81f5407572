package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
)

// group is a user group of Slack as it was a moment ago.
type group struct {
	members []incidents.Person
	name    string
	at      time.Time
}

// groupFor is how long a group is taken to have the same members: each step of a
// call looks ahead, and Slack is asked once.
const groupFor = 30 * time.Second

// FullMember says whether somebody may act here: no guest, no stranger, nobody whose
// account is deactivated. Without Slack it cannot be said.
func (b *Bot) FullMember(ctx context.Context, p incidents.Person) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	us, err := b.me(ctx)
	if err != nil {
		return false, err
	}
	u, err := b.slack.read.GetUserInfoContext(ctx, p.User())
	if word := slackWord(err); word == "user_not_found" || word == "user_not_visible" {
		return false, nil // they will not be known later either
	}
	if err != nil {
		return false, fmt.Errorf("ask Slack who somebody is: %w", err)
	}
	b.people.put(*u)
	return us.outsider(*u) == "", nil
}

// PersonOf returns who has an e-mail address in Slack, "" if no full member has.
func (b *Bot) PersonOf(ctx context.Context, email string) (incidents.Person, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	us, err := b.me(ctx)
	if err != nil {
		return "", err
	}
	u, err := b.slack.read.GetUserByEmailContext(ctx, email)
	if slackWord(err) == "users_not_found" {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask Slack whose address that is: %w", err)
	}
	if us.outsider(*u) != "" {
		return "", nil
	}
	return key(*u), nil
}

// Group tells who is in a user group of Slack now, and what it is called. Who is
// no full member is left out: only full members answer a call.
func (b *Bot) Group(ctx context.Context, id string) ([]incidents.Person, string, error) {
	if known, ok := b.groups.Load(id); ok && b.people.now().Sub(known.(group).at) < groupFor {
		return known.(group).members, known.(group).name, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	us, err := b.me(ctx)
	if err != nil {
		return nil, "", err
	}
	all, err := b.slack.read.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true))
	if err != nil {
		return nil, "", fmt.Errorf("ask Slack who is in the group: %w", err)
	}
	at := slices.IndexFunc(all, func(g slack.UserGroup) bool { return g.ID == id })
	if at < 0 {
		return nil, "", errors.New("no group of Slack has the id " + id)
	}
	g := group{name: all[at].Handle, at: b.people.now()}
	for _, user := range all[at].Users {
		u, err := b.who(ctx, user)
		if err != nil {
			return nil, "", err
		}
		if us.outsider(u) == "" {
			g.members = append(g.members, key(u))
		}
	}
	b.groups.Store(id, g)
	return g.members, g.name, nil
}
