package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// What Twilio gives as an example of its signatures.
func TestOnlyWhatTwilioSignedIsBelieved(t *testing.T) {
	const token, address, signature = "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	form := func(edits ...string) url.Values {
		v := url.Values{
			"CallSid": {"CA1234567890ABCDE"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}, "Caller": {"+14158675309"},
		}
		for n := 0; n < len(edits); n += 2 {
			v.Set(edits[n], edits[n+1])
		}
		return v
	}
	require.True(t, TwilioSigned(token, address, form(), signature))
	require.True(t, TwilioSigned(token, "https://mycompany.com:443/myapp.php?foo=1&bar=2", form(), signature), "Twilio leaves the port out")
	require.False(t, TwilioSigned("54321", address, form(), signature), "another account")
	require.False(t, TwilioSigned(token, "https://mycompany.com/myapp.php", form(), signature), "another address")
	require.False(t, TwilioSigned(token, address, form("From", "+442079460000"), signature), "another number")
	require.False(t, TwilioSigned(token, address, form("Body", "1"), signature), "one field more")
	require.False(t, TwilioSigned(token, address, form(), "not base64"))
	require.False(t, TwilioSigned(token, address, form(), ""))
	require.False(t, TwilioSigned("", address, form(), signature), "no token is no token that anybody may use")
}

const acknowledged = `{"event":{"id":"01DDD4A1","event_type":"incident.acknowledged","resource_type":"incident","occurred_at":"2026-03-28T12:00:00.000Z",
	"agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV","self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Ben B","type":"user_reference"},
	"client":null,"data":{"id":"PGR0VU2","type":"incident","number":2,"status":"acknowledged","incident_key":"snafu-42-p7","title":"SNAFU-42"}}}`

func TestPagerDutyTellsTheAddressOfAUser(t *testing.T) {
	base := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Token token=hush" || r.Header.Get("Accept") != "application/vnd.pagerduty+json;version=2":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method != http.MethodGet || r.URL.Path != "/users/PLH1HKV":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = io.WriteString(w, `{"user":{"id":"PLH1HKV","type":"user","name":"Ben B","email":"ben@example.com"}}`)
		}
	})
	email, err := here(t).PagerDutyEmail(t.Context(), base, "hush", "PLH1HKV")
	require.NoError(t, err)
	require.Equal(t, "ben@example.com", email)
	_, err = here(t).PagerDutyEmail(t.Context(), base, "hash", "PLH1HKV")
	require.Equal(t, "PagerDuty answered 401", FailureOf(err).Said)
	require.False(t, FailureOf(err).Again)
	_, err = here(t).PagerDutyEmail(t.Context(), base, "hush", "../services")
	require.Equal(t, "PagerDuty answered 404", FailureOf(err).Said)
}

func TestOnlyWhatPagerDutySignedIsBelieved(t *testing.T) {
	mac := hmac.New(sha256.New, []byte("hush"))
	mac.Write([]byte(acknowledged))
	signature := "v1=" + hex.EncodeToString(mac.Sum(nil))
	require.True(t, PagerDutySigned("hush", []byte(acknowledged), signature))
	require.True(t, PagerDutySigned("hush", []byte(acknowledged), "v1=00ff, "+signature), "while a secret is changed there are two")
	require.False(t, PagerDutySigned("hash", []byte(acknowledged), signature))
	require.False(t, PagerDutySigned("hush", []byte(acknowledged+" "), signature))
	require.False(t, PagerDutySigned("hush", []byte(acknowledged), signature[3:]), "no version")
	require.False(t, PagerDutySigned("hush", []byte(acknowledged), ""))
	require.False(t, PagerDutySigned("", []byte(acknowledged), signature))

	e, err := ReadPagerDuty([]byte(acknowledged))
	require.NoError(t, err)
	require.Equal(t, PagerDutyEvent{ID: "01DDD4A1", Type: "incident.acknowledged", Key: "snafu-42-p7", Who: "PLH1HKV", Name: "Ben B"}, e)
	e, err = ReadPagerDuty([]byte(`{"event":{"id":"1","event_type":"incident.acknowledged","agent":{"id":"P1","type":"inbound_integration_reference","summary":"snafu"},"data":{}}}`))
	require.NoError(t, err)
	require.Empty(t, e.Who, "what we told PagerDuty ourselves is nobody's word")
	_, err = ReadPagerDuty([]byte(`{`))
	require.Error(t, err)
}
