package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

func TestAWebhookIsSignedAndTriedAgain(t *testing.T) {
	status := http.StatusNoContent
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Snafu-Delivery") != "send-7" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, []byte("hush"))
		mac.Write([]byte(r.Header.Get("X-Snafu-Timestamp") + "." + string(body)))
		if !hmac.Equal([]byte("sha256="+hex.EncodeToString(mac.Sum(nil))), []byte(r.Header.Get("X-Snafu-Signature"))) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var e Event
		if json.Unmarshal(body, &e) != nil || e.Version != 1 || e.Event != "page.called" || e.Incident.Key != "SNAFU-42" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		w.WriteHeader(status)
	})
	e := Event{Event: "page.called", Delivery: "send-7", At: noon}
	e.Incident.Key = "SNAFU-42"
	said, err := here(t).Webhook(t.Context(), WebhookOptions{URL: url, Secret: "hush"}, e)
	require.NoError(t, err)
	require.Equal(t, "accepted", said)
	_, err = here(t).Webhook(t.Context(), WebhookOptions{URL: url, Secret: "wrong"}, e)
	require.Equal(t, "the webhook answered 401", FailureOf(err).Said)
	status = http.StatusServiceUnavailable
	_, err = here(t).Webhook(t.Context(), WebhookOptions{URL: url, Secret: "hush"}, e)
	require.True(t, FailureOf(err).Again)
}

// pagerDuty is the documented contract of the Events API v2, to the letter.
func pagerDuty(t *testing.T, seen *[]map[string]any) http.HandlerFunc {
	t.Helper()
	known := map[string]bool{"routing_key": true, "event_action": true, "dedup_key": true, "payload": true, "client": true, "client_url": true, "links": true, "images": true}
	return func(w http.ResponseWriter, r *http.Request) {
		var e map[string]any
		bad := func(why string) {
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]any{"status": "invalid event", "message": "Event object is invalid", "errors": []string{why}})
		}
		if r.Method != http.MethodPost || r.URL.Path != "/v2/enqueue" || r.Header.Get("Content-Type") != "application/json" || json.NewDecoder(r.Body).Decode(&e) != nil {
			bad("not JSON")
			return
		}
		for key := range e {
			if !known[key] {
				bad(key)
				return
			}
		}
		key, _ := e["routing_key"].(string)
		dedup, _ := e["dedup_key"].(string)
		action, _ := e["event_action"].(string)
		switch {
		case len(key) != 32:
			bad("'routing_key' has an invalid length")
			return
		case !slices.Contains([]string{"trigger", "acknowledge", "resolve"}, action):
			bad("event_action")
			return
		case len(dedup) > 255, action != "trigger" && dedup == "":
			bad("dedup_key")
			return
		}
		if action == "trigger" {
			p, _ := e["payload"].(map[string]any)
			summary, _ := p["summary"].(string)
			source, _ := p["source"].(string)
			severity, _ := p["severity"].(string)
			at, _ := p["timestamp"].(string)
			if _, err := time.Parse(time.RFC3339, at); summary == "" || len([]rune(summary)) > 1024 || source == "" || err != nil ||
				!slices.Contains([]string{"critical", "error", "warning", "info"}, severity) {
				bad("payload")
				return
			}
		}
		*seen = append(*seen, e)
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "message": "Event processed", "dedup_key": dedup})
	}
}

func TestPagerDutyTakesWhatWeSendByItsContract(t *testing.T) {
	var seen []map[string]any
	o := PagerDutyOptions{URL: server(t, pagerDuty(t, &seen)) + "/v2/enqueue", RoutingKey: strings.Repeat("a", 32)}
	a := Alert{Action: "trigger", Key: "snafu-42-p7", Summary: strings.Repeat("ä", 3000), Severity: "critical", Source: "crm", URL: "https://slack.com/app_redirect?channel=C1", At: noon}
	for _, action := range []string{"trigger", "acknowledge", "resolve"} {
		a.Action = action
		said, err := here(t).PagerDuty(t.Context(), o, a)
		require.NoError(t, err)
		require.Equal(t, "accepted", said)
	}
	require.Len(t, seen, 3)
	o.RoutingKey = "short"
	_, err := here(t).PagerDuty(t.Context(), o, a)
	require.Equal(t, "PagerDuty answered 400 invalid event", FailureOf(err).Said)
	require.False(t, FailureOf(err).Again, "a wrong key does not become right")

	limited := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	_, err = here(t).PagerDuty(t.Context(), PagerDutyOptions{URL: limited, RoutingKey: o.RoutingKey}, a)
	require.True(t, FailureOf(err).Again)
	require.Equal(t, 30*time.Second, FailureOf(err).After)
}

