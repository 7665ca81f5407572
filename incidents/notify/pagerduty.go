package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// PagerDutyURL is where PagerDuty takes events; accounts in Europe have another.
const PagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// PagerDutyOptions say where alerts go.
type PagerDutyOptions struct {
	URL        string // PagerDutyURL if empty
	RoutingKey string
}

// Alert is one event of the Events API, version 2.
type Alert struct {
	Action   string // trigger, acknowledge or resolve
	Key      string // the same for all events of one call
	Summary  string
	Severity string // critical, error, warning or info
	Source   string
	URL      string
	At       time.Time
}

const maxSummary = 1024

// PagerDuty sends one event. The same event twice is one: the key says so.
func (r *Reach) PagerDuty(ctx context.Context, o PagerDutyOptions, a Alert) (string, error) {
	event := map[string]any{"routing_key": o.RoutingKey, "event_action": a.Action, "dedup_key": a.Key}
	if a.Action == "trigger" {
		summary := []rune(a.Summary)
		event["payload"] = map[string]any{
			"summary": string(summary[:min(len(summary), maxSummary)]), "source": a.Source, "severity": a.Severity,
			"timestamp": a.At.UTC().Format(time.RFC3339),
		}
		event["client"] = "snafu"
		if a.URL != "" {
			event["links"] = []map[string]string{{"href": a.URL, "text": "The incident's channel in Slack"}}
		}
	}
	body, err := json.Marshal(event)
	if err != nil {
		return "", fmt.Errorf("encode alert: %w", err)
	}
	url := o.URL
	if url == "" {
		url = PagerDutyURL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "", &Failure{Said: "the address of PagerDuty is not possible"}
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := r.ask(ctx, req, maxAnswer)
	if err != nil {
		return "", err
	}
	var said struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(got.body, &said) // what is no JSON says nothing
	if got.status != http.StatusAccepted {
		return "", judged(got, fmt.Sprintf("PagerDuty answered %d %s", got.status, said.Status))
	}
	return "accepted", nil
}
