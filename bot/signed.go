package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/slack-go/slack"
)

// Slack brings requests of a few kB; one that is larger, slower or not signed by
// the app's secret within five minutes is answered with a number and nothing
// else, and leaves no row.
const (
	signedPath   = "/slack/events"
	largestBody  = 1 << 20
	headerWithin = 5 * time.Second
	bodyWithin   = 5 * time.Second
	endWithin    = 2 * time.Second
)

// takeSigned hears Slack by signed HTTP requests until ctx ends. It returns an
// error only if the address cannot be listened on.
func (b *Bot) takeSigned(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", b.o.Slack.Listen)
	if err != nil {
		return fmt.Errorf("listen for Slack on %s: %w", b.o.Slack.Listen, err)
	}
	server := &http.Server{
		Handler: b.Signed(), ReadHeaderTimeout: headerWithin, ReadTimeout: headerWithin + bodyWithin, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	b.health.up(0)
	defer b.health.down(0)
	select {
	case err := <-ended:
		return fmt.Errorf("hear Slack on %s: %w", b.o.Slack.Listen, err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		_ = server.Close() // an answer in flight was cut off
	}
	<-ended //nolint:errcheck // it says that it was shut down
	return nil
}

// Signed takes what Slack sends to the app's request URLs: commands, presses,
// forms, shortcuts and events. What it records and answers is the same as over
// Socket Mode. Beside it stand the doors of others.
func (b *Bot) Signed() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+signedPath, b.signedRequest)
	for path, door := range b.o.Doors {
		mux.Handle("POST "+path, door)
	}
	return mux
}

func (b *Bot) signedRequest(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), receiveWithin)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			b.log.ErrorContext(ctx, "receiver panicked", "err", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
		}
	}()
	body, status := b.verified(w, r)
	if status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	if challenge, asked := challengeOf(body); asked {
		answerSigned(w, http.StatusOK, "text/plain", []byte(challenge))
		return
	}
	envelope, raw, err := unwrapped(r.Header.Get("Content-Type"), body)
	switch {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
		return
	case envelope == "": // Slack looks whether the address answers
		w.WriteHeader(http.StatusOK)
		return
	}
	answer := b.receive(ctx, envelope, raw)
	if answer.silent {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var said []byte
	if answer.body != nil {
		if said, err = json.Marshal(answer.body); err != nil {
			b.log.ErrorContext(ctx, "encode an answer", "err", err)
		}
	}
	answerSigned(w, http.StatusOK, "application/json", said)
	if answer.then != nil {
		answer.then(ctx)
	}
}

// verified reads a request whole and holds it to its signature, over the bytes
// as they came.
func (b *Bot) verified(w http.ResponseWriter, r *http.Request) ([]byte, int) {
	verifier, err := slack.NewSecretsVerifier(r.Header, b.o.Slack.SigningSecret)
	if err != nil {
		return nil, http.StatusUnauthorized
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest
	}
	if _, err := verifier.Write(body); err != nil {
		return nil, http.StatusUnauthorized
	}
	if err := verifier.Ensure(); err != nil {
		return nil, http.StatusUnauthorized
	}
	return body, http.StatusOK
}

// answerSigned sends an answer whole, so that Slack has it before anything else
// is done.
func answerSigned(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
	_ = http.NewResponseController(w).Flush()
}

// challengeOf is what Slack wants to hear back when a request URL is entered.
func challengeOf(body []byte) (string, bool) {
	var v struct{ Type, Challenge string }
	if json.Unmarshal(body, &v) != nil || v.Type != "url_verification" {
		return "", false
	}
	return v.Challenge, true
}

// unwrapped makes of a request what Socket Mode would have brought. No envelope
// is a request that wants nothing.
func unwrapped(contentType string, body []byte) (envelope string, raw json.RawMessage, err error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", nil, fmt.Errorf("read content type: %w", err)
	}
	if kind == "application/json" {
		return envelopeEvent, body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", nil, fmt.Errorf("read form: %w", err)
	}
	switch {
	case form.Get("ssl_check") != "":
		return "", nil, nil
	case len(form["payload"]) == 1:
		return envelopeInteraction, json.RawMessage(form.Get("payload")), nil
	case len(form["payload"]) > 1 || form.Get("command") == "":
		return "", nil, errors.New("neither a command nor one payload")
	}
	typed := map[string]string{}
	for name := range form {
		typed[name] = form.Get(name)
	}
	raw, err = json.Marshal(typed)
	return envelopeCommand, raw, err
}
