package notify

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// post is a mail server that keeps what it takes.
type post struct {
	mu      sync.Mutex
	letters []string
	refuse  *smtp.SMTPError
}

func (p *post) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters
}

type session struct {
	*post
	in bool
	to string
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }
func (s *session) AuthMechanisms() []string                 { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "snafu" || password != "hush" {
			return smtp.ErrAuthFailed
		}
		s.in = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.in {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.refuse != nil {
		return s.refuse
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, s.to+"\n"+string(text))
	return err
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// mailServer listens on a port of the kernel's choice, with a certificate that
// only the returned roots trust.
func mailServer(t *testing.T, implicit bool) (*post, MailOptions) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	p := &post{}
	s := smtp.NewServer(p)
	s.TLSConfig = &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	if implicit {
		l = tls.NewListener(l, s.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	security := "starttls"
	if implicit {
		security = "implicit"
	}
	return p, MailOptions{
		Host: "127.0.0.1", Port: port, From: "snafu@example.com", User: "snafu", Password: "hush", Security: security,
		Roots: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}
}

var letter = Letter{To: "ben@example.com", Subject: "SNAFU-42\r\nBcc: all@example.com", Text: "You are called.\n", ID: "snafu-send-7", At: noon}

func TestALetterArrivesOverTLSAtOnePerson(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		p, o := mailServer(t, implicit)
		said, err := here(t).Mail(t.Context(), o, letter)
		require.NoError(t, err)
		require.Equal(t, "accepted", said)
		require.Len(t, p.taken(), 1)
		to, text, _ := bytes.Cut([]byte(p.taken()[0]), []byte("\n"))
		require.Equal(t, "ben@example.com", string(to))
		read, err := mail.ReadMessage(bytes.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, "SNAFU-42 Bcc: all@example.com", read.Header.Get("Subject"), "no header can be slipped in")
		require.Empty(t, read.Header.Get("Bcc"))
		require.Equal(t, "<snafu-send-7@example.com>", read.Header.Get("Message-Id"), "the same at each try")
		body, err := io.ReadAll(read.Body)
		require.NoError(t, err)
		require.Contains(t, string(body), "You are called.")
	}
}

func TestWhatAMailServerRefusesIsTriedAgainOnlyWhereThatHelps(t *testing.T) {
	p, o := mailServer(t, false)
	for _, c := range []struct {
		name  string
		spoil func(*MailOptions)
		code  int
		said  string
		again bool
	}{
		{"no such box", func(*MailOptions) {}, 550, "the mail server answered 550", false},
		{"greylisted", func(*MailOptions) {}, 451, "the mail server answered 451", true},
		{"a wrong password", func(o *MailOptions) { o.Password = "wrong" }, 0, "the mail server does not take the login", false},
		{"a certificate of nobody", func(o *MailOptions) { o.Roots = nil }, 0, "the mail server offers no TLS that can be trusted", false},
		{"nobody listens", func(o *MailOptions) { o.Port = 1 }, 0, "the mail server cannot be reached", true},
		{"no address", func(o *MailOptions) { o.From = "snafu" }, 0, "the address of the sender or the recipient is not possible", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.refuse = nil
			if c.code != 0 {
				p.refuse = &smtp.SMTPError{Code: c.code, EnhancedCode: smtp.EnhancedCode{c.code / 100, 1, 1}, Message: "no"}
			}
			o := o
			c.spoil(&o)
			_, err := here(t).Mail(t.Context(), o, letter)
			f := FailureOf(err)
			require.Equal(t, c.said, f.Said)
			require.Equal(t, c.again, f.Again)
		})
	}
	require.Empty(t, p.taken())
	outside := NewReach(nil)
	defer outside.Close()
	_, err := outside.Mail(t.Context(), o, letter)
	require.Contains(t, FailureOf(err).Said, "outbound.allow", "no mail leads into a private network")
	o.Security = "none"
	_, err = outside.Mail(t.Context(), o, letter)
	require.Contains(t, FailureOf(err).Said, "without TLS")
}
