package app

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// answering is a program that hears what comes back from outside.
type answering struct {
	*testing.T
	app  *App
	out  *others
	door string
	ana  incidents.Person
	sim  *slacksim.Sim
	n    int
}

const repliesAt = "https://snafu.example.com/twilio/sms"

func newAnswering(t *testing.T) *answering {
	t.Helper()
	const messages = "/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json"
	out := &others{status: map[string]int{messages: http.StatusCreated, "/pd": http.StatusAccepted}}
	server := httptest.NewServer(out)
	t.Cleanup(server.Close)
	s := newStand(t)
	user := func(name string) string {
		p, err := s.sim.As(name).Profile()
		require.NoError(t, err)
		return p.ID
	}
	ana, ben := user("ana"), user("ben")
	s.config.Rotas = map[string]RotaConfig{"crm-data": {Zone: "UTC", Anchor: "2026-01-05", Members: []string{ana}}}
	s.config.Outbound = OutboundConfig{
		Allow: []string{"127.0.0.1"},
		Twilio: TwilioConfig{
			Account: "AC0123456789abcdef0123456789abcdef", From: "+442079460001", URL: server.URL, Token: NewSecret("hush"), By: "sms", ReplyURL: repliesAt,
		},
		PagerDuty: PagerDutyConfig{
			RoutingKeyEnv: "KEY", URL: server.URL + "/pd", RoutingKey: NewSecret("key"), WebhookSecretEnv: "HOOK", WebhookSecret: NewSecret("hush"),
			People: map[string]string{"PBEN": ben}, APIURL: server.URL,
		},
	}
	a, err := Open(t.Context(), s.options())
	require.NoError(t, err)
	t.Cleanup(a.Close)
	door := httptest.NewServer(a.bot.Signed())
	t.Cleanup(door.Close)
	return &answering{T: t, app: a, out: out, door: door.URL, ana: a.workspace.Person(ana), sim: s.sim}
}

func (w *answering) act() journal.Act {
	w.n++
	return journal.Act{By: w.ana.Actor(), Key: fmt.Sprint("act ", w.n)}
}

// called opens a snafu and calls ana.
func (w *answering) called(title string) (incidents.ID, int64) {
	id, err := w.app.response.Open(w.Context(), w.act(), response.OpenRequest{Title: title, Reporter: w.ana, Severity: incidents.SEV3})
	require.NoError(w, err)
	require.NoError(w, w.app.response.Call(w.Context(), w.act(), id, response.Target{Person: w.ana}, ""))
	return id, w.page(id).ID
}

func (w *answering) page(id incidents.ID) incidents.Page {
	pages, err := w.app.response.Pages(w.Context(), id)
	require.NoError(w, err)
	return pages[len(pages)-1]
}

// text is what Twilio posts when somebody texts back. Who reads that it was not
// recorded, as on a busy machine, texts again.
func (w *answering) text(token, from, body, message string) (status int, said string) {
	for range 10 {
		if status, said = w.texts(token, from, body, message); !strings.Contains(said, "not recorded") {
			break
		}
	}
	return status, said
}

