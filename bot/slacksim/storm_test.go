package slacksim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// storm is many programs that do everything at once to a workspace that may end
// at any moment. Errors are expected; panics, races and waiting for ever are not.
type storm struct {
	sim  *slacksim.Sim
	ctx  context.Context //nolint:containedctx // all of the storm ends with it
	host string
	hook string
	sent atomic.Int64
	half chan struct{} // closed in the middle of the storm
	when int64         // after so many requests
}

func (s *storm) send(method, path, body string) {
	req, err := http.NewRequestWithContext(s.ctx, method, "http://"+s.host+path, strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+map[bool]string{true: "xapp-simulated", false: "xoxb-simulated"}[strings.HasSuffix(path, "open") && strings.Contains(path, "apps")])
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	if s.sent.Add(1) == s.when {
		close(s.half)
	}
}

// app takes one connection and acknowledges, twice, or not at all.
func (s *storm) app(rng *rand.Rand) {
	req, _ := http.NewRequestWithContext(s.ctx, http.MethodPost, s.sim.APIURL()+"apps.connections.open", nil)
	req.Header.Set("Authorization", "Bearer xapp-simulated")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return
	}
	var got struct{ URL string }
	_ = json.NewDecoder(resp.Body).Decode(&got)
	_ = resp.Body.Close()
	conn, resp, err := websocket.DefaultDialer.DialContext(s.ctx, got.URL, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	defer resp.Body.Close()
	stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
	defer stop()
	for range 30 {
		var frame struct {
			ID string `json:"envelope_id"`
		}
		if conn.ReadJSON(&frame) != nil {
			return
		}
		for range rng.IntN(3) {
			_ = conn.WriteJSON(map[string]any{"envelope_id": frame.ID, "payload": map[string]any{"text": "ok"}})
		}
	}
}

func (s *storm) watch() {
	conn, resp, err := websocket.DefaultDialer.DialContext(s.ctx, "ws://"+s.host+"/sim/stream?as=ana&after=1", nil)
	if err != nil {
		return
	}
	defer conn.Close()
	defer resp.Body.Close()
	stop := context.AfterFunc(s.ctx, func() { _ = conn.Close() })
	defer stop()
	for range 100 {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
	}
}

var stormy = []struct{ method, path, body string }{
	{"POST", "/api/chat.postMessage", `{"channel":"#general","text":"<@U1> hello","blocks":[{"type":"actions","elements":[{"type":"button","action_id":"go","text":{"type":"plain_text","text":"Go"}}]}]}`},
	{"POST", "/api/conversations.create", `{"name":"room-%d"}`},
	{"POST", "/api/conversations.list", `{"limit":2}`},
	{"POST", "/api/users.list", `{}`},
	{"POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","text":"open %d","wait":false}`},
	{"POST", "/sim/as/ben/message", `{"channel":"#general","text":"@snafu %d","wait":false}`},
	{"POST", "/sim/as/ana/press", `{"channel":"#general","label":"Go","wait":false}`},
	{"POST", "/sim/as/ana/invite", `{"channel":"#general","users":["snafu"],"wait":false}`},
	{"POST", "/sim/as/ana/upload", `{"channel":"#general","filename":"a.txt","content_base64":"YQ==","wait":false}`},
	{"POST", "/sim/admin/person", `{"person":"dev","set":{"real_name":"Dev %d"}}`},
	{"POST", "/sim/admin/channel", `{"channel":"random","set":{"archived":true}}`},
	{"POST", "/sim/admin/channel", `{"channel":"random","set":{"archived":false}}`},
	{"POST", "/sim/admin/usergroup", `{"handle":"oncall","members":["ben"]}`},
	{"POST", "/sim/admin/app", `{"request_url":"HOOK"}`},
	{"POST", "/sim/admin/app", `{"request_url":null}`},
	{"POST", "/sim/clock", `{"frozen":true}`},
	{"POST", "/sim/clock", `{"advance":"3s"}`},
	{"POST", "/sim/clock", `{"frozen":false}`},
	{"POST", "/sim/faults", `{"kind":"socket.cut"}`},
	{"POST", "/sim/faults", `{"kind":"socket.duplicate","copies":2}`},
	{"POST", "/sim/faults", `{"kind":"socket.reorder","window":3}`},
	{"POST", "/sim/faults", `{"kind":"socket.warning"}`},
	{"POST", "/sim/faults", `{"kind":"socket.half_close"}`},
	{"POST", "/sim/faults", `{"kind":"event.reorder"}`},
	{"POST", "/sim/faults", `{"kind":"http.replay"}`},
	{"POST", "/sim/faults", `{"kind":"http.slow_body","delay":"20ms"}`},
	{"POST", "/sim/faults", `{"kind":"api.lost_reply"}`},
	{"DELETE", "/sim/faults", ``},
	{"GET", "/sim/traffic?limit=50", ``},
	{"GET", "/sim/channels/general/messages?as=ana", ``},
	{"GET", "/sim/transcript?channel=general", ``},
	{"GET", "/sim/views?as=ana", ``},
	{"POST", "/sim/await", `{"idle":true,"timeout":"5ms"}`},
	{"POST", "/sim/reset", `{"seed":%d}`},
}

func TestAStormEndsWithTheWorkspace(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var got struct{ Challenge string }
				_ = json.NewDecoder(r.Body).Decode(&got)
				_, _ = w.Write([]byte(got.Challenge))
			}))
			defer hook.Close()
			sim, err := slacksim.Start(slacksim.Options{Log: quiet(), StateFile: filepath.Join(t.TempDir(), "s.jsonl")})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			s := &storm{sim: sim, ctx: ctx, hook: hook.URL, host: strings.TrimSuffix(strings.TrimPrefix(sim.PageURL(), "http://"), "/")}
			s.half, s.when = make(chan struct{}), 60+60*int64(seed)
			var wg sync.WaitGroup
			for n := range uint64(8) {
				wg.Go(func() {
					rng := rand.New(rand.NewPCG(seed, n))
					for range 60 {
						x := stormy[rng.IntN(len(stormy))]
						body := strings.ReplaceAll(strings.ReplaceAll(x.body, "%d", fmt.Sprint(rng.IntN(20)+1)), "HOOK", s.hook)
						s.send(x.method, x.path, body)
					}
				})
				wg.Go(func() {
					rng := rand.New(rand.NewPCG(seed, 100+n))
					for range 3 {
						s.app(rng)
					}
				})
			}
			wg.Go(s.watch)
			wg.Go(s.watch)
			select {
			case <-s.half:
			case <-time.After(time.Minute):
				t.Error("the workspace answers no more")
			}
			closes(t, sim)
			cancel()
			wg.Wait()
		})
	}
}
