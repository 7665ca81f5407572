package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/rollback/approval"
)

// Eligible asks Slack, as of now, who somebody is and whether they stand on a
// source's list or in its group, and whether the incident's channel is shared
// with another company. It remembers nothing and trusts nothing that came with
// the press. An error means that Slack did not say; nobody counts then.
func (b *Bot) Eligible(ctx context.Context, q approval.Question) (approval.Standing, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	us, err := b.me(ctx)
	if err != nil {
		return approval.Standing{}, err
	}
	u, err := b.slack.read.GetUserInfoContext(ctx, q.Person.User())
	if err != nil {
		return approval.Standing{}, fmt.Errorf("ask Slack who somebody is: %w", err)
	}
	b.people.put(*u)
	listed := slices.Clone(q.Users)
	if q.Usergroup != "" {
		members, err := b.slack.read.GetUserGroupMembersContext(ctx, q.Usergroup)
		if err != nil {
			return approval.Standing{}, fmt.Errorf("ask Slack who is in the group: %w", err)
		}
		listed = append(listed, members...)
	}
	shared, err := b.shared(ctx, q.Incident)
	if err != nil {
		return approval.Standing{}, err
	}
	now, err := b.o.DB.Now(ctx, nil)
	if err != nil {
		return approval.Standing{}, err
	}
	s := approval.Standing{
		Person: key(*u), Source: q.Source, At: now,
		Guest:       u.IsRestricted || u.IsUltraRestricted,
		Bot:         u.IsBot || u.IsWorkflowBot || u.IsConnectorBot,
		Deactivated: u.Deleted, Invited: u.IsInvitedUser, Stranger: u.IsStranger,
		OtherTeam: us.foreign(*u),
		Shared:    shared,
	}
	for _, id := range listed {
		p := b.listed(ctx, id, us)
		s.Listed = s.Listed || p == s.Person
		s.Pool = append(s.Pool, p)
	}
	slices.Sort(s.Pool)
	s.Pool = slices.Compact(s.Pool)
	if s.Same, err = b.same(ctx, *u, q.Others); err != nil {
		return approval.Standing{}, err
	}
	return s, nil
}

// same are those of others who have the e-mail address of an account: one human
// with two accounts, as far as anybody can tell. Equal addresses only ever
// refuse; where Slack names none, none are equal.
func (b *Bot) same(ctx context.Context, u slack.User, others []incidents.Person) (found []incidents.Person, err error) {
	address := strings.TrimSpace(u.Profile.Email)
	if address == "" {
		return nil, nil
	}
	for _, p := range others {
		other, err := b.who(ctx, p.User())
		if err != nil {
			return nil, err
		}
		if strings.EqualFold(strings.TrimSpace(other.Profile.Email), address) && key(other) != key(u) {
			found = append(found, p)
		}
	}
	return found, nil
}

// listed is a person of the list, which may name users alone. In an enterprise
// organisation only Slack knows which human an id is; one whom it does not name
// is on the list as somebody else.
func (b *Bot) listed(ctx context.Context, id string, us identity) incidents.Person {
	if team, user, ok := strings.Cut(id, "/"); ok && team == us.enterprise {
		return incidents.Person(id)
	} else if ok {
		id = user
	}
	if us.enterprise == "" {
		return incidents.Person(us.team + "/" + id)
	}
	if u, err := b.who(ctx, id); err == nil {
		return key(u)
	}
	return incidents.Person(us.team + "/" + id)
}

// sameTeam is a person of a configuration, which may name users alone.
func sameTeam(id string, like incidents.Person) incidents.Person {
	if strings.Contains(id, "/") {
		return incidents.Person(id)
	}
	return incidents.Person(like.Team() + "/" + id)
}

// shared says whether outsiders read the incident's channel, or soon will.
func (b *Bot) shared(ctx context.Context, id incidents.ID) (bool, error) {
	if id == 0 {
		return false, nil
	}
	inc, err := b.o.Response.Get(ctx, id)
	if err != nil {
		return false, err
	}
	if inc.Channel == "" {
		if inc.Channel, err = b.refuge(ctx, id); err != nil || inc.Channel == "" {
			return false, err
		}
	}
	return b.sharedRoom(ctx, inc.Channel)
}

// sharedRoom says whether outsiders read a channel, or soon will.
func (b *Bot) sharedRoom(ctx context.Context, channel string) (bool, error) {
	ch, err := b.slack.read.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
	if err != nil {
		return false, fmt.Errorf("ask Slack about the channel: %w", err)
	}
	return ch.IsExtShared || ch.IsOrgShared || ch.IsPendingExtShared || ch.IsShared, nil
}
