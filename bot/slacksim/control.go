package slacksim

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// controlError is an answer of the control API that is not ok.
type controlError struct {
	status int
	name   string
	detail string
}

func (e *controlError) Error() string { return e.detail }

func badRequest(format string, a ...any) error {
	return &controlError{http.StatusBadRequest, "bad_request", fmt.Sprintf(format, a...)}
}

// controlRoutes is the control API: what the driver does, for other programs.
func (s *Sim) controlRoutes(mux *http.ServeMux) {
	get := func(path string, f func(r *http.Request) (object, error)) {
		mux.HandleFunc("GET /sim/"+path, s.control(f))
	}
	post := func(path string, f func(r *http.Request) (object, error)) {
		mux.HandleFunc("POST /sim/"+path, s.control(f))
	}

	get("app", s.getApp)
	get("people", s.getPeople)
	get("usergroups", s.getGroups)
	get("channels", s.getChannels)
	get("channels/{channel}", s.getChannel)
	get("channels/{channel}/messages", s.getMessages)
	get("channels/{channel}/threads/{ts}", s.getThread)
	get("views", s.getViews)
	get("files/{id}", s.getFile)
	get("traffic", s.getTraffic)
	get("faults", s.getFaults)
	get("clock", s.getClock)
	mux.HandleFunc("GET /sim/files/{id}/content", s.guard(s.getContent))
	mux.HandleFunc("GET /sim/transcript", s.guard(s.getTranscript))
	mux.HandleFunc("GET /sim/stream", s.guard(s.getStream))

	for path, f := range s.personActs() {
		post("as/{person}/"+path, f)
	}
	post("admin/person", s.postPerson)
	post("admin/channel", s.postChannel)
	post("admin/message", s.postMessage)
	post("admin/usergroup", s.postGroup)
	post("admin/app", s.postApp)
	post("faults", s.postFault)
	post("clock", s.postClock)
	post("await", s.postAwait)
	post("reset", s.postReset)
	mux.HandleFunc("DELETE /sim/faults", s.control(s.deleteFault))
	mux.HandleFunc("DELETE /sim/faults/{id}", s.control(s.deleteFault))
	mux.HandleFunc("/sim/", s.control(func(r *http.Request) (object, error) {
		return nil, &controlError{http.StatusNotFound, "not_found", "there is no " + r.Method + " " + r.URL.Path}
	}))
}

// control answers with JSON.
func (s *Sim) control(f func(r *http.Request) (object, error)) http.HandlerFunc {
	return s.guard(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
				writeControl(w, nil, badRequest("Content-Type must be application/json"))
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
		}
		out, err := f(r)
		writeControl(w, out, err)
	})
}

func writeControl(w http.ResponseWriter, out object, err error) {
	status := http.StatusOK
	if err != nil {
		var c *controlError
		var no *NotPossible
		switch {
		case errors.As(err, &c):
		case errors.Is(err, context.DeadlineExceeded):
			c = &controlError{http.StatusGatewayTimeout, "timeout", err.Error()}
		case errors.As(err, &no) && no.Missing:
			c = &controlError{http.StatusNotFound, "not_found", no.Detail}
		case errors.As(err, &no):
			c = &controlError{http.StatusConflict, "not_possible", no.Detail}
		case errors.Is(err, ErrNotFrozen):
			c = &controlError{http.StatusConflict, "not_possible", err.Error()}
		default:
			c = &controlError{http.StatusBadRequest, "bad_request", err.Error()}
		}
		status, out = c.status, object{"ok": false, "error": c.name, "detail": c.detail}
	} else {
		if out == nil {
			out = object{}
		}
		out["ok"] = true
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// guard lets in only this machine's own programs: a web page elsewhere could
// otherwise drive the workspace through its visitor's browser.
func (s *Sim) guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if why := s.forbidden(r); why != "" {
			writeControl(w, nil, &controlError{http.StatusForbidden, "forbidden", why})
			return
		}
		next(w, r)
	}
}

func (s *Sim) forbidden(r *http.Request) string {
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Host != r.Host {
			return "requests of another origin are refused"
		}
	}
	// A browser says of what it fetches for other sites' pages that it does so,
	// where it names no origin. A link that somebody follows is not such.
	site, mode := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Mode")
	if (site == "cross-site" || site == "same-site") && mode != "navigate" {
		return "requests of another site's page are refused"
	}
	if s.key == "" {
		if !loopback(r.Host) {
			return "only a loopback Host is served"
		}
		return ""
	}
	given := r.Header.Get("X-Sim-Key")
	if c, err := r.Cookie("sim_key"); given == "" && err == nil {
		given = c.Value
	}
	if given == "" {
		given = r.URL.Query().Get("key")
	}
	if subtle.ConstantTimeCompare([]byte(given), []byte(s.key)) != 1 {
		return "the key of the page URL is needed"
	}
	return ""
}

// body reads the JSON of a request strictly: an unknown key is an error.
func body[T any](r *http.Request) (T, error) {
	var v T
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, badRequest("the body cannot be read: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return v, badRequest("the body holds more than one object")
	}
	return v, nil
}

// asObject turns a value into a JSON object.
func asObject(v any) object { return clone(object{"v": v})["v"].(object) }

func (s *Sim) postClock(r *http.Request) (object, error) {
	in, err := body[struct {
		Frozen  *bool  `json:"frozen"`
		Advance string `json:"advance"`
	}](r)
	if err != nil {
		return nil, err
	}
	if in.Frozen == nil && in.Advance == "" {
		return nil, badRequest("frozen or advance is needed")
	}
	if in.Frozen != nil {
		s.clock.Freeze(*in.Frozen)
	}
	if in.Advance != "" {
		d, err := time.ParseDuration(in.Advance)
		if err != nil || d < 0 {
			return nil, badRequest("advance is a duration like 31m")
		}
		if err := s.clock.Advance(d); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.frame(Frame{Kind: "clock"})
	s.mu.Unlock()
	return s.getClock(r)
}

func (s *Sim) getClock(*http.Request) (object, error) {
	return object{"now": s.clock.Now().UTC(), "frozen": s.clock.Frozen()}, nil
}

func (s *Sim) postFault(r *http.Request) (object, error) {
	// Over the wire a missing times is 1, and 0 is until removed.
	in, err := body[struct {
		Fault
		Times *int `json:"times"`
	}](r)
	if err != nil {
		return nil, err
	}
	f := in.Fault
	if in.Times != nil {
		f.Times, f.Always = *in.Times, *in.Times == 0
	}
	id, err := s.Fault(f)
	if err != nil {
		return nil, badRequest("%v", err)
	}
	return object{"id": id}, nil
}

func (s *Sim) deleteFault(r *http.Request) (object, error) {
	id := r.PathValue("id")
	if !s.Unfault(id) && id != "" {
		return nil, notFound("there is no fault %s", id)
	}
	return nil, nil
}

func (s *Sim) getFaults(*http.Request) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, f := range s.faults {
		list = append(list, asObject(f))
	}
	return object{"faults": list}, nil
}
