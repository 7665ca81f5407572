package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/refusal"
)

// Workspace is where a pair of tokens leads.
type Workspace struct {
	Name       string
	Team       string
	Enterprise string    // "" outside an enterprise organisation
	User       string    // the bot's own user id
	Scopes     []string  // of the bot token; empty if Slack did not say
	At         time.Time // by Slack's clock; zero if it did not say
}

// Person is a member as the rest of the program knows them. An id that names
// its team already, as team/user, is taken as it stands.
func (w Workspace) Person(user string) incidents.Person {
	return sameTeam(user, incidents.Person(w.Team+"/"+user))
}

// ErrNoAnswer says that Slack could not be asked; asking again may help.
var ErrNoAnswer = errors.New("Slack does not answer")

// Hello asks Slack whose tokens these are, before anything is built on them. It
// refuses with Forbidden a token that Slack does not take, and with Invalid an
// address that is not Slack's. When Slack cannot be asked the error wraps
// ErrNoAnswer.
func Hello(ctx context.Context, o SlackOptions) (Workspace, error) {
	if err := CheckAPIURL(o.APIURL); err != nil {
		return Workspace{}, err
	}
	c := newClients(o)
	res, err := c.write.AuthTestContext(ctx)
	if err != nil {
		return Workspace{}, turnedAway("bot token", "Copy it from OAuth & Permissions, and reinstall the app if it was revoked.", err)
	}
	if o.Listen != "" {
		// Slack comes to us.
	} else if _, _, err := c.write.StartSocketModeContext(ctx); err != nil {
		return Workspace{}, turnedAway("app-level token", "Make one under Basic Information with the scope connections:write, and switch Socket Mode on.", err)
	}
	w := Workspace{Name: res.Team, Team: res.TeamID, Enterprise: res.EnterpriseID, User: res.UserID}
	for scope := range strings.SplitSeq(res.Header.Get("X-Oauth-Scopes"), ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			w.Scopes = append(w.Scopes, scope)
		}
	}
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		w.At = at
	}
	return w, nil
}

// Known asks Slack who this bot is, which is how one learns that it can be asked
// for names.
func (b *Bot) Known(ctx context.Context) error {
	if err := CheckAPIURL(b.o.Slack.APIURL); err != nil {
		return err
	}
	_, err := b.me(ctx)
	return err
}

func turnedAway(what, next string, err error) error {
	switch f, _ := fateOf(err); f {
	case fateMend, fateRefused:
		return refusal.Forbidden("Slack does not take the %s (%s). %s", what, slackWord(err), next)
	}
	return fmt.Errorf("%w: %w", ErrNoAnswer, err)
}
