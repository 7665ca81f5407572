package slacksim

import (
	"net/http"
	"slices"
	"strings"
)

// token finds the token of a request: in the Authorization header, else among
// the arguments.
func (c *call) token() (token string, inHeader bool) {
	if token, ok := bearer(c.ctx); ok {
		return token, true
	}
	return c.str("token"), false
}

func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

// authorized checks who calls, with what kind of token, and what it may do.
func (c *call) authorized() error {
	if c.as.open {
		return nil
	}
	token, inHeader := c.token()
	if c.as.appToken && !inHeader {
		return refuse("missing_args", "[ERROR] the token belongs in the Authorization header")
	}
	if kind, _ := contentType(c.ctx); kind == typeJSON && !inHeader && token != "" {
		c.note("token_in_json_body")
	}
	app := c.state.App
	wanted, other := app.Tokens.Bot, app.Tokens.App
	if c.as.appToken {
		wanted, other = other, wanted
	}
	bot := c.state.bot()
	switch {
	case token == "":
		return refuse("not_authed")
	case token != wanted && token != other:
		return refuse("invalid_auth")
	case app.Revoked:
		return refuse("token_revoked")
	case bot != nil && bot.Deactivated:
		return refuse("account_inactive")
	case token == other, c.as.userToken:
		return refuse("not_allowed_token_type")
	case c.as.appToken || len(c.as.scopes) == 0:
		return nil
	}
	return c.holds(c.as.scopes)
}

// holds refuses unless the app has one of the scopes.
func (c *call) holds(any []string) error {
	if slices.ContainsFunc(any, c.state.App.hasScope) {
		return nil
	}
	return &refused{name: "missing_scope", extra: object{
		"needed": strings.Join(any, ","), "provided": strings.Join(c.state.App.scopes(), ","),
	}}
}

// holdsFor refuses if the method wants a scope by kind of channel, and the app
// lacks that of this kind: channels:read does not read private channels.
func (c *call) holdsFor(kind string) error {
	if needed := c.as.scopesFor(kind); len(needed) > 0 {
		return c.holds(needed)
	}
	return nil
}

// grantedTo lists the scopes of the caller's token, for the answer's header.
// Whoever showed no valid token is told nothing.
func (s *Sim) grantedTo(c *call) string {
	token, _ := c.token()
	switch token {
	case s.state.App.Tokens.Bot:
		return strings.Join(s.state.App.scopes(), ",")
	case s.state.App.Tokens.App:
		return "connections:write"
	}
	return ""
}

// mayDownload tells whether a request shows the token of an app that may read
// files.
func (s *Sim) mayDownload(r *http.Request) bool {
	token, _ := bearer(r)
	return token == s.state.App.Tokens.Bot && !s.state.App.Revoked && s.state.App.hasScope("files:read")
}