func (w *answering) texts(token, from, body, message string) (int, string) {
	form := url.Values{"From": {from}, "Body": {body}, "MessageSid": {message}, "To": {"+442079460001"}}
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = io.WriteString(mac, repliesAt+"Body"+body+"From"+from+"MessageSid"+message+"To+442079460001")
	return w.post("/twilio/sms", "application/x-www-form-urlencoded", form.Encode(), "X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// says is what PagerDuty posts, again and again until it is taken.
func (w *answering) says(secret, event, kind, key, who, name string) (status int) {
	for range 10 {
		if status = w.saysOnce(secret, event, kind, key, who, name); status != http.StatusServiceUnavailable {
			break
		}
	}
	return status
}

func (w *answering) saysOnce(secret, event, kind, key, who, name string) int {
	body := fmt.Sprintf(`{"event":{"id":%q,"event_type":%q,"agent":{"id":%q,"type":"user_reference","summary":%q},"data":{"incident_key":%q}}}`, event, kind, who, name, key)
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, body)
	status, _ := w.post("/pagerduty/events", "application/json", body, "X-PagerDuty-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	return status
}

func (w *answering) post(path, kind, body, header, signature string) (int, string) {
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.door+path, strings.NewReader(body))
	require.NoError(w, err)
	req.Header.Set("Content-Type", kind)
	req.Header.Set(header, signature)
	res, err := http.DefaultClient.Do(req)
	require.NoError(w, err)
	said, err := io.ReadAll(res.Body)
	require.NoError(w, err)
	require.NoError(w, res.Body.Close())
	return res.StatusCode, string(said)
}

func TestAReplyOfOneFromAVerifiedNumberIsAnAnswer(t *testing.T) {
	t.Parallel()
	w := newAnswering(t)
	const number = "+442079460000"
	require.NoError(t, w.app.response.SetContact(t.Context(), w.act(), incidents.ByPhone, number))
	require.NoError(t, w.app.sendCode(t.Context(), jobs.Job[response.SendCode]{Args: response.SendCode{Person: w.ana, Way: incidents.ByPhone}}))
	form, err := url.ParseQuery(w.out.got[0][strings.Index(w.out.got[0], " ")+1:])
	require.NoError(t, err)
	_, before := w.text("hush", number, "1", "SM0")
	require.Equal(t, "<Response></Response>", before, "a number that nobody has verified is a stranger's")
	code := strings.TrimPrefix(form.Get("Body"), "Your snafu code is ")[:6]
	_, err = w.app.response.Verify(t.Context(), w.act(), code)
	require.NoError(t, err)

	first, _ := w.called("Leads were overwritten")
	second, _ := w.called("Prices are off")
	for _, s := range w.page(second).Sends {
		require.NoError(t, w.app.notify(t.Context(), jobs.Job[response.Notify]{Args: response.Notify{Send: s.ID}}))
	}
	form, err = url.ParseQuery(w.out.got[1][strings.Index(w.out.got[1], " ")+1:])
	require.NoError(t, err)
	require.Equal(t, "SNAFU-2 needs you. Reply 1 to say that you are on it.", form.Get("Body"), "no title goes by text")
	require.Equal(t, []string{number}, form["To"])
	require.Equal(t, incidents.BySMS, w.page(second).Sends[0].Way)

	status, _ := w.text("wrong", number, "1", "SM1")
	require.Equal(t, http.StatusUnauthorized, status)
	require.Equal(t, incidents.PageCalling, w.page(second).State, "nobody is believed whom Twilio did not sign")
	at := time.Now() // for as long as hints are counted
	w.app.db.Clock = func() time.Time { return at }
	_, said := w.text("hush", number, "what?", "SM2")
	require.Equal(t, "<Response><Message>Reply 1 to say that you are on it. For all else, answer in Slack.</Message></Response>", said)
	_, said = w.text("hush", number, "I drive", "SM21")
	require.Equal(t, "<Response></Response>", said, "a telephone that answers by itself is not answered for ever")
	w.app.db.Clock = nil
	_, said = w.text("hush", number, " 1\n", "SM3")
	require.Equal(t, "<Response><Message>You are on SNAFU-2.</Message></Response>", said)
	p := w.page(second)
	require.Equal(t, incidents.PageAnswered, p.State)
	require.Equal(t, w.ana, p.AnsweredBy)
	require.Equal(t, incidents.PageCalling, w.page(first).State, "the older call still wants an answer")

	_, said = w.text("hush", number, "1", "SM3")
	require.Equal(t, "<Response><Message>You are on SNAFU-2.</Message></Response>", said, "what was answered the first time")
	require.Equal(t, incidents.PageCalling, w.page(first).State, "the same message is no second answer")
	_, said = w.text("hush", number, "1", "SM4")
	require.Equal(t, "<Response><Message>You are on SNAFU-1.</Message></Response>", said)
	_, said = w.text("hush", number, "1", "SM5")
	require.Equal(t, "<Response><Message>You are on SNAFU-2 already.</Message></Response>", said)
	_, said = w.text("hush", "+442079460009", "1", "SM6")
	require.Equal(t, "<Response></Response>", said)
}

func TestAcknowledgingInPagerDutyIsAnAnswerOfWhoIsKnownHere(t *testing.T) {
	t.Parallel()
	w := newAnswering(t)
	id, page := w.called("Prices are off")
	key := fmt.Sprintf("snafu-%d-p%d", id, page)
	require.Equal(t, http.StatusUnauthorized, w.says("wrong", "E1", "incident.acknowledged", key, "PBEN", "Ben"))
	require.Equal(t, http.StatusOK, w.says("hush", "E2", "incident.resolved", key, "PBEN", "Ben"))
	require.Equal(t, http.StatusOK, w.says("hush", "E3", "incident.acknowledged", "another alert", "PBEN", "Ben"))
	require.Equal(t, http.StatusOK, w.says("hush", "E4", "incident.acknowledged", "snafu-99-p99", "PBEN", "Ben"))
	require.Equal(t, incidents.PageCalling, w.page(id).State, "what is resolved there is not resolved here")

	for range 2 {
		require.Equal(t, http.StatusOK, w.says("hush", "E5", "incident.acknowledged", key, "PX", "Rosa <!channel>"))
	}
	p := w.page(id)
	require.Equal(t, incidents.PageCalling, p.State, "the call goes on")
	require.Contains(t, p.Sends[1].Words().String(), "PagerDuty: acknowledged there by Rosa <!channel>, whom I don't know here")
	require.Len(t, p.Sends, 2, "it is said once")

	w.app.o.Config.Outbound.PagerDuty.APIToken = NewSecret("read")
	w.out.status["/users/PZ"] = http.StatusServiceUnavailable
	require.Equal(t, http.StatusServiceUnavailable, w.saysOnce("hush", "E8", "incident.acknowledged", key, "PZ", "Zoe"), "it comes again")
	w.out.status["/users/PZ"] = http.StatusNotFound
	require.Equal(t, http.StatusOK, w.says("hush", "E8", "incident.acknowledged", key, "PZ", "Zoe"))
	require.Equal(t, incidents.PageCalling, w.page(id).State)

	require.Equal(t, http.StatusOK, w.says("hush", "E6", "incident.acknowledged", key, "PBEN", "Ben"))
	p = w.page(id)
	require.Equal(t, incidents.PageAnswered, p.State)
	require.Equal(t, w.app.o.Config.Outbound.PagerDuty.People["PBEN"], p.AnsweredBy.User())
	require.Equal(t, http.StatusOK, w.says("hush", "E7", "incident.acknowledged", key, "PBEN", "Ben"), "who is on it already is")

	id, page = w.called("Leads were overwritten")
	w.out.status["/users/PCHI"], w.out.says = http.StatusOK, `{"user":{"email":"chi@example.com"}}`
	require.Equal(t, http.StatusOK, w.says("hush", "E9", "incident.acknowledged", fmt.Sprintf("snafu-%d-p%d", id, page), "PCHI", "Chi"))
	chi, err := w.sim.As("chi").Profile()
	require.NoError(t, err)
	require.Equal(t, chi.ID, w.page(id).AnsweredBy.User(), "known by the e-mail address")
}

func TestAcknowledgingInPagerDutyLetsNobodyIntoAPrivateSnafu(t *testing.T) {
	t.Parallel()
	w := newAnswering(t)
	ana := w.ana.User()
	w.app.o.Config.Outbound.PagerDuty.People["PANA"], w.app.o.Config.Outbound.PagerDuty.People["PGONE"] = ana, "U0NOBODY99"
	chi, err := w.sim.As("chi").Profile()
	require.NoError(t, err)
	lead := w.app.workspace.Person(chi.ID)
	id, err := w.app.response.Open(t.Context(), journal.Act{By: lead.Actor(), Key: "open"}, response.OpenRequest{Title: "Somebody was paid twice", Reporter: lead, Private: true, Severity: incidents.SEV3})
	require.NoError(t, err)
	require.NoError(t, w.app.response.Call(t.Context(), journal.Act{By: lead.Actor(), Key: "call"}, id, response.Target{Person: w.ana}, ""))
	key := fmt.Sprintf("snafu-%d-p%d", id, w.page(id).ID)

	require.Equal(t, http.StatusOK, w.says("hush", "E1", "incident.acknowledged", key, "PBEN", "Ben"))
	p := w.page(id)
	require.Equal(t, incidents.PageCalling, p.State, "nobody called ben for it")
	require.Contains(t, p.Sends[len(p.Sends)-1].Said, "acknowledged there by Ben, who was not called here")

	require.Equal(t, http.StatusOK, w.says("hush", "E2", "incident.acknowledged", key, "PGONE", "Gone"), "who has no account will never have one")
	p = w.page(id)
	require.Contains(t, p.Sends[len(p.Sends)-1].Said, "acknowledged there by Gone, whom I don't know here")

	require.Equal(t, http.StatusOK, w.says("hush", "E3", "incident.acknowledged", key, "PANA", "Ana"))
	require.Equal(t, w.ana, w.page(id).AnsweredBy)
}
