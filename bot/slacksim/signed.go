package slacksim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// receiver is the request URL of the app: where it takes commands, interactions
// and events as signed HTTP requests.
type receiver struct {
	url      string
	verified bool          // it echoed the challenge
	asking   bool          // the challenge is under way
	again    bool          // and is to come again at once if it fails: the app has answered since
	pause    time.Duration // until the challenge comes again
	waiting  []*envelope   // events, until the URL is verified
	busy     int           // requests whose outcome nobody waits for
	client   *http.Client
	ctx      context.Context //nolint:containedctx // it ends with the URL, not with a call
	cancel   context.CancelFunc
}

// mode is how the app takes what is sent to it.
func (r *receiver) mode() string {
	if r.url != "" {
		return "http"
	}
	return "socket"
}

func (r *receiver) address() any {
	if r.url != "" {
		return r.url
	}
	return nil
}

func (r *receiver) stop() {
	if r.cancel != nil {
		r.cancel()
	}
}

// SetRequestURL makes the app take everything as signed HTTP requests there, or
// with an empty address over Socket Mode again. Events wait until the app has
// echoed the challenge that is sent now; commands and interactions do not. An
// address that is not absolute http or https is an error.
func (s *Sim) SetRequestURL(address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setRequestURL(address)
}

func (s *Sim) setRequestURL(address string) error {
	if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return fmt.Errorf("the request URL %q is no http or https address", address)
	}
	r := &s.signed
	held := r.waiting
	r.stop()
	s.signed = receiver{url: address, pause: time.Second, client: r.client, busy: r.busy}
	s.signed.ctx, s.signed.cancel = context.WithCancel(context.Background())
	if address != "" {
		s.challenge()
	}
	for _, e := range held {
		e.waits, e.http = false, false
		s.route(e)
	}
	s.frame(Frame{Kind: "connection"})
	s.changed()
	return nil
}

// challenge asks the app to prove that the address is its own. An app that does
// not answer is asked again, after a pause that doubles up to a minute.
func (s *Sim) challenge() {
	r := &s.signed
	if r.url == "" || r.verified || r.asking || s.closed {
		return
	}
	r.asking, r.again = true, false
	word, asked := s.state.mintHex("challenge", 48), r.ctx
	body, _ := json.Marshal(object{"token": "simulated", "challenge": word, "type": "url_verification"})
	p := s.sign("url_verification", "application/json", body)
	s.sendRequest(p, func(got answer) {
		if asked.Err() != nil {
			return
		}
		r.asking = false
		if got.ok() && echoes(got.body, word) {
			r.verified = true
			s.frame(Frame{Kind: "connection"})
			for _, e := range r.waiting {
				s.deliver(e)
			}
			r.waiting = nil
			return
		}
		s.log.Warn("the app did not echo the challenge of its request URL", "url", r.url, "status", got.status, "err", got.err)
		if r.again {
			s.challenge()
			return
		}
		s.after(r.pause, func() {
			if asked.Err() == nil {
				s.challenge()
			}
		})
		r.pause = min(2*r.pause, time.Minute)
	})
}

// echoes tells whether an answer holds the challenge: as plain text, as a form or
// as JSON.
func echoes(body []byte, word string) bool {
	if strings.TrimSpace(string(body)) == word {
		return true
	}
	var got struct{ Challenge string }
	if json.Unmarshal(body, &got) == nil {
		return got.Challenge == word
	}
	form, err := url.ParseQuery(strings.TrimSpace(string(body)))
	return err == nil && form.Get("challenge") == word
}

// request is one signed request as it is sent, byte for byte.
type request struct {
	name, fault string
	header      http.Header
	body        []byte
	payload     any // for the traffic log
	slow        time.Duration
}

