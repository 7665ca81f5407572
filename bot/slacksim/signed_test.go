package slacksim_test

import (
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestSignedRequestsCarryWhatSlackSends(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	ctx, ana := d.ctx(), d.sim.As("ana")
	require.NoError(t, d.sim.Idle(ctx))
	require.Len(t, h.of("url_verification"), 1)
	general := d.room("general")

	act, err := ana.Slash(ctx, "#general", "/snafu open @ben & co")
	require.NoError(t, err)
	require.Equal(t, "http", act.Deliveries[0].Via)
	require.Equal(t, "acked", act.Deliveries[0].State)
	cmd := h.of("command")[0].form
	require.Equal(t, "/snafu", cmd.Get("command"))
	require.Contains(t, cmd.Get("text"), "|ben> &amp; co")
	require.Equal(t, general, cmd.Get("channel_id"))
	require.Equal(t, act.TriggerID, cmd.Get("trigger_id"))
	require.Equal(t, act.ResponseURL, cmd.Get("response_url"))
	require.Equal(t, "false", cmd.Get("is_enterprise_install"))

	said, err := ana.Says(ctx, "#general", "hello <you>")
	require.NoError(t, err)
	event := h.waits("message", 2)[1].payload
	require.Equal(t, "event_callback", event["type"])
	require.Equal(t, "hello &lt;you&gt;", event["event"].(map[string]any)["text"])
	require.NotEmpty(t, event["event_id"])

	_, err = ana.Shortcut(ctx, "note.message", "#general", said.TS)
	require.NoError(t, err)
	require.Equal(t, "note.message", h.of("message_action")[0].payload["callback_id"])
	require.NoError(t, d.sim.Idle(ctx))

	h.mu.Lock()
	defer h.mu.Unlock()
	for _, got := range h.got {
		require.True(t, got.valid, got.kind)
		require.Less(t, got.age.Abs(), 5*time.Minute, "signed by the machine's clock")
		require.Empty(t, got.header.Get("X-Slack-Retry-Num"))
	}
	app := d.ok("GET", "/sim/app", "")
	require.Equal(t, "http", app["mode"])
	require.Equal(t, h.url, app["request_url"])
}

func TestEventsWaitUntilTheURLIsVerifiedAndCommandsDoNot(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	h.waits("url_verification", 1)
	require.NoError(t, d.sim.Idle(d.ctx()))
	require.NoError(t, d.sim.SetRequestURL(""))
	h.answers(func(w http.ResponseWriter, _ *http.Request, d delivery) {
		if d.kind == "url_verification" {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	require.NoError(t, d.sim.SetRequestURL(h.url))
	d.room("general")
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu help")
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	said := d.ok("POST", "/sim/as/ana/message", `{"channel":"#general","text":"hello"}`)
	require.Equal(t, "pending", said["deliveries"].([]any)[0].(map[string]any)["state"])
	require.Empty(t, h.of("message"))
	code, _ := d.ask("POST", "/sim/await", `{"idle":true,"timeout":"20ms"}`)
	require.Equal(t, http.StatusGatewayTimeout, code, "events that wait are not idle")

	h.answers(nil)
	_, err = d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu help")
	require.NoError(t, err, "an app that answers is asked again")
	require.NoError(t, d.sim.Idle(d.ctx()))
	require.NotEmpty(t, h.of("message"))
	require.NotEmpty(t, h.of("member_joined_channel"))
}

// An app that answers while the challenge is under way, which it then refuses, is
// asked again at once.
func TestAnAppThatAnswersMeanwhileIsAskedAgain(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	h.waits("url_verification", 1)
	require.NoError(t, d.sim.Idle(d.ctx()))
	asked, refuse := make(chan struct{}, 1), make(chan struct{})
	h.answers(func(w http.ResponseWriter, _ *http.Request, d delivery) {
		if d.kind == "url_verification" {
			asked <- struct{}{}
			<-refuse
			w.WriteHeader(http.StatusNotFound)
		}
	})
	require.NoError(t, d.sim.SetRequestURL(h.url))
	<-asked
	h.answers(nil)
	d.room("general")
	_, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu help")
	require.NoError(t, err)
	close(refuse)
	require.NoError(t, d.sim.Idle(d.ctx()))
	require.NotEmpty(t, h.of("member_joined_channel"))
}

func TestEventsOverHTTPComeAgainWithTheReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reason string
		answer func(http.ResponseWriter, *http.Request, delivery)
		slow   bool
	}{
		"an error": {reason: "http_error", answer: status(500)},
		"too many redirects": {reason: "too_many_redirects", answer: func(w http.ResponseWriter, r *http.Request, _ delivery) {
			http.Redirect(w, r, "/again", http.StatusFound)
		}},
		"no answer in time": {reason: "http_timeout", answer: func(_ http.ResponseWriter, r *http.Request, _ delivery) { <-r.Context().Done() }, slow: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
			d.room("general")
			require.NoError(t, d.sim.Idle(d.ctx()))
			before := len(h.of("message"))
			h.answers(c.answer)
			d.ok("POST", "/sim/as/ana/message", `{"channel":"#general","text":"hello","wait":false}`)
			times := 1
			if c.reason == "too_many_redirects" {
				times = 3
			}
			h.waits("message", before+times)
			for n, pause := range []time.Duration{0, time.Minute, 5 * time.Minute} {
				if c.slow {
					pause += 3 * time.Second
				} else {
					require.NoError(t, d.sim.Idle(d.ctx()))
				}
				if pause > 0 {
					require.NoError(t, d.sim.Advance(pause))
				}
				got := h.waits("message", before+times*(n+2))[before:]
				last := got[times*(n+1)]
				require.Equal(t, strconv.Itoa(n+1), last.header.Get("X-Slack-Retry-Num"))
				require.Equal(t, c.reason, last.header.Get("X-Slack-Retry-Reason"))
				require.Equal(t, got[0].payload["event_id"], last.payload["event_id"])
				require.True(t, last.valid)
			}
			if c.slow {
				require.NoError(t, d.sim.Advance(3*time.Second))
			}
			require.NoError(t, d.sim.Idle(d.ctx()))
			require.NoError(t, d.sim.Advance(time.Hour))
			require.NoError(t, d.sim.Idle(d.ctx()))
			require.Len(t, h.of("message"), before+4*times)
		})
	}
}

func TestWhatASignedAppAnswersIsDone(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Log: quiet()})
	ctx, ana := d.ctx(), d.sim.As("ana")
	require.NoError(t, d.sim.Idle(ctx))
	says := func(body string) {
		h.answers(echo(func(w http.ResponseWriter, _ *http.Request, _ delivery) { _, _ = io.WriteString(w, body) }))
	}
	slash := func() slacksim.Act {
		act, err := ana.Slash(ctx, "#general", "/snafu form")
		require.NoError(t, err)
		return act
	}
	says("plain words")
	require.Equal(t, "plain words", slash().Shown)
	says(`{"text":"for everybody","response_type":"in_channel"}`)
	require.Equal(t, "for everybody", slash().Shown)
	_, err := d.sim.As("ben").Await(ctx, "#general", slacksim.Contains("for everybody"))
	require.NoError(t, err)
	says("")
	require.Empty(t, slash().Shown)

	open := func() *slacksim.View {
		_, err := d.api.OpenView(slash().TriggerID, form("Root", field("b", "Reason")))
		require.NoError(t, err)
		v, err := ana.Modal(ctx)
		require.NoError(t, err)
		return v
	}
	submit := func(v *slacksim.View, body string) slacksim.Result {
		says(body)
		res, err := v.Submit(ctx, slacksim.Values{"Reason": "because"})
		require.NoError(t, err)
		return res
	}
	v := open()
	require.Equal(t, "failed", submit(v, "this is no JSON").Result)
	res := submit(v, `{"response_action":"errors","errors":{"b":"Say more."}}`)
	require.Equal(t, map[string]string{"b": "Say more."}, res.Errors)
	require.Equal(t, "closed", submit(v, "").Result)
	says("")
	require.Equal(t, "cleared", submit(open(), `{"response_action":"clear"}`).Result)
}

