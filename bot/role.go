package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"snafu/bot/view"
	"snafu/incidents"
	"snafu/incidents/refusal"
)

// role handles "role NAME @user|none", and the form of Take a role.
func (b *Bot) role(ctx context.Context, c command) (reply, error) {
	name, to := c.arg(0), c.by
	switch word := c.arg(1); {
	case c.form:
		name = c.in.fields.get("role")
	case strings.EqualFold(word, "none"):
		to = ""
	case word != "" && !strings.EqualFold(word, "me"):
		id, ok := user(word)
		if !ok {
			return quiet, refusal.Invalid("%q is nobody that I know. Write /snafu role %s @colleague, or none.", short(word), short(name)).Coded("person")
		}
		p, err := b.member(ctx, id, "have a role")
		if err != nil {
			return quiet, err
		}
		to = p
	}
	if err := b.o.Response.GiveRole(ctx, c.act(), c.incident, name, to); err != nil {
		return quiet, err
	}
	switch to {
	case "":
		return said("Nobody is %s of %s any more.", view.Escape(name), c.incident), nil
	case c.by:
		return said("You are %s of %s. I wrote you what that is.", view.Escape(name), c.incident), nil
	}
	return said("%s is %s of %s.", to.Mention(), view.Escape(name), c.incident), nil
}

// member is a user who has to be a full member of our workspace to do something.
func (b *Bot) member(ctx context.Context, user, do string) (incidents.Person, error) {
	us, err := b.me(ctx)
	if err != nil {
		return "", err
	}
	u, err := b.whoNow(ctx, user)
	if err != nil {
		return "", err
	}
	if why := us.outsider(u); why != "" {
		return "", refusal.Forbidden("Only a full member of this workspace can %s, and that account is %s. Choose somebody else.", do, phrase(why)).Coded("member")
	}
	return key(u), nil
}

func (b *Bot) roleForm(ctx context.Context, c command) (slack.ModalViewRequest, error) {
	inc, err := b.o.Response.Get(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	held, err := b.o.Response.Held(ctx, c.incident)
	if err != nil {
		return slack.ModalViewRequest{}, err
	}
	names := map[incidents.Person]string{}
	for _, h := range held {
		if u, err := b.who(ctx, h.Person.User()); h.Person != "" && err == nil {
			names[h.Person] = nameOf(u)
		}
	}
	return view.RoleModal(c.stamp, inc, held, names), nil
}

// nameOf is what a person is called, where no mention can stand.
func nameOf(u slack.User) string { return first(u.Profile.DisplayName, u.RealName, u.Name) }

func checkRole(c command) map[string]string {
	if c.in.fields.get("role") == "" {
		return map[string]string{"role": "Which role?"}
	}
	return nil
}

// prepareRole tells whoever has a role now what it is, and where the incident
// stands.
func (b *Bot) prepareRole(ctx context.Context, t task) (send, error, error) {
	var f incidents.RoleChanged
	if err := t.entry.Into(&f); err != nil {
		return nil, nil, err
	}
	held, err := b.o.Response.Held(ctx, t.Incident)
	if err != nil {
		return nil, nil, err
	}
	for _, h := range held {
		if h.Role.Name != f.Role || h.Person != f.Now || f.Now == "" {
			continue
		}
		s, err := b.summarized(ctx, t.inc)
		if err != nil {
			return nil, nil, err
		}
		return b.telling(t, f.Now, view.RoleTaken(t.inc, s, h.Role, t.entry.Actor)), nil, nil
	}
	return nil, errUnchanged, nil // it went on to somebody else since
}
