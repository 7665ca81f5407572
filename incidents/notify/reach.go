// Package notify is the ways out that are not Slack: mail, webhooks, PagerDuty,
// telephone calls, and the calendars that rotas are kept in.
//
// Each way is one small file. It sends once and says whether another try can
// help; who tries again, and what is kept of it, others decide. What it says of
// an error never holds a secret or an address's path.
package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	httpWithin = 5 * time.Second
	maxAnswer  = 64 << 10
	maxFeed    = 5 << 20
)

// Ranges reads the private addresses that may be reached: 10.1.2.3, 10.0.0.0/8.
func Ranges(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(text); err == nil {
				p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%q is no address or range. Write 10.1.2.3 or 10.0.0.0/8", text)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// CheckURL says what is wrong with an address, without showing it: it may be a
// secret.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return errors.New("it is no web address. Write it as https://example.com/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("it begins with neither https:// nor, for an address in outbound.allow, http://")
	case u.User != nil:
		return errors.New("it holds a password. Leave that out")
	}
	return nil
}

// errPrivate says that an address is of a network that nobody allowed.
var errPrivate = errors.New("the address is of a private network; add it to outbound.allow if it is meant")

// Reach is how the world outside is spoken to: over TLS, never through a
// redirect, and into no private network but those that are listed. The address
// is looked at when it is dialled, so no name can lead elsewhere meanwhile.
type Reach struct {
	allow  []netip.Prefix
	client *http.Client
}

// NewReach returns one that may also reach the listed private addresses.
func NewReach(allow []netip.Prefix) *Reach {
	r := &Reach{allow: allow}
	dialer := net.Dialer{Timeout: httpWithin, Control: r.control}
	r.client = &http.Client{
		Timeout: httpWithin,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: httpWithin, ResponseHeaderTimeout: httpWithin,
			MaxResponseHeaderBytes: 32 << 10, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 2, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return r
}

// Close ends the connections that are kept.
func (r *Reach) Close() { r.client.CloseIdleConnections() }

func (r *Reach) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read dialled address: %w", err)
	}
	if r.listed(at.Addr()) || public(at.Addr()) {
		return nil
	}
	return errPrivate
}

func (r *Reach) listed(a netip.Addr) bool {
	for _, p := range r.allow {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// special are the ranges that are no place on the internet, beyond those that
// netip knows.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast()
}

// answer is what an HTTP request came to.
type answer struct {
	status int
	body   []byte
	after  time.Duration // when to come again, if the other side said so
}

// ask makes one request. Without TLS it goes to listed addresses alone.
func (r *Reach) ask(ctx context.Context, req *http.Request, limit int64) (answer, error) {
	if err := CheckURL(req.URL.String()); err != nil {
		return answer{}, err
	}
	if req.URL.Scheme != "https" {
		a, err := netip.ParseAddr(strings.Trim(req.URL.Hostname(), "[]"))
		if err != nil || !r.listed(a) {
			return answer{}, errors.New("only an address that outbound.allow lists is reached without TLS. Write https://")
		}
	}
	req.Header.Set("User-Agent", "snafu")
	res, err := r.client.Do(req.WithContext(ctx))
	if err != nil {
		// The address may be a secret.
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return answer{}, fmt.Errorf("reach %s: %w", req.URL.Host, err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing more is read from it
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return answer{}, fmt.Errorf("read the answer of %s: %w", req.URL.Host, err)
	}
	if int64(len(body)) > limit {
		return answer{}, fmt.Errorf("the answer of %s has more than %d kB", req.URL.Host, limit>>10)
	}
	got := answer{status: res.StatusCode, body: body}
	if seconds, err := time.ParseDuration(res.Header.Get("Retry-After") + "s"); err == nil && seconds > 0 {
		got.after = min(seconds, time.Hour)
	}
	return got, nil
}

// Calendar fetches the text of a calendar. What is wrong is one sentence that a
// person may read.
func (r *Reach) Calendar(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address of the calendar is not possible")
	}
	req.Header.Set("Accept", "text/calendar")
	got, err := r.ask(ctx, req, maxFeed)
	if err != nil {
		return nil, err
	}
	if got.status != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d %s", req.URL.Host, got.status, http.StatusText(got.status))
	}
	return got.body, nil
}
