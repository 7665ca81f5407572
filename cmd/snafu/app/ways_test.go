package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// others is a server in place of PagerDuty, Twilio and a webhook.
type others struct {
	mu     sync.Mutex
	got    []string
	status map[string]int
	says   string
}

func (o *others) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.got = append(o.got, r.URL.Path+" "+string(body))
	w.WriteHeader(o.status[r.URL.Path])
	_, _ = io.WriteString(w, o.says)
}

func TestACallGoesOutBesideSlackAndItsCardSaysWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	const calls = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Calls.json"
	out := &others{status: map[string]int{"/pd": http.StatusAccepted, "/hook": http.StatusBadGateway, calls: http.StatusCreated}}
	server := httptest.NewServer(out)
	t.Cleanup(server.Close)
	s := newStand(t)
	ana, err := s.sim.As("ana").Profile()
	require.NoError(t, err)
	s.config.Rotas = map[string]RotaConfig{"crm-data": {Zone: "UTC", Anchor: "2026-01-05", Members: []string{ana.ID}}}
	s.config.Outbound = OutboundConfig{
		Allow: []string{"127.0.0.1"}, Contacts: map[string]ContactConfig{ana.ID: {Phone: "+442079460000"}},
		Twilio:    TwilioConfig{Account: "AC0123456789abcdef0123456789abcdef", From: "+442079460001", URL: server.URL, Token: NewSecret("hush")},
		PagerDuty: PagerDutyConfig{RoutingKeyEnv: "KEY", URL: server.URL + "/pd", RoutingKey: NewSecret("key")},
		Webhook:   WebhookConfig{URL: server.URL + "/hook", Secret: NewSecret("hush")},
	}
	a, err := Open(t.Context(), s.options())
	require.NoError(t, err)
	t.Cleanup(a.Close)
	person := a.workspace.Person(ana.ID)
	act := func(key string) journal.Act { return journal.Act{By: person.Actor(), Key: key} }
	// What the file names is verified by its owner: a code is read to them.
	require.NoError(t, a.sendCode(t.Context(), jobs.Job[response.SendCode]{Args: response.SendCode{Person: person, Way: incidents.ByPhone}}))
	_, form, _ := strings.Cut(out.got[0], " ")
	said, err := url.ParseQuery(form)
	require.NoError(t, err)
	code := regexp.MustCompile(`is ([0-9, ]+)\.`).FindStringSubmatch(said.Get("Twiml"))[1]
	_, err = a.response.Verify(t.Context(), act("code"), strings.ReplaceAll(code, ",", ""))
	require.NoError(t, err)
	out.got = nil
	id, err := a.response.Open(t.Context(), act("open"), response.OpenRequest{Title: "Prices are off", Reporter: person, Severity: incidents.SEV3})
	require.NoError(t, err)
	require.NoError(t, a.response.Call(t.Context(), act("call"), id, response.Target{Person: person}, ""))
	page := func() incidents.Page {
		pages, err := a.response.Pages(t.Context(), id)
		require.NoError(t, err)
		return pages[0]
	}
	send := func(way, event string) error {
		for _, x := range page().Sends {
			if x.Way == way && x.Event == event {
				return a.notify(t.Context(), jobs.Job[response.Notify]{Args: response.Notify{Send: x.ID}})
			}
		}
		t.Fatalf("nothing is to be sent by %s", way)
		return nil
	}
	require.NoError(t, send("phone", "called"))
	require.NoError(t, send("phone", "called"), "done once is done")
	require.NoError(t, send("pagerduty", "called"))
	require.Error(t, send("webhook", "called"), "a receiver that is not ready is asked again later")
	require.Len(t, out.got, 3)
	require.Contains(t, out.got[0], "To=%2B442079460000")
	require.Contains(t, out.got[1], `"event_action":"trigger"`)
	require.Contains(t, out.got[1], `"severity":"warning"`)
	require.Contains(t, out.got[2], `"event":"page.called"`)
	require.Contains(t, out.got[2], ana.ID)

	require.NoError(t, a.response.Ack(t.Context(), act("ack"), id, 0))
	require.NoError(t, send("pagerduty", "answered"))
	require.Contains(t, out.got[3], `"event_action":"acknowledge"`)
	require.NoError(t, send("webhook", "called"), "nobody is told of a call that was answered")
	require.Len(t, out.got, 4)
	for range 6 {
		_ = send("webhook", "answered")
	}
	var became []string
	for _, x := range page().Sends {
		became = append(became, x.Way+" "+x.Event+" "+x.State+" "+x.Said)
	}
	slices.Sort(became)
	require.Equal(t, []string{
		"pagerduty answered accepted accepted", "pagerduty called accepted accepted", "phone called accepted accepted",
		"webhook answered refused the webhook answered 502", "webhook called refused no longer needed",
	}, became)
}

