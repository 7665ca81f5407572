package slacksim_test

import (
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

// Much of what these tests do is to wait: for a browser, and for the five seconds
// after which Slack's client for Node connects again. So more of them than there
// are processors run beside each other; -parallel overrides it.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "4")
	goleak.VerifyTestMain(pagetest.Closing(m))
}

// desk is a simulated workspace with the real client connected to it.
type desk struct {
	t    *testing.T
	sim  *slacksim.Sim
	api  *slack.Client
	sock *socketmode.Client
}

// noon is when frozen clocks of these tests stand.
var noon = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

// loud fails the test at the first error that the simulator itself reports.
type loud struct{ t *testing.T }

func (l loud) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "level=ERROR") {
		l.t.Error(string(line))
	}
	return len(line), nil
}

func logTo(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(loud{t}, &slog.HandlerOptions{Level: slog.LevelError}))
}

// start opens a workspace. Connect joins the app to it.
func start(t *testing.T, o slacksim.Options) *desk {
	t.Helper()
	if o.Log == nil {
		o.Log = logTo(t)
	}
	sim, err := slacksim.Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sim.Close()) })
	api := slack.New(sim.Tokens().Bot, slack.OptionAPIURL(sim.APIURL()), slack.OptionAppLevelToken(sim.Tokens().App))
	return &desk{t: t, sim: sim, api: api}
}

// handler does what an app does with an event. It acknowledges itself.
type handler func(sock *socketmode.Client, ev socketmode.Event)

// connect runs a Socket Mode client until the test ends.
func (d *desk) connect(h handler) {
	d.t.Helper()
	before := d.sim.Connections()
	sock := socketmode.New(d.api)
	d.sock = sock
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case ev := <-sock.Events:
				if ev.Request != nil && ev.Request.EnvelopeID != "" {
					h(sock, ev)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	ended := make(chan struct{})
	go func() { defer close(ended); _ = sock.RunContext(ctx) }()
	d.t.Cleanup(func() { cancel(); <-ended; <-done })
	require.NoError(d.t, d.sim.AwaitConnections(d.ctx(), before+1))
}

// ackAll acknowledges everything and does nothing.
func ackAll(sock *socketmode.Client, ev socketmode.Event) { _ = sock.Ack(*ev.Request) }

func (d *desk) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	d.t.Cleanup(cancel)
	return ctx
}

// general is the id of a channel by name, with the app in it.
func (d *desk) room(name string) string {
	d.t.Helper()
	_, err := d.sim.As("ana").Invites(d.ctx(), "#"+name, "snafu")
	require.NoError(d.t, err)
	list, _, err := d.api.GetConversationsForUser(&slack.GetConversationsForUserParameters{})
	require.NoError(d.t, err)
	for _, ch := range list {
		if ch.Name == name {
			return ch.ID
		}
	}
	d.t.Fatalf("no channel %s", name)
	return ""
}

func words(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

func section(s string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject("mrkdwn", s, false, false), nil, nil)
}

func button(label, id, value string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(id, value, words(label))
}

func field(block, label string) slack.Block {
	return slack.NewInputBlock(block, words(label), nil, slack.NewPlainTextInputBlockElement(nil, "text"))
}

func form(title string, blocks ...slack.Block) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: words(title), Submit: words("Send"), Close: words("Cancel"), CallbackID: "form",
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// quiet is for tests in which the simulator has reason to complain.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(raw)
}

func postJSON(t *testing.T, url, body string) *http.Response {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	return resp
}