// sign prepares a request. Its time is the machine's, since that is what
// receivers compare it with.
func (s *Sim) sign(name, contentType string, body []byte) *request {
	p := &request{name: name, body: body, header: http.Header{}}
	p.header.Set("Content-Type", contentType)
	p.header.Set("User-Agent", "Slackbot 1.0 (simulated)")
	p.header.Set("Accept", "*/*")
	p.seal(time.Now(), s.state.App.Tokens.SigningSecret)
	return p
}

// seal sets the time and the signature over it and the body.
func (p *request) seal(at time.Time, secret string) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":"))
	mac.Write(p.body)
	p.header.Set("X-Slack-Request-Timestamp", stamp)
	p.header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// encoded is the body of a payload: commands are forms, interactions are forms
// with one field, events are JSON.
func (e *envelope) encoded() (contentType string, body []byte) {
	const form = "application/x-www-form-urlencoded"
	if e.kind == kindCommand {
		values := url.Values{}
		for k, v := range e.payload {
			values.Set(k, fmt.Sprint(v))
		}
		return form, []byte(values.Encode())
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(e.payload)
	raw := bytes.TrimSpace(text.Bytes())
	if e.kind == kindInteractive {
		return form, []byte(url.Values{"payload": {string(raw)}}.Encode())
	}
	return "application/json", raw
}

// sendSigned sends a payload to the request URL. Events wait until it is verified.
func (s *Sim) sendSigned(e *envelope) {
	e.http = true
	if e.kind == kindEvent && !s.signed.verified {
		e.waits = true
		s.signed.waiting = append(s.signed.waiting, e)
		s.challenge()
		return
	}
	s.deliver(e)
}

func (s *Sim) deliver(e *envelope) {
	e.waits, e.sent = false, s.clock.Now()
	kind, body := e.encoded()
	p := s.sign(e.name, kind, body)
	p.payload, p.fault = e.payload, e.fault
	if e.attempt > 0 {
		p.header.Set("X-Slack-Retry-Num", strconv.Itoa(e.attempt))
		p.header.Set("X-Slack-Retry-Reason", e.reason)
	}
	copies := s.spoil(p, e)
	s.sendRequest(p, func(got answer) {
		s.received(e, got)
		s.replay(p, copies)
	})
}

// spoil does to a request what the faults of signed requests ask for. It returns
// how often the request comes again, byte for byte.
func (s *Sim) spoil(p *request, e *envelope) (copies int) {
	secret := s.state.App.Tokens.SigningSecret
	if hit := s.originalFault(e, faultBadSignature); hit != nil {
		p.fault = hit.Kind
		p.seal(time.Now(), "not "+secret)
	}
	if hit := s.originalFault(e, faultOldTimestamp); hit != nil {
		p.fault = hit.Kind
		p.seal(time.Now().Add(-hit.skew()), secret)
	}
	if hit := s.originalFault(e, faultSlowBody); hit != nil {
		p.fault, p.slow = hit.Kind, hit.delay()
	}
	if hit := s.originalFault(e, faultReplay); hit != nil {
		p.fault, copies = hit.Kind, max(hit.Copies, 1)
	}
	return copies
}

// replay sends a request again and ignores what the app answers.
func (s *Sim) replay(p *request, copies int) {
	if copies == 0 || s.closed {
		return
	}
	again := *p
	again.slow, again.fault = 0, faultReplay
	s.sendRequest(&again, func(answer) { s.replay(p, copies-1) })
}

// received settles a payload by what came back.
func (s *Sim) received(e *envelope, got answer) {
	e.noRetry = got.noRetry
	switch {
	case got.ok():
		if e.kind == kindCommand && !s.signed.verified {
			s.signed.again = true // the app is there now
			s.challenge()
		}
		s.end(e, stateAcked, got.asJSON())
	case got.late:
		s.end(e, stateTimeout, nil)
	case got.status == 0:
		e.why = "connection_failed"
		s.end(e, stateNoConnection, nil)
	default:
		e.why = "http_error"
		if errors.Is(got.err, errRedirects) {
			e.why = "too_many_redirects"
		}
		s.end(e, stateHTTPError, nil)
	}
}
