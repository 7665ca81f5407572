package slacksim

import "slices"

// app is the one app of the workspace.
type app struct {
	ID          string     `json:"id"`
	BotID       string     `json:"bot_id"`
	BotUser     string     `json:"bot_user"`
	Name        string     `json:"name"`
	Tokens      Tokens     `json:"tokens"`
	Revoked     bool       `json:"revoked,omitempty"`
	Commands    []command  `json:"commands,omitempty"`
	Shortcuts   []shortcut `json:"shortcuts,omitempty"`
	Events      []string   `json:"events,omitempty"`
	Scopes      []string   `json:"scopes,omitempty"`
	AnyCommand  bool       `json:"any_command,omitempty"`
	AnyEvent    bool       `json:"any_event,omitempty"`
	AnyScope    bool       `json:"any_scope,omitempty"`
	DeniedScope []string   `json:"denied_scopes,omitempty"`
}

type command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
	UsageHint   string `json:"usage_hint"`
	Escape      bool   `json:"should_escape"`
}

type shortcut struct {
	Type        string `json:"type"` // "global" or "message"
	Name        string `json:"name"`
	Description string `json:"description"`
	CallbackID  string `json:"callback_id"`
}

func (st *state) addApp(w WorkspaceApp) error {
	a := app{Name: w.Name, Tokens: w.Tokens}
	if len(w.Manifest) > 0 {
		m, err := readManifest(w.Manifest)
		if err != nil {
			return err
		}
		a.Commands, a.Shortcuts = m.Features.Commands, m.Features.Shortcuts
		a.Events, a.Scopes = m.Settings.Events.Bot, m.OAuth.Scopes.Bot
		if a.Name == "" {
			a.Name = m.Features.BotUser.DisplayName
		}
	} else {
		a.AnyCommand, a.AnyEvent, a.AnyScope = true, true, true
	}
	if a.Name == "" {
		a.Name = "snafu"
	}
	a.Tokens.Bot = or(a.Tokens.Bot, "xoxb-simulated")
	a.Tokens.App = or(a.Tokens.App, "xapp-simulated")
	a.Tokens.SigningSecret = or(a.Tokens.SigningSecret, "simulated")
	a.ID, a.BotID = st.named("A", a.Name), st.named("B", a.Name)
	a.BotUser = st.named("U", "bot "+a.Name)
	st.App = a
	st.People = append(st.People, &person{
		ID: a.BotUser, Name: a.Name, RealName: a.Name, TZ: "UTC", TeamID: st.Team.ID, Bot: true, BotID: a.BotID,
		Color: "#" + st.hexOf(a.Name, 6),
	})
	return nil
}

func (a app) hasScope(scope string) bool {
	if slices.Contains(a.DeniedScope, scope) {
		return false
	}
	return slices.Contains(a.Scopes, scope) || a.AnyScope && slices.Contains(everyScope(), scope)
}

// scopes lists what the token holds, for the response headers.
func (a app) scopes() []string {
	all := slices.Clone(a.Scopes)
	if a.AnyScope {
		all = append(all, everyScope()...)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return !a.hasScope(s) })
}

func (a app) subscribed(event string) bool { return a.AnyEvent || slices.Contains(a.Events, event) }

// command finds a slash command of the app.
func (a app) command(name string) (command, bool) {
	for _, c := range a.Commands {
		if c.Command == name {
			return c, true
		}
	}
	return command{Command: name, Escape: true}, a.AnyCommand
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