func TestWhatAPersonReadsWhenASignedAppFails(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	ctx, ana := d.ctx(), d.sim.As("ana")
	general := d.room("general")
	require.NoError(t, d.sim.Idle(ctx))
	act, err := ana.Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	_, err = d.api.OpenView(act.TriggerID, form("Root", field("b", "Reason")))
	require.NoError(t, err)
	v, err := ana.Modal(ctx)
	require.NoError(t, err)
	d.shows(general, "Run")

	h.answers(status(http.StatusBadGateway))
	act, err = ana.Slash(ctx, "#general", "/snafu status")
	require.NoError(t, err)
	require.Equal(t, "http_error", act.Deliveries[0].State)
	require.Equal(t, `/snafu failed with the error "dispatch_failed"`, act.Shown)
	act, err = ana.Press(ctx, "#general", "Run")
	require.NoError(t, err)
	require.Equal(t, `"Run" did not work: the app answered with an error`, act.Shown)
	res, err := v.Submit(ctx, slacksim.Values{"Reason": "because"})
	require.NoError(t, err)
	require.Equal(t, "failed", res.Result)
	require.Equal(t, "We had some trouble connecting. Try again?", res.Shown)
	require.Len(t, h.of("block_actions"), 1, "interactions never come again")

	h.answers(func(_ http.ResponseWriter, r *http.Request, _ delivery) { <-r.Context().Done() })
	before := len(h.of("command"))
	done := make(chan slacksim.Act, 1)
	go func() {
		act, err := ana.Slash(ctx, "#general", "/snafu status")
		if err != nil {
			t.Error(err)
		}
		done <- act
	}()
	h.waits("command", before+1)
	require.NoError(t, d.sim.Advance(3*time.Second))
	act = <-done
	require.Equal(t, "timeout", act.Deliveries[0].State)
	require.Equal(t, `/snafu failed with the error "operation_timeout"`, act.Shown)

	require.NoError(t, d.sim.SetRequestURL("http://127.0.0.1:1/nobody"))
	act, err = ana.Slash(ctx, "#general", "/snafu status")
	require.NoError(t, err)
	require.Equal(t, "no_connection", act.Deliveries[0].State)
	require.Equal(t, `/snafu failed with the error "dispatch_failed"`, act.Shown)
}

