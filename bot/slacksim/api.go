package slacksim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// call is one call of a method. Handlers run under the lock.
type call struct {
	*Sim
	args
	as       method
	method   string
	base     string // scheme and host the caller used
	ctx      *http.Request
	warnings []string // told to the app
	notes    []string // told only in the traffic
	wait     int      // seconds until the method may be called again, if it was too often
	later    func()   // runs after the answer was written
}

// warn tells the developer what was bent, without refusing.
func (c *call) warn(text string) { c.warnings = append(c.warnings, text) }

// note tells what real Slack may not take, where only the developer looks.
func (c *call) note(text string) { c.notes = append(c.notes, text) }

// baseOf is the scheme, host and port by which a caller reached the workspace.
// Addresses that it is given begin with them: clients compare them as text.
func baseOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// serveAPI answers /api/METHOD.
func (s *Sim) serveAPI(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	name := strings.TrimPrefix(r.URL.Path, "/api/")
	a, broken := readArgs(r)
	c := &call{Sim: s, args: a, as: methods()[name], method: name, base: baseOf(r), ctx: r}
	s.mu.Lock()
	s.busy++
	s.mu.Unlock()
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
	hit := s.faultFor("api.", match{
		Method: name, Channel: or(a.str("channel"), or(a.str("channel_id"), a.str("channels"))), Person: or(a.str("user"), or(a.str("user_id"), a.str("users"))),
	})
	s.mu.Unlock()
	if hit != nil && hit.before(w, s, name) {
		return
	}
	s.mu.Lock()
	var answer object
	if hit != nil && hit.Kind == faultError {
		answer = object{"ok": false, "error": hit.Error}
	} else {
		answer = s.answer(c, broken)
	}
	granted := s.grantedTo(c)
	if granted != "" {
		s.state.base = c.base
	}
	s.record(Traffic{
		Kind: "api", Name: name, Dir: "from_app", OK: answer["ok"] == true, Error: text(answer, "error"),
		MS: time.Since(began).Milliseconds(), Fault: hit.name(), Request: redacted(object(a)), Response: answer,
		Warnings: append(c.notes, c.warnings...),
	})
	reqID := digest36(fmt.Sprint(s.state.Seed, s.state.Run, "request", s.frameSeq), 24)
	s.changed()
	s.mu.Unlock()

	if hit != nil && hit.after(w, r, s.ended) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Slack-Req-Id", reqID)
	if granted != "" {
		h.Set("X-Oauth-Scopes", granted)
		h.Set("X-Accepted-Oauth-Scopes", strings.Join(c.as.scopes, ","))
	}
	if c.wait > 0 {
		h.Set("Retry-After", strconv.Itoa(c.wait))
		w.WriteHeader(http.StatusTooManyRequests)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// answer checks the caller and does what is asked. The order of the checks is
// Slack's: token, its type, its scopes, how often, the arguments that must be
// there, then what the method itself refuses.
func (s *Sim) answer(c *call, broken error) object {
	if c.as.do == nil {
		s.log.Error("the app called a method that the simulated Slack does not have", "method", c.method)
		return object{"ok": false, "error": "unknown_method", "req_method": c.method}
	}
	if broken != nil {
		return s.refusal(c.method, broken)
	}
	if err := c.admitted(); err != nil {
		return s.refusal(c.method, err)
	}
	out, err := c.as.do(c)
	if err != nil {
		return s.refusal(c.method, err)
	}
	if out == nil {
		out = object{}
	}
	out["ok"] = true
	c.charset()
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

// admitted says no before the method is looked at.
func (c *call) admitted() error {
	if err := c.authorized(); err != nil {
		return err
	}
	if c.wait = c.state.Rate.take(c, c.clock.Now()); c.wait > 0 {
		return refuse("ratelimited")
	}
	var missing []string
	for _, name := range c.as.needs {
		name, mayBeEmpty := strings.CutSuffix(name, "*")
		if v, given := c.args[name]; !given || v == nil || v == "" && !mayBeEmpty {
			missing = append(missing, "[ERROR] missing required field: "+name)
		}
	}
	if len(missing) > 0 {
		return refuse("invalid_arguments", missing...)
	}
	return nil
}

// charset warns of what Slack warns of: a JSON body should name its charset, a
// form should not.
func (c *call) charset() {
	if c.ctx.Method != http.MethodPost {
		return
	}
	kind, params := contentType(c.ctx)
	switch _, named := params["charset"]; {
	case kind == typeJSON && !named:
		c.warn("missing_charset")
	case (kind == typeForm || kind == typeMultipart) && named:
		c.warn("superfluous_charset")
	}
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
