package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/rollback"
)

// people remembers for a few minutes who somebody is. Approvals never ask it:
// they want to know as of now.
type people struct {
	mu    sync.Mutex
	now   func() time.Time
	known map[string]person
}

type person struct {
	slack.User
	at time.Time
}

const (
	knowFor   = 5 * time.Minute
	askWithin = 2 * time.Second
)

func (p *people) get(user string) (slack.User, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known[user]
	return known.User, ok && p.now().Sub(known.at) < knowFor
}

// remembered is who somebody was when Slack last said so, else who the payload
// says they are.
func (p *people) remembered(in incoming) incidents.Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.known[in.user]; ok {
		return key(known.User)
	}
	return incidents.Person(in.team + "/" + in.user)
}

func (p *people) put(u slack.User) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[u.ID] = person{User: u, at: p.now()}
}

// who asks Slack about a person, unless that was done a moment ago.
func (b *Bot) who(ctx context.Context, user string) (slack.User, error) {
	if known, ok := b.people.get(user); ok {
		return known, nil
	}
	return b.whoNow(ctx, user)
}

// whoNow asks Slack about a person as of now. Whatever Slack does not say
// clearly is a refusal: nobody acts on a guess about who they are.
func (b *Bot) whoNow(ctx context.Context, user string) (slack.User, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	u, err := b.slack.read.GetUserInfoContext(ctx, user)
	if err != nil {
		b.log.WarnContext(ctx, "ask Slack who somebody is", "err", err)
		return slack.User{}, rollback.RefuseUnsure()
	}
	b.people.put(*u)
	return *u, nil
}

// key is how a person is known for ever. In an enterprise organisation one
// human has an id in each workspace, and one over all of them.
func key(u slack.User) incidents.Person {
	if u.Enterprise.ID != "" && u.Enterprise.EnterpriseID != "" {
		return incidents.Person(u.Enterprise.EnterpriseID + "/" + u.Enterprise.ID)
	}
	return incidents.Person(u.TeamID + "/" + u.ID)
}

// outsider says in a word why somebody is no full member of our workspace or
// organisation, or "" if they are.
func (i identity) outsider(u slack.User) string {
	switch {
	case u.Deleted:
		return "deactivated"
	case u.IsStranger, i.foreign(u):
		return "of another workspace"
	case u.IsRestricted, u.IsUltraRestricted:
		return "guest"
	case u.IsBot, u.IsWorkflowBot, u.IsConnectorBot:
		return "bot"
	case u.IsInvitedUser:
		return "invited only"
	}
	return ""
}

// foreign is true for an account of neither our workspace nor, if we are in an
// enterprise organisation, any other of its workspaces.
func (i identity) foreign(u slack.User) bool {
	return u.TeamID != i.team && (i.enterprise == "" || u.Enterprise.EnterpriseID != i.enterprise)
}

// admit finds out who asks. Guests, bots, strangers and deactivated accounts
// act on nothing; a verb that asks another room who may is let through to it,
// which journals that Slack did not say. A pause does no harm, so it waits for
// nobody's word.
func (b *Bot) admit(ctx context.Context, c command) (command, error) {
	c.zone = time.UTC
	us, err := b.me(ctx)
	if err != nil {
		err = rollback.RefuseUnsure()
	}
	var u slack.User
	if err == nil {
		u, err = b.who(ctx, c.in.user)
	}
	if err != nil {
		if c.by = b.people.remembered(c.in); c.verb.asks || c.verb.calm {
			return c, nil
		}
		return c, err
	}
	c.by = key(u)
	if zone, err := time.LoadLocation(u.TZ); err == nil && u.TZ != "" {
		c.zone = zone
	}
	if why := us.outsider(u); why != "" && !c.verb.asks {
		return c, refusal.Forbidden("Only full members of this workspace can do that, and this account is %s. Ask a colleague to do it.", phrase(why)).Coded("member")
	}
	return c, nil
}

func phrase(why string) string {
	if why == "guest" || why == "bot" {
		return fmt.Sprintf("a %s", why)
	}
	return why
}

// personOf turns a mentioned user id into a person.
func (b *Bot) personOf(ctx context.Context, user string) (incidents.Person, error) {
	u, err := b.who(ctx, user)
	if err != nil {
		return "", err
	}
	return key(u), nil
}
