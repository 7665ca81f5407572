package slacksim

import "slices"

// RevokeToken makes the tokens of the app worthless. The app hears of it first.
func (a Admin) RevokeToken() error {
	return a.locked(func() error { a.sim.revoke(); return nil })
}

func (s *Sim) revoke() {
	s.emit(nil, object{"type": "tokens_revoked", "tokens": object{"oauth": []string{}, "bot": []string{s.state.App.BotUser}}})
	s.setRevoked(true)
}

// RestoreToken makes the tokens valid again.
func (a Admin) RestoreToken() error {
	return a.locked(func() error { a.sim.restore(); return nil })
}

func (s *Sim) restore() { s.setRevoked(false) }

// Uninstall removes the app from the workspace. It hears of that and of its
// tokens, which are worthless then; RestoreToken is the installation anew.
func (a Admin) Uninstall() error {
	return a.locked(func() error { a.sim.uninstall(); return nil })
}

func (s *Sim) uninstall() {
	s.emit(nil, object{"type": "app_uninstalled"})
	s.revoke()
}

func (s *Sim) setRevoked(revoked bool) {
	s.state.App.Revoked = revoked
	s.save("app", "app", s.state.App)
}

// RevokeScopes takes scopes from the bot token.
func (a Admin) RevokeScopes(scopes ...string) error {
	return a.locked(func() error { a.sim.changeScopes(scopes, nil); return nil })
}

// GrantScopes gives scopes to the bot token.
func (a Admin) GrantScopes(scopes ...string) error {
	return a.locked(func() error { a.sim.changeScopes(nil, scopes); return nil })
}

func (s *Sim) changeScopes(revoked, granted []string) {
	app := &s.state.App
	app.DeniedScope = slices.DeleteFunc(append(app.DeniedScope, revoked...), func(x string) bool { return slices.Contains(granted, x) })
	for _, g := range granted {
		if !slices.Contains(app.Scopes, g) {
			app.Scopes = append(app.Scopes, g)
		}
	}
	s.save("app", "app", s.state.App)
}
