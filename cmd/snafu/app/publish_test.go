package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/notify"
	"snafu/incidents/pgdb/jobs"
	"snafu/incidents/response"
)

// hook is a receiver of webhooks as the README tells people to write one: it takes
// nothing that is not signed, and one delivery once.
type hook struct {
	mu     sync.Mutex
	secret string
	busy   bool
	tries  []string
	got    []notify.Event
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write([]byte(r.Header.Get("X-Snafu-Timestamp") + "." + string(body)))
	if !hmac.Equal([]byte("sha256="+hex.EncodeToString(mac.Sum(nil))), []byte(r.Header.Get("X-Snafu-Signature"))) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries = append(h.tries, r.Header.Get("X-Snafu-Delivery"))
	var e notify.Event
	if h.busy || json.Unmarshal(body, &e) != nil || e.Delivery != r.Header.Get("X-Snafu-Delivery") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h.got = append(h.got, e)
}

const publishAsked = `select args from river.river_job where kind = 'publish' order by id`

func TestAWebhookIsToldOfAnIncidentFromItsOpeningOn(t *testing.T) {
	t.Parallel()
	h := &hook{secret: "hush"}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s := newStand(t)
	s.config.Outbound = OutboundConfig{Allow: []string{"127.0.0.1"}, Webhook: WebhookConfig{URL: server.URL, Secret: NewSecret("hush")}}
	a, err := Open(t.Context(), s.options())
	require.NoError(t, err)
	t.Cleanup(a.Close)
	ana, err := s.sim.As("ana").Profile()
	require.NoError(t, err)
	person := a.workspace.Person(ana.ID)
	act := func(key string) journal.Act { return journal.Act{By: person.Actor(), Key: key} }
	asked := func() (all []jobs.Job[journal.Publish]) {
		rows, err := a.db.Pool().Query(t.Context(), publishAsked)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var job jobs.Job[journal.Publish]
			require.NoError(t, rows.Scan(&job.Args))
			all = append(all, job)
		}
		require.NoError(t, rows.Err())
		return all
	}
	open := func(key string, r response.OpenRequest) incidents.ID {
		r.Reporter, r.Title, r.Severity = person, key, incidents.SEV3
		id, err := a.response.Open(t.Context(), act(key), r)
		require.NoError(t, err)
		return id
	}

	id := open("Prices are off", response.OpenRequest{})
	require.NoError(t, a.response.SetSeverity(t.Context(), act("sev"), id, incidents.SEV2, "4,711 customers wait for Rosa"))
	require.NoError(t, a.response.Update(t.Context(), act("update"), id, incidents.Update{Changed: "The sync is off.", Audience: incidents.AudienceAll}, time.Time{}))
	h.busy = true
	first := asked()[0]
	require.Error(t, a.publish(t.Context(), first), "a receiver that is not ready is asked again later")
	h.busy = false
	for range 2 { // what was done once is done, however often the job comes
		for _, job := range asked() {
			require.NoError(t, a.publish(t.Context(), job))
		}
	}
	var events []string
	for _, e := range h.got {
		require.Equal(t, 1, e.Version)
		require.Equal(t, id.String(), e.Incident.Key)
		require.Equal(t, "Prices are off", e.Incident.Title)
		require.Nil(t, e.Page)
		events = append(events, e.Event)
	}
	require.Equal(t, []string{"incident.opened", "incident.severity", "update.posted"}, events)
	require.Equal(t, h.tries[0], h.tries[1], "both tries are one delivery")
	require.Len(t, h.tries, 4)
	require.Equal(t, &notify.Change{Was: "SEV3", Now: "SEV2"}, h.got[1].Change)
	require.Equal(t, "The sync is off.", h.got[2].Update.Changed)
	require.NotNil(t, h.got[2].Update.NextBy)

	private := open("private", response.OpenRequest{Private: true})
	drill := open("drill", response.OpenRequest{Drill: true})
	require.NoError(t, a.response.SetSeverity(t.Context(), act("sev of drill"), drill, incidents.SEV2, ""))
	for _, job := range asked() {
		require.NoError(t, a.publish(t.Context(), job))
	}
	require.Len(t, h.tries, 4, "nothing of %s and of the drill %s", private, drill)

	h.busy = true
	open("again", response.OpenRequest{})
	last := asked()[len(asked())-1]
	for range 5 {
		require.Error(t, a.publish(t.Context(), last))
	}
	require.NoError(t, a.publish(t.Context(), last), "after five more tries it is over")
	require.NoError(t, a.publish(t.Context(), last))
	require.Len(t, h.tries, 10)
}

var bodyShown = regexp.MustCompile("(?s)<!-- webhook -->\n```json\n(.*?)```")

func TestTheREADMEShowsWhatAWebhookIsTold(t *testing.T) {
	at := time.Date(2026, 3, 28, 9, 14, 0, 0, time.UTC)
	inc, _, err := incidents.Open(42, incidents.Opening{Title: "Leads moved to SQL by mistake", Severity: incidents.SEV1, Reporter: "T1/U0MAYA"}, at)
	require.NoError(t, err)
	inc.Channel = "C0SNAFU42"
	e := newsEvent(response.Publication{
		Incident: inc, Entry: journal.Entry{Incident: 42, Seq: 17, At: at},
		News: incidents.News{Event: "incident.severity", Was: "SEV2", Now: "SEV1"},
	})
	e.Version = 1
	body, err := json.MarshalIndent(e, "", "  ")
	require.NoError(t, err)
	text, err := os.ReadFile("../../../README.md")
	require.NoError(t, err)
	shown := bodyShown.FindSubmatch(text)
	require.NotNil(t, shown, "the README shows a body")
	require.Equal(t, string(body)+"\n", string(shown[1]))
	for _, f := range incidents.Facts() {
		if news, err := incidents.NewsOf(f.Kind(), func(any) error { return nil }); err == nil && news.Event != "" {
			require.Contains(t, string(text), "`"+news.Event+"`")
		}
	}
}
