package app

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/notify"
	"snafu/incidents/refusal"
)

const (
	largestReply = 64 << 10
	replyWithin  = 10 * time.Second
)

// smsReply takes what somebody texts back. Only what Twilio signed counts, for the
// address of the configuration, and only from a number that its owner has verified;
// to others it says nothing. One message counts once, however often it comes.
func (a *App) smsReply(w http.ResponseWriter, r *http.Request) {
	t := a.o.Config.Outbound.Twilio
	body, form := requestBody(w, r), url.Values(nil)
	if body != nil {
		form, _ = url.ParseQuery(string(body))
	}
	if t.ReplyURL == "" || form == nil || !notify.TwilioSigned(t.Token.Reveal(), t.ReplyURL, form, r.Header.Get("X-Twilio-Signature")) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), replyWithin)
	defer cancel()
	said, err := a.answerText(ctx, form.Get("From"), form.Get("Body"), form.Get("MessageSid"))
	if err != nil {
		a.log.WarnContext(ctx, "a text could not be answered", "err", err)
		said = "That was not recorded. Answer in Slack, or reply again in a minute."
	}
	var text strings.Builder
	if said != "" {
		_ = xml.EscapeText(&text, []byte(said)) // a strings.Builder takes everything
		said = "<Message>" + text.String() + "</Message>"
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, "<Response>"+said+"</Response>")
}

// answerText does what a text says, and returns the answer; "" to strangers.
func (a *App) answerText(ctx context.Context, from, text, message string) (string, error) {
	owners, err := a.response.OwnersOf(ctx, from)
	if err != nil || len(owners) == 0 || message == "" {
		return "", err
	}
	if len(owners) > 1 {
		return "Several people have this number, so I can't tell who you are. Answer in Slack.", nil
	}
	if full, err := a.bot.FullMember(ctx, owners[0]); err != nil || !full {
		return "", err
	}
	if strings.TrimSpace(text) != "1" {
		first, err := a.response.FirstHint(ctx, owners[0])
		if err != nil || !first {
			return "", err
		}
		return "Reply 1 to say that you are on it. For all else, answer in Slack.", nil
	}
	id, err := a.response.AckLast(ctx, journal.Act{By: owners[0].Actor(), Key: "sms:" + message})
	said, refused := refusal.As(err)
	switch {
	case err == nil && id == 0:
		return "Nobody is calling you. Look in Slack.", nil
	case err == nil, errors.Is(err, journal.ErrAlready):
		return fmt.Sprintf("You are on %s.", id), nil
	case refused && said.Code == "already":
		return fmt.Sprintf("You are on %s already.", id), nil
	case refused:
		return fmt.Sprintf("%s needs no answer of you any more. Look in Slack.", id), nil
	}
	return "", err
}

var keyRule = regexp.MustCompile(`^snafu-([0-9]{1,18})-p([0-9]{1,18})$`)

// pagerDutyHeard takes what PagerDuty says. That a person acknowledged a call is
// their answer if the configuration says who they are here, and if they may know of
// the incident. Of anybody else it
// stands on the card, and the call goes on: nobody could ask them whether they
// still are on it. What is resolved there is not resolved here.
func (a *App) pagerDutyHeard(w http.ResponseWriter, r *http.Request) {
	p := a.o.Config.Outbound.PagerDuty
	body := requestBody(w, r)
	if body == nil || !notify.PagerDutySigned(p.WebhookSecret.Reveal(), body, r.Header.Get("X-PagerDuty-Signature")) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), replyWithin)
	defer cancel()
	e, err := notify.ReadPagerDuty(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if err := a.acknowledged(ctx, e); err != nil {
		a.log.WarnContext(ctx, "what PagerDuty says was not recorded", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable) // it comes again
		return
	}
	w.WriteHeader(http.StatusOK)
}

func (a *App) acknowledged(ctx context.Context, e notify.PagerDutyEvent) error {
	key := keyRule.FindStringSubmatch(e.Key)
	if e.Type != "incident.acknowledged" || e.Who == "" || e.ID == "" || key == nil {
		return nil
	}
	inc, _ := strconv.ParseInt(key[1], 10, 64)
	page, _ := strconv.ParseInt(key[2], 10, 64)
	who, but, err := a.answers(ctx, incidents.ID(inc), e.Who)
	act := journal.Act{By: incidents.System("pagerduty"), Key: "pagerduty:" + e.ID}
	switch {
	case err != nil:
	case who != "":
		act.By = who.Actor()
		err = a.response.Ack(ctx, act, incidents.ID(inc), page)
	default:
		err = a.response.Heard(ctx, act, incidents.ID(inc), page, incidents.ByPagerDuty, "acknowledged there by "+or(e.Name, e.Who)+", "+but)
	}
	if _, refused := refusal.As(err); refused || errors.Is(err, journal.ErrAlready) {
		return nil
	}
	return err
}

// answers is who a user of PagerDuty is here, or else why their word is no answer:
// whoever answers is let into the incident, also into a private one.
func (a *App) answers(ctx context.Context, id incidents.ID, user string) (who incidents.Person, but string, err error) {
	if who, err = a.knownAs(ctx, user); err != nil || who == "" {
		return "", "whom I don't know here", err
	}
	if may, err := a.bot.MayAnswer(ctx, id, who); err != nil || !may {
		return "", "who was not called here", err
	}
	return who, "", nil
}

// knownAs is who a user of PagerDuty is here: as the configuration says, or else by
// their e-mail address. "" is nobody who may act.
func (a *App) knownAs(ctx context.Context, id string) (incidents.Person, error) {
	p := a.o.Config.Outbound.PagerDuty
	if user := p.People[id]; user != "" {
		who := a.workspace.Person(user)
		if full, err := a.bot.FullMember(ctx, who); err != nil || !full {
			return "", err
		}
		return who, nil
	}
	if !p.APIToken.Given() {
		return "", nil
	}
	email, err := a.reach.PagerDutyEmail(ctx, p.APIURL, p.APIToken.Reveal(), id)
	if err != nil {
		if notify.FailureOf(err).Again {
			return "", err
		}
		a.log.WarnContext(ctx, "PagerDuty does not say who acknowledged", "err", notify.FailureOf(err).Said)
		return "", nil
	}
	if email == "" {
		return "", nil
	}
	return a.bot.PersonOf(ctx, email)
}

// requestBody is the body of a request; nil if it is too large or did not come whole.
func requestBody(w http.ResponseWriter, r *http.Request) []byte {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestReply))
	if err != nil {
		return nil
	}
	return body
}
