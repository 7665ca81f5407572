package slacksim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// method is a method of the Web API.
type method struct {
	scopes   []string // any of them suffices; none are needed if empty
	appToken bool     // wants the app-level token instead of the bot's
	open     bool     // needs no token
	do       func(*call) (object, error)
}

// call is one call of a method. Handlers run under the lock.
type call struct {
	*Sim
	args
	method   string
	base     string // scheme and host the caller used
	ctx      *http.Request
	warnings []string
	later    func() // runs after the answer was written
}

// warn tells the developer what was bent, without refusing.
func (c *call) warn(text string) { c.warnings = append(c.warnings, text) }

// serveAPI answers /api/METHOD.
func (s *Sim) serveAPI(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	name := strings.TrimPrefix(r.URL.Path, "/api/")
	a, err := readArgs(r)
	if err != nil {
		a = args{}
	}
	s.mu.Lock()
	s.busy++
	s.mu.Unlock()
	c := &call{Sim: s, args: a, method: name, base: "http://" + r.Host, ctx: r}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
		if c.later != nil && !s.closed {
			c.later()
		}
		s.changed()
	}()

	s.mu.Lock()
	hit := s.faultFor("api.", match{Method: name, Channel: a.str("channel"), Person: a.str("user")})
	s.mu.Unlock()
	if hit != nil && hit.before(w, s, name) {
		return
	}
	s.mu.Lock()
	var answer object
	switch {
	case hit != nil && hit.Kind == faultError:
		answer = object{"ok": false, "error": hit.Error}
	case err != nil:
		answer = s.refusal(name, refuse("invalid_form_data", "[ERROR] "+err.Error()))
	default:
		answer = s.answer(c)
	}
	scopes := strings.Join(s.state.App.scopes(), ",")
	s.record(Traffic{
		Kind: "api", Name: name, Dir: "from_app", OK: answer["ok"] == true, Error: text(answer, "error"),
		MS: time.Since(began).Milliseconds(), Fault: hit.name(), Request: redacted(object(a)), Response: answer, Warnings: c.warnings,
	})
	s.changed()
	s.mu.Unlock()

	if hit != nil && hit.after(w, r) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Slack-Req-Id", digest36(began.String(), 24))
	h.Set("X-Oauth-Scopes", scopes)
	h.Set("X-Accepted-Oauth-Scopes", strings.Join(methods()[name].scopes, ","))
	_ = json.NewEncoder(w).Encode(answer)
}

// answer checks the caller and does what is asked. The order of the checks is
// Slack's: token, its type, its scopes, then what the method itself refuses.
func (s *Sim) answer(c *call) object {
	m, known := methods()[c.method]
	if !known {
		s.log.Error("the app called a method that the simulated Slack does not have", "method", c.method)
		return object{"ok": false, "error": "unknown_method", "req_method": c.method}
	}
	if err := s.authorize(c, m); err != nil {
		return s.refusal(c.method, err)
	}
	out, err := m.do(c)
	if err != nil {
		return s.refusal(c.method, err)
	}
	if out == nil {
		out = object{}
	}
	out["ok"] = true
	if len(c.warnings) > 0 {
		out["warning"] = strings.Join(c.warnings, ",")
		meta := child(out, "response_metadata")
		if meta == nil {
			meta = object{}
		}
		meta["warnings"] = c.warnings
		out["response_metadata"] = meta
	}
	return clone(out)
}

func (s *Sim) authorize(c *call, m method) error {
	if m.open {
		return nil
	}
	header, inHeader := strings.CutPrefix(c.ctx.Header.Get("Authorization"), "Bearer ")
	token := header
	if m.appToken && !inHeader {
		return refuse("missing_args", "[ERROR] the token belongs in the Authorization header")
	}
	if !inHeader {
		token = c.str("token")
		if strings.HasPrefix(c.ctx.Header.Get("Content-Type"), "application/json") && token != "" {
			c.warn("token_in_json_body")
		}
	}
	app := s.state.App
	wanted, other := app.Tokens.Bot, app.Tokens.App
	if m.appToken {
		wanted, other = other, wanted
	}
	switch token {
	case "":
		return refuse("not_authed")
	case other:
		return refuse("not_allowed_token_type")
	case wanted:
	default:
		return refuse("invalid_auth")
	}
	if app.Revoked {
		return refuse("token_revoked")
	}
	if m.appToken || len(m.scopes) == 0 {
		return nil
	}
	for _, scope := range m.scopes {
		if app.hasScope(scope) {
			return nil
		}
	}
	return &refused{name: "missing_scope", extra: object{
		"needed": strings.Join(m.scopes, ","), "provided": strings.Join(app.scopes(), ","),
	}}
}

// refusal turns an error into an answer. An error that Slack does not document
// for the method is a fault of the simulator, and said loudly.
func (s *Sim) refusal(method string, err error) object {
	var r *refused
	if !errors.As(err, &r) {
		s.log.Error("the simulated Slack failed", "method", method, "err", err)
		return object{"ok": false, "error": "internal_error"}
	}
	if !documents(method, r.name) {
		s.log.Error("the simulated Slack refused with an error that Slack does not document", "method", method, "error", r.name)
		return object{"ok": false, "error": "internal_error"}
	}
	out := object{"ok": false, "error": r.name}
	for k, v := range r.extra {
		out[k] = v
	}
	if len(r.messages) > 0 {
		out["response_metadata"] = object{"messages": r.messages}
	}
	return out
}
