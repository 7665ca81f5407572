package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"snafu/incidents"
	"snafu/incidents/notify"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// notify does the job of that name: one try to send one thing outside of Slack,
// at least once. What became of it is recorded before the next try.
func (a *App) notify(ctx context.Context, job jobs.Job[response.Notify]) error {
	s, wanted, err := a.response.ToSend(ctx, job.Args.Send)
	if err != nil {
		return err
	}
	said, failed := "no longer needed", (*notify.Failure)(nil)
	if wanted {
		var err error
		if said, err = a.send(ctx, s); err != nil {
			if ctx.Err() != nil {
				return err
			}
			failed = notify.FailureOf(err)
			said = failed.Said
			a.log.WarnContext(ctx, "a call outside of Slack failed", "incident", s.Incident.ID, "err", said)
		}
	} else if s.State != incidents.SendWaiting {
		return nil
	}
	var again bool
	var after time.Duration
	if failed != nil {
		again, after = failed.Again, failed.After
	}
	wait, err := a.response.Sent(ctx, s, wanted && failed == nil, again, said, after)
	if err != nil {
		return err
	}
	if wait > 0 {
		return jobs.Snooze(wait)
	}
	return nil
}

var errUnconfigured = errors.New("the configuration no longer says how")

func (a *App) send(ctx context.Context, s response.Send) (string, error) {
	o := a.o.Config.Outbound
	inc := s.Incident
	switch s.Way {
	case incidents.ByEmail:
		to, err := a.response.Reached(ctx, s.Person, incidents.ByEmail)
		if err != nil {
			return "", err
		}
		if to == "" || o.Mail.Host == "" {
			return "", &notify.Failure{Said: errUnconfigured.Error()}
		}
		subject, text := letter(inc)
		return a.reach.Mail(ctx, a.mail(), notify.Letter{
			To: to, ID: fmt.Sprintf("snafu-send-%d", s.ID), At: s.Asked,
			Subject: subject, Text: text,
		})
	case incidents.ByPhone:
		to, err := a.response.Reached(ctx, s.Person, incidents.ByPhone)
		if err != nil {
			return "", err
		}
		if to == "" || !o.Twilio.calls() {
			return "", &notify.Failure{Said: errUnconfigured.Error()}
		}
		text := fmt.Sprintf("Snafu %d, severity %d. You are called. Answer in Slack.", int64(inc.ID), int64(inc.Severity))
		return a.reach.Call(ctx, a.twilio(), to, text)
	case incidents.BySMS:
		to, err := a.response.Reached(ctx, s.Person, incidents.ByPhone)
		if err != nil {
			return "", err
		}
		if to == "" || !o.Twilio.texts() {
			return "", &notify.Failure{Said: errUnconfigured.Error()}
		}
		return a.reach.SMS(ctx, a.twilio(), to, needs(inc)+". "+o.Twilio.howToAnswer())
	case incidents.ByPagerDuty:
		return a.reach.PagerDuty(ctx, notify.PagerDutyOptions{URL: o.PagerDuty.URL, RoutingKey: o.PagerDuty.RoutingKey.Reveal()}, alert(s))
	case incidents.ByWebhook:
		return a.reach.Webhook(ctx, notify.WebhookOptions{URL: o.Webhook.URL, Secret: o.Webhook.Secret.Reveal()}, event(s))
	}
	return "", fmt.Errorf("no way is called %q", s.Way)
}

func (a *App) mail() notify.MailOptions {
	m := a.o.Config.Outbound.Mail
	return notify.MailOptions{
		Host: m.Host, Port: or(m.Port, 587), From: m.From, User: m.User, Password: m.Password.Reveal(), Security: m.Security, Roots: a.o.MailRoots,
	}
}

func (a *App) twilio() notify.TwilioOptions {
	t := a.o.Config.Outbound.Twilio
	return notify.TwilioOptions{URL: t.URL, Account: t.Account, Token: t.Token.Reveal(), From: t.From}
}

// letter is what an e-mail says of a call. Of a private incident it says that
// somebody is needed, and no more.
func letter(inc incidents.Incident) (subject, text string) {
	const answer = "\n\nAnswer in Slack: press \"On it\" in my message to you, or type /snafu ack in the channel.\n%s\n"
	if inc.Private {
		return needs(inc), fmt.Sprintf("%s."+answer, needs(inc), linkTo(inc))
	}
	return fmt.Sprintf("%s %s: you are called", inc.ID, inc.Severity),
		fmt.Sprintf("You are called for %s (%s): %s"+answer, inc.ID, inc.Severity, inc.Title, linkTo(inc))
}

func needs(inc incidents.Incident) string { return fmt.Sprintf("%s needs you", inc.ID) }

func linkTo(inc incidents.Incident) string {
	if inc.Channel == "" {
		return ""
	}
	return "https://slack.com/app_redirect?channel=" + url.QueryEscape(inc.Channel)
}

func alert(s response.Send) notify.Alert {
	inc := s.Incident
	summary, source := fmt.Sprintf("%s: %s", inc.ID, inc.Title), or(inc.System, "snafu")
	if inc.Private {
		summary, source = needs(inc), "snafu"
	}
	severity := map[incidents.Severity]string{incidents.SEV1: "critical", incidents.SEV2: "error"}[inc.Severity]
	return notify.Alert{
		Action: map[string]string{incidents.SendCalled: "trigger", incidents.SendAnswered: "acknowledge", incidents.SendEnded: "resolve"}[s.Event],
		Key:    fmt.Sprintf("snafu-%d-p%d", int64(inc.ID), s.Page.ID), Summary: summary,
		Severity: or(severity, "warning"), Source: source, URL: linkTo(inc), At: s.Asked,
	}
}

func event(s response.Send) notify.Event {
	e := notify.Event{Event: "page." + s.Event, Delivery: fmt.Sprintf("send-%d", s.ID), At: s.Asked, Incident: subject(s.Incident)}
	e.Page = &notify.Page{ID: s.Page.ID, Rota: s.Page.Target, Step: s.Step, People: []string{}}
	for _, p := range s.People {
		e.Page.People = append(e.Page.People, p.User())
	}
	return e
}

func subject(inc incidents.Incident) notify.Subject {
	return notify.Subject{
		Key: inc.ID.String(), Title: inc.Outside(), Severity: inc.Severity.String(), Phase: string(inc.Phase()), URL: linkTo(inc),
	}
}
