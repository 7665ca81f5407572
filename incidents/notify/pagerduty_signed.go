package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// PagerDutySigned says whether PagerDuty signed a body with a secret of ours. While
// a secret is changed there are two signatures; one of them has to hold.
func PagerDutySigned(secret string, body []byte, header string) bool {
	if secret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	want := mac.Sum(nil)
	for _, one := range strings.Split(header, ",") {
		signature, ok := strings.CutPrefix(strings.TrimSpace(one), "v1=")
		if given, err := hex.DecodeString(signature); ok && err == nil && hmac.Equal(want, given) {
			return true
		}
	}
	return false
}

// PagerDutyEvent is what a webhook of PagerDuty, version 3, says of an incident.
type PagerDutyEvent struct {
	ID   string // the same however often it comes
	Type string // incident.acknowledged and so on
	Key  string // of the alert that we triggered
	// Who did it, if a person did: their id in PagerDuty, and their name there.
	Who, Name string
}

// ReadPagerDuty reads the body of a webhook.
func ReadPagerDuty(body []byte) (PagerDutyEvent, error) {
	var said struct {
		Event struct {
			ID    string `json:"id"`
			Type  string `json:"event_type"`
			Agent *struct {
				ID      string `json:"id"`
				Type    string `json:"type"`
				Summary string `json:"summary"`
			} `json:"agent"`
			Data struct {
				Key string `json:"incident_key"`
			} `json:"data"`
		} `json:"event"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return PagerDutyEvent{}, fmt.Errorf("read what PagerDuty says: %w", err)
	}
	e := PagerDutyEvent{ID: said.Event.ID, Type: said.Event.Type, Key: said.Event.Data.Key}
	if a := said.Event.Agent; a != nil && a.Type == "user_reference" {
		e.Who, e.Name = a.ID, a.Summary
	}
	return e, nil
}

// PagerDutyAPI is where PagerDuty tells who its users are, beside the events.
const PagerDutyAPI = "https://api.pagerduty.com"

// PagerDutyEmail returns the e-mail address of a user of PagerDuty, which a webhook
// leaves out. It takes a token that may only read.
func (r *Reach) PagerDutyEmail(ctx context.Context, base, token, user string) (string, error) {
	if base == "" {
		base = PagerDutyAPI
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/users/"+url.PathEscape(user), nil)
	if err != nil {
		return "", &Failure{Said: "the address of PagerDuty is not possible"}
	}
	req.Header.Set("Authorization", "Token token="+token)
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	got, err := r.ask(ctx, req, maxAnswer)
	if err != nil {
		return "", err
	}
	if got.status != http.StatusOK {
		return "", judged(got, fmt.Sprintf("PagerDuty answered %d", got.status))
	}
	var said struct {
		User struct {
			Email string `json:"email"`
		} `json:"user"`
	}
	if err := json.Unmarshal(got.body, &said); err != nil {
		return "", fmt.Errorf("read what PagerDuty says of a user: %w", err)
	}
	return said.User.Email, nil
}
