package slacksim_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// delivery is one request as an app received it.
type delivery struct {
	header  http.Header
	kind    string // of the event, "command", or the type of the interaction
	form    url.Values
	payload map[string]any
	valid   bool // signed with the app's secret
	age     time.Duration
	late    error // of reading the body
}

// hook is an app that takes signed requests. It verifies as the documentation
// of signing secrets says.
type hook struct {
	t      *testing.T
	url    string
	secret string

	mu     sync.Mutex
	got    []delivery
	answer func(http.ResponseWriter, *http.Request, delivery)
	news   chan struct{}
}

// hooked starts an app with a request URL, and a workspace that sends there.
func hooked(t *testing.T, o slacksim.Options) (*desk, *hook) {
	t.Helper()
	h := &hook{t: t, secret: "simulated", news: make(chan struct{}, 1000)}
	h.url = serve(t, h) + "/slack/events"
	o.RequestURL = h.url
	d := start(t, o)
	return d, h
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var d delivery
	raw, err := io.ReadAll(r.Body)
	d.header, d.late = r.Header.Clone(), err
	stamp := r.Header.Get("X-Slack-Request-Timestamp")
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write([]byte("v0:" + stamp + ":" + string(raw)))
	d.valid = hmac.Equal([]byte(r.Header.Get("X-Slack-Signature")), []byte("v0="+hex.EncodeToString(mac.Sum(nil))))
	seconds, _ := strconv.ParseInt(stamp, 10, 64)
	d.age = time.Since(time.Unix(seconds, 0))
	if r.Header.Get("Content-Type") == "application/json" {
		_ = json.Unmarshal(raw, &d.payload)
		d.kind, _ = d.payload["type"].(string)
		if inner, ok := d.payload["event"].(map[string]any); ok {
			d.kind, _ = inner["type"].(string)
		}
	} else {
		d.form, _ = url.ParseQuery(string(raw))
		d.kind = "command"
		if p := d.form.Get("payload"); p != "" {
			_ = json.Unmarshal([]byte(p), &d.payload)
			d.kind, _ = d.payload["type"].(string)
		}
	}
	h.mu.Lock()
	h.got = append(h.got, d)
	answer := h.answer
	h.mu.Unlock()
	select {
	case h.news <- struct{}{}:
	default:
	}
	switch {
	case answer != nil:
		answer(w, r, d)
	case !d.valid || d.age > 5*time.Minute:
		w.WriteHeader(http.StatusUnauthorized)
	case d.kind == "url_verification":
		word, _ := d.payload["challenge"].(string)
		_, _ = io.WriteString(w, word)
	}
}

// answers changes what the app does from now on; nil is the well-behaved one.
func (h *hook) answers(f func(http.ResponseWriter, *http.Request, delivery)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answer = f
}

// of lists what the app received of a kind.
func (h *hook) of(kind string) []delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []delivery
	for _, d := range h.got {
		if d.kind == kind {
			out = append(out, d)
		}
	}
	return out
}

// waits returns when the app has received n of a kind.
func (h *hook) waits(kind string, n int) []delivery {
	h.t.Helper()
	limit := time.After(time.Minute)
	for {
		if got := h.of(kind); len(got) >= n {
			return got
		}
		select {
		case <-h.news:
		case <-limit:
			h.t.Fatalf("%d %s did not come: %d did", n, kind, len(h.of(kind)))
		}
	}
}

// status answers everything with a status.
func status(code int) func(http.ResponseWriter, *http.Request, delivery) {
	return func(w http.ResponseWriter, _ *http.Request, _ delivery) { w.WriteHeader(code) }
}

// echo answers the challenge and hands everything else to f.
func echo(f func(http.ResponseWriter, *http.Request, delivery)) func(http.ResponseWriter, *http.Request, delivery) {
	return func(w http.ResponseWriter, r *http.Request, d delivery) {
		if d.kind == "url_verification" {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"challenge": d.payload["challenge"]})
			return
		}
		f(w, r, d)
	}
}

// shows posts a message with a button.
func (d *desk) shows(channel, label string) {
	d.t.Helper()
	_, _, err := d.api.PostMessage(channel, slack.MsgOptionText(label, false), slack.MsgOptionBlocks(slack.NewActionBlock("b", button(label, "act", "1"))))
	require.NoError(d.t, err)
}