func TestAnAppCanAskForNoRetry(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.room("general")
	require.NoError(t, d.sim.Idle(d.ctx()))
	before := len(h.of("message"))
	h.answers(func(w http.ResponseWriter, _ *http.Request, _ delivery) {
		w.Header().Set("X-Slack-No-Retry", "1")
		w.WriteHeader(http.StatusInternalServerError)
	})
	_, err := d.sim.As("ana").Says(d.ctx(), "#general", "hello")
	require.NoError(t, err)
	require.NoError(t, d.sim.Idle(d.ctx()))
	require.NoError(t, d.sim.Advance(time.Hour))
	require.NoError(t, d.sim.Idle(d.ctx()))
	require.Len(t, h.of("message"), before+1)
}

func TestTwoRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{})
	require.NoError(t, d.sim.Idle(d.ctx()))
	h.answers(func(w http.ResponseWriter, r *http.Request, _ delivery) {
		if hop := len(h.of("command")); hop <= 2 {
			http.Redirect(w, r, "/hop"+strconv.Itoa(hop), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "arrived at "+r.URL.Path)
	})
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu status")
	require.NoError(t, err)
	require.Equal(t, "arrived at /hop2", act.Shown)
	for _, got := range h.of("command") {
		require.True(t, got.valid)
	}
}

func TestAnAdministratorChangesTheRequestURL(t *testing.T) {
	t.Parallel()
	d, h := hooked(t, slacksim.Options{})
	d.connect(ackAll)
	require.NoError(t, d.sim.Idle(d.ctx()))
	ana := d.sim.As("ana")
	via := func() string {
		act, err := ana.Slash(d.ctx(), "#general", "/snafu status")
		require.NoError(t, err)
		require.Equal(t, "acked", act.Deliveries[0].State)
		return act.Deliveries[0].Via
	}
	require.Equal(t, "http", via())
	require.Equal(t, "socket", d.ok("POST", "/sim/admin/app", `{"request_url":null}`)["mode"])
	require.Equal(t, "socket", via())
	require.Equal(t, "http", d.ok("POST", "/sim/admin/app", `{"request_url":"`+h.url+`"}`)["mode"])
	require.Equal(t, "http", via())
	for _, wrong := range []string{`7`, `"ftp://127.0.0.1/"`, `"slack/events"`} {
		code, out := d.ask("POST", "/sim/admin/app", `{"request_url":`+wrong+`}`)
		require.Equal(t, http.StatusBadRequest, code, out)
	}
}
