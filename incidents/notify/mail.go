package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// MailOptions say which server takes mail.
type MailOptions struct {
	Host, From     string
	Port           int
	User, Password string
	// Security is starttls, implicit, or none, which is for listed addresses alone.
	Security string
	Roots    *tls.Config // nil for the roots of the machine
}

// Letter is one mail to one person.
type Letter struct {
	To, Subject, Text string
	ID                string // its Message-ID without the host, the same at each try
	At                time.Time
}

// Mail sends a letter and returns what the server took it with. Each letter has
// one recipient.
func (r *Reach) Mail(ctx context.Context, o MailOptions, l Letter) (string, error) {
	m := mail.NewMsg()
	if err := errors.Join(m.From(o.From), m.To(l.To)); err != nil {
		return "", &Failure{Said: "the address of the sender or the recipient is not possible"}
	}
	m.Subject(strings.Join(strings.Fields(l.Subject), " "))
	m.SetDateWithValue(l.At)
	m.SetMessageIDWithValue(l.ID + "@" + hostOf(o.From))
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, l.Text)

	dialer := net.Dialer{Timeout: httpWithin, Control: r.control}
	options := []mail.Option{
		mail.WithPort(o.Port), mail.WithTimeout(2 * httpWithin), mail.WithHELO("localhost"), mail.WithDialContextFunc(dialer.DialContext),
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.Host}
	if o.Roots != nil {
		secure = o.Roots.Clone()
		secure.ServerName = o.Host
	}
	options = append(options, mail.WithTLSConfig(secure))
	switch o.Security {
	case "none":
		if a, err := netip.ParseAddr(o.Host); err != nil || !r.listed(a) {
			return "", &Failure{Said: "only a server that outbound.allow lists is sent mail without TLS"}
		}
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case "implicit":
		options = append(options, mail.WithSSL(), mail.WithDialContextFunc((&tls.Dialer{NetDialer: &dialer, Config: secure}).DialContext))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if o.User != "" {
		how := mail.SMTPAuthAutoDiscover
		if o.Security == "implicit" {
			how = mail.SMTPAuthPlain // the library does not see that our dialler encrypts
		}
		options = append(options, mail.WithSMTPAuth(how), mail.WithUsername(o.User), mail.WithPassword(o.Password))
	}
	client, err := mail.NewClient(o.Host, options...)
	if err != nil {
		return "", &Failure{Said: "the settings of the mail server are not possible"}
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return "", mailFailure(err)
	}
	return "accepted", nil
}

func mailFailure(err error) *Failure {
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() != 0 {
		code := refused.ErrorCode()
		return &Failure{Said: fmt.Sprintf("the mail server answered %d", code), Again: code < 500}
	}
	switch {
	case errors.Is(err, errPrivate):
		return &Failure{Said: errPrivate.Error()}
	case strings.Contains(err.Error(), "535"), strings.Contains(strings.ToLower(err.Error()), "auth failed"):
		return &Failure{Said: "the mail server does not take the login"}
	case strings.Contains(err.Error(), "certificate"), strings.Contains(err.Error(), "STARTTLS"):
		return &Failure{Said: "the mail server offers no TLS that can be trusted"}
	}
	return &Failure{Said: "the mail server cannot be reached", Again: true}
}

func hostOf(address string) string {
	_, host, ok := strings.Cut(strings.Trim(address, " <>"), "@")
	if !ok {
		return "snafu.invalid"
	}
	return strings.TrimSuffix(host, ">")
}