func TestWhatGoesOutIsCheckedAtTheStart(t *testing.T) {
	for name, c := range map[string]struct{ is, want string }{
		"no number":     {"outbound: {contacts: {U0TOM: {phone: \"0170 1234\"}}}\n", "is no telephone number. Write it with its country"},
		"no address":    {"outbound: {contacts: {U0TOM: {email: tom}}}\n", `"tom" is no e-mail address`},
		"nobody":        {"outbound: {contacts: {tom: {email: tom@example.com}}}\n", `"tom" is not a Slack user id`},
		"no server":     {"outbound: {mail: {from: snafu@example.com}}\n", "outbound.mail.host is missing"},
		"no account":    {"outbound: {twilio: {account: SK1, from: \"+442079460000\", token_env: SNAFU_DATABASE_URL}}\n", "is no account of Twilio"},
		"no token":      {"outbound: {twilio: {account: AC0123456789abcdef0123456789abcdef, from: \"+442079460000\"}}\n", "outbound.twilio.token is missing. Name it with token_env or token_file."},
		"no key":        {"outbound: {pagerduty: {url: \"https://events.eu.pagerduty.com/v2/enqueue\"}}\n", "outbound.pagerduty.routing_key is missing"},
		"no secret":     {"outbound: {webhook: {url: \"https://example.com/\"}}\n", "outbound.webhook.secret is missing"},
		"no listener":   {"outbound: {twilio: {account: AC0123456789abcdef0123456789abcdef, from: \"+442079460000\", token_env: SNAFU_DATABASE_URL, by: sms, reply_url: \"https://example.com/twilio/sms\"}}\n", "Replies are heard only where slack.listen says"},
		"no text":       {"outbound: {twilio: {account: AC0123456789abcdef0123456789abcdef, from: \"+442079460000\", token_env: SNAFU_DATABASE_URL, reply_url: \"https://example.com/twilio/sms\"}}\n", "No text is sent that could be replied to."},
		"by pigeon":     {"outbound: {twilio: {account: AC0123456789abcdef0123456789abcdef, from: \"+442079460000\", token_env: SNAFU_DATABASE_URL, by: pigeon}}\n", "Write call, sms or both."},
		"unheard":       {"outbound: {pagerduty: {routing_key_env: SNAFU_DATABASE_URL, webhook_secret_env: SNAFU_DATABASE_URL}}\n", "What PagerDuty says is heard only where slack.listen says"},
		"nobody hears":  {"outbound: {pagerduty: {routing_key_env: SNAFU_DATABASE_URL, people: {PBEN: U0BEN}}}\n", "They answer in PagerDuty, which is heard only with webhook_secret_env"},
		"a strange way": {"outbound: {mail: {host: mail.example.com, from: snafu@example.com, security: hope}}\n", "Write starttls, implicit or none."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := example(t, exampleEnv, "ladder:\n", c.is+"ladder:\n")
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := example(t, exampleEnv, "ladder:\n", "outbound: {contacts: {U0TOM: {email: tom@example.com}}, mail: {host: mail.example.com, from: snafu@example.com}}\nladder:\n")
	require.NoError(t, err)
}