const account = "AC0123456789abcdef0123456789abcdef"

// twilio is the documented contract of creating a call or a message, to the letter.
func twilio(calls *[]string) http.HandlerFunc {
	number := regexp.MustCompile(`^\+[1-9]\d{1,14}$`)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		refuse := func(status, code int) {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]any{"code": code, "message": "refused", "status": status})
		}
		user, token, _ := r.BasicAuth()
		var speech struct {
			XMLName xml.Name `xml:"Response"`
			Say     []string `xml:"Say"`
		}
		switch {
		case user != account || token != "hush":
			refuse(http.StatusUnauthorized, 20003)
		case r.Method != http.MethodPost || !strings.HasPrefix(r.URL.Path, "/2010-04-01/Accounts/"+account+"/"):
			refuse(http.StatusNotFound, 20404)
		case r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
			refuse(http.StatusUnsupportedMediaType, 20415)
		case !number.MatchString(r.FormValue("To")):
			refuse(http.StatusBadRequest, 21211)
		case !number.MatchString(r.FormValue("From")):
			refuse(http.StatusBadRequest, 21212)
		case strings.HasSuffix(r.URL.Path, "/Messages.json"):
			if body := r.FormValue("Body"); body == "" || len([]rune(body)) > 1600 || r.FormValue("Twiml") != "" {
				refuse(http.StatusBadRequest, 21602)
				return
			}
			*calls = append(*calls, r.FormValue("To")+": "+r.FormValue("Body"))
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(map[string]any{"sid": "SM" + strings.Repeat("0", 32), "status": "accepted"})
		case !strings.HasSuffix(r.URL.Path, "/Calls.json"):
			refuse(http.StatusNotFound, 20404)
		case len(r.FormValue("Twiml")) > 4000 || xml.Unmarshal([]byte(r.FormValue("Twiml")), &speech) != nil:
			refuse(http.StatusBadRequest, 12100)
		default:
			*calls = append(*calls, r.FormValue("To")+": "+strings.Join(speech.Say, " | "))
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(map[string]any{"sid": "CA" + strings.Repeat("0", 32), "status": "queued"})
		}
	}
}

func TestTwilioCallsAndReadsTwiceAndSendsTexts(t *testing.T) {
	var calls []string
	o := TwilioOptions{URL: server(t, twilio(&calls)), Account: account, Token: "hush", From: "+442079460000"}
	said, err := here(t).Call(t.Context(), o, "+491701234567", `Leads & "prices" <moved>`)
	require.NoError(t, err)
	require.Equal(t, "queued", said, "Twilio's own word")
	require.Equal(t, []string{`+491701234567: Leads & "prices" <moved> | Leads & "prices" <moved>`}, calls)

	_, err = here(t).Call(t.Context(), o, "0170", "x")
	require.Equal(t, "Twilio answered 400 (error 21211)", FailureOf(err).Said)
	require.False(t, FailureOf(err).Again)
	o.Token = "wrong"
	_, err = here(t).Call(t.Context(), o, "+491701234567", "x")
	require.Equal(t, "Twilio answered 401 (error 20003)", FailureOf(err).Said)
	require.NotContains(t, err.Error(), account)

	o.Token = "hush"
	said, err = here(t).SMS(t.Context(), o, "+491701234567", "SNAFU-42 needs you. Answer in Slack.")
	require.NoError(t, err)
	require.Equal(t, "accepted", said, "which is not delivered")
	require.Equal(t, "+491701234567: SNAFU-42 needs you. Answer in Slack.", calls[1])
	_, err = here(t).SMS(t.Context(), o, "+491701234567", "")
	require.Equal(t, "Twilio answered 400 (error 21602)", FailureOf(err).Said)

	require.NoError(t, CheckPhone("+442079460000"))
	require.Error(t, CheckPhone("020 7946 0000"))
	require.NoError(t, CheckAccount(account))
	require.Error(t, CheckAccount("SK1"))
}
