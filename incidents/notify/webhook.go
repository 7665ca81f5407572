package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// WebhookOptions say where events go, and the secret that signs them.
type WebhookOptions struct {
	URL, Secret string
}

// Event is what a webhook is told, version 1. It holds no record's value.
type Event struct {
	Version  int       `json:"version"`
	Event    string    `json:"event"`    // page.called, incident.opened, update.posted and so on
	Delivery string    `json:"delivery"` // the same at each try
	At       time.Time `json:"at"`       // when it happened
	Incident Subject   `json:"incident"`
	Page     *Page     `json:"page,omitempty"`   // of page.*
	Change   *Change   `json:"change,omitempty"` // of incident.*, where something was otherwise before
	Update   *Update   `json:"update,omitempty"` // of update.posted
}

// Subject is the incident as it stands when an event is sent.
type Subject struct {
	Key      string `json:"key"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Phase    string `json:"phase"`
	URL      string `json:"url,omitempty"`
}

// Page is one call.
type Page struct {
	ID     int64    `json:"id"`
	Rota   string   `json:"rota,omitempty"`
	Step   int64    `json:"step"`
	People []string `json:"people"` // Slack user ids
}

// Change is a phase, a severity or a lead, before and after.
type Change struct {
	Was string `json:"was,omitempty"`
	Now string `json:"now"`
}

// Update is what was told to all who wait. One that was for the channel alone has
// no words here.
type Update struct {
	Number  int64      `json:"number"`
	Changed string     `json:"changed,omitempty"`
	Next    string     `json:"next,omitempty"`
	Need    string     `json:"need,omitempty"`
	NextBy  *time.Time `json:"next_by,omitempty"`
}

// Webhook sends one event, signed: X-Snafu-Signature is "sha256=" and the
// HMAC-SHA256, in hex, of the timestamp in X-Snafu-Timestamp, a dot and the body.
func (r *Reach) Webhook(ctx context.Context, o WebhookOptions, e Event) (string, error) {
	e.Version = 1
	body, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encode event: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL, bytes.NewReader(body))
	if err != nil {
		return "", &Failure{Said: "the address of the webhook is not possible"}
	}
	stamp := strconv.FormatInt(e.At.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(o.Secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Snafu-Delivery", e.Delivery)
	req.Header.Set("X-Snafu-Timestamp", stamp)
	req.Header.Set("X-Snafu-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	got, err := r.ask(ctx, req, maxAnswer)
	if err != nil {
		return "", err
	}
	if got.status/100 != 2 {
		f := judged(got, fmt.Sprintf("the webhook answered %d", got.status))
		f.Again = true // any answer but success may be a receiver that is not ready
		return "", f
	}
	return "accepted", nil
}
