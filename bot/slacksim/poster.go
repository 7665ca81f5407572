package slacksim

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	maxRedirects = 2
	maxAnswer    = 1 << 20
)

var errRedirects = errors.New("more than two redirects")

// answer is what came back from the request URL.
type answer struct {
	status  int // 0 if none came
	body    []byte
	noRetry bool
	late    bool // it took more than three seconds
	err     error
}

func (a answer) ok() bool { return !a.late && a.err == nil && a.status >= 200 && a.status < 300 }

// asJSON is the body as an acknowledgement over a socket would carry it: plain
// text becomes a JSON string.
func (a answer) asJSON() json.RawMessage {
	body := bytes.TrimSpace(a.body)
	if len(body) == 0 || body[0] == '{' && json.Valid(body) {
		return body
	}
	words, _ := json.Marshal(string(body))
	return words
}

// newPoster makes a client that follows no redirect by itself and asks no proxy.
func newPoster() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// sendRequest sends a request in the background, writes the exchange down, and calls
// done with the outcome under the lock. After three seconds of the workspace's
// clock it gives up.
func (s *Sim) sendRequest(p *request, done func(answer)) {
	if s.closed {
		return
	}
	ctx, cancel := context.WithCancel(s.signed.ctx)
	began, address, client := s.clock.Now(), s.signed.url, s.signed.client
	late, settled := false, false
	settle := func(got answer) {
		if settled {
			return
		}
		settled = true
		s.signed.busy--
		s.recordPost(p, address, began, got)
		done(got)
	}
	limit := s.after(ackLimit, func() {
		late = true
		cancel()
		settle(answer{late: true})
	})
	rest := make(chan struct{})
	if p.slow > 0 {
		s.after(p.slow, func() { close(rest) })
	} else {
		close(rest)
	}
	s.signed.busy++
	s.goes.Go(func() {
		got := p.send(ctx, client, address, rest)
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		limit.Stop()
		got.late = late
		settle(got)
		s.changed()
	})
}

func (s *Sim) recordPost(p *request, address string, began time.Time, got answer) {
	t := Traffic{
		Kind: "http", Name: p.name, Dir: "to_app", OK: got.ok(), MS: s.clock.Now().Sub(began).Milliseconds(), Fault: p.fault,
		Request: object{"url": address, "headers": flat(p.header), "body": string(p.body)},
	}
	if p.payload != nil {
		t.Request = object{"url": address, "headers": flat(p.header), "payload": p.payload}
	}
	switch {
	case got.late:
		t.Error = "http_timeout"
	case got.err != nil:
		t.Error = got.err.Error()
	case !got.ok():
		t.Error = "http_error"
	}
	if got.status != 0 {
		t.Response = object{"status": got.status, "body": string(got.body)}
	}
	s.record(t)
}

func flat(h http.Header) object {
	out := object{}
	for k := range h {
		out[k] = h.Get(k)
	}
	return out
}

// send posts the request and repeats it where the app redirects it to.
func (p *request) send(ctx context.Context, client *http.Client, address string, rest <-chan struct{}) answer {
	for redirects := 0; ; redirects++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(p.body))
		if err != nil {
			return answer{err: err}
		}
		req.Header = p.header.Clone()
		var resp *http.Response
		if p.slow > 0 {
			resp, err = dribble(ctx, req, len(p.body), rest)
		} else {
			resp, err = client.Do(req)
		}
		if err != nil {
			return answer{err: err}
		}
		got := answer{status: resp.StatusCode, noRetry: resp.Header.Get("X-Slack-No-Retry") == "1"}
		got.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		got.err = errors.Join(err, resp.Body.Close())
		if got.status < 300 || got.status > 399 || resp.Header.Get("Location") == "" {
			return got
		}
		if redirects == maxRedirects {
			got.err = errRedirects
			return got
		}
		next, err := req.URL.Parse(resp.Header.Get("Location"))
		if err != nil || next.Scheme != "http" && next.Scheme != "https" {
			return got
		}
		address = next.String()
	}
}

// dribble sends a request whose body stops halfway until rest is closed.
func dribble(ctx context.Context, req *http.Request, size int, rest <-chan struct{}) (*http.Response, error) {
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		return nil, err
	}
	conn, err := dial(ctx, req.URL)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close() //nolint:errcheck // the answer was read whole
	text := wire.Bytes()
	half := len(text) - size/2
	if _, err := conn.Write(text[:half]); err != nil {
		return nil, err
	}
	select {
	case <-rest:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	_, sent := conn.Write(text[half:])
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return nil, errors.Join(sent, err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

func dial(ctx context.Context, u *url.URL) (net.Conn, error) {
	host, port := u.Hostname(), u.Port()
	if u.Scheme == "https" {
		d := tls.Dialer{}
		return d.DialContext(ctx, "tcp", net.JoinHostPort(host, or(port, "443")))
	}
	d := net.Dialer{}
	return d.DialContext(ctx, "tcp", net.JoinHostPort(host, or(port, "80")))
}
