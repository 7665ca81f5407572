package slacksim_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// seenBy collects what an app received, and acknowledges it.
type inbox struct {
	mu   sync.Mutex
	got  []socketmode.Event
	nack bool
}

func (b *inbox) handle(sock *socketmode.Client, ev socketmode.Event) {
	b.mu.Lock()
	b.got = append(b.got, ev)
	nack := b.nack
	b.mu.Unlock()
	if !nack {
		_ = sock.Ack(*ev.Request)
	}
}

func (b *inbox) commands() []slack.SlashCommand {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []slack.SlashCommand
	for _, ev := range b.got {
		if cmd, ok := ev.Data.(slack.SlashCommand); ok {
			out = append(out, cmd)
		}
	}
	return out
}

func (b *inbox) events() []slackevents.EventsAPIEvent {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []slackevents.EventsAPIEvent
	for _, ev := range b.got {
		if e, ok := ev.Data.(slackevents.EventsAPIEvent); ok {
			out = append(out, e)
		}
	}
	return out
}

func contextFor(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), d)
}

func (d *desk) id(name string) string {
	p, err := d.sim.As(name).Profile()
	require.NoError(d.t, err)
	return p.ID
}

func TestEachPayloadGoesToExactlyOneConnection(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var a, b inbox
	d.connect(a.handle)
	d.connect(b.handle)
	for range 10 {
		_, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu status")
		require.NoError(t, err)
	}
	require.Len(t, a.commands(), 5)
	require.Len(t, b.commands(), 5)
}

func TestACommandCarriesWhatSlackSends(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	_, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu open @ben said <x> & see #random https://example.com/a?b=c")
	require.NoError(t, err)
	cmd := in.commands()[0]
	require.Equal(t, "/snafu", cmd.Command)
	require.Equal(t, "general", cmd.ChannelName)
	require.Equal(t, "ana", cmd.UserName)
	require.Contains(t, cmd.Text, "<@"+d.id("ben")+"|ben> said &lt;x&gt; &amp; see <#C")
	require.Contains(t, cmd.Text, "|random> <https://example.com/a?b=c>")
	_, err = d.sim.As("ana").Slash(d.ctx(), "@snafu", "/snafu help")
	require.NoError(t, err)
	require.Equal(t, "directmessage", in.commands()[1].ChannelName)
}

func TestWhatAPersonReadsWhenTheAppIsNotThere(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	ana := d.sim.As("ana")
	act, err := ana.Slash(d.ctx(), "#general", "/snafu status")
	require.NoError(t, err)
	require.Equal(t, "no_connection", act.Deliveries[0].State)
	require.Equal(t, `/snafu failed with the error "dispatch_failed"`, act.Shown)

	in := inbox{nack: true}
	d.connect(in.handle)
	done := make(chan slacksim.Act)
	go func() {
		act, err := ana.Slash(context.Background(), "#general", "/snafu status")
		if err != nil {
			t.Error(err)
		}
		done <- act
	}()
	require.Eventually(t, func() bool { return len(in.commands()) == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, d.sim.Advance(3*time.Second))
	act = <-done
	require.Equal(t, "timeout", act.Deliveries[0].State)
	require.Equal(t, `/snafu failed with the error "operation_timeout"`, act.Shown)
}

func TestAnAcknowledgementCanAnswerACommand(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.connect(func(sock *socketmode.Client, ev socketmode.Event) {
		_ = sock.Ack(*ev.Request, map[string]any{"text": "I cannot write my log, so I did nothing."})
	})
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu open x")
	require.NoError(t, err)
	require.Equal(t, "I cannot write my log, so I did nothing.", act.Shown)
	_, err = d.sim.As("ana").Await(d.ctx(), "#general", slacksim.OnlyForMe(), slacksim.Contains("did nothing"))
	require.NoError(t, err)
}

func TestAResponseURLWorksFiveTimesInThirtyMinutes(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.connect(ackAll)
	ana := d.sim.As("ana")
	act, err := ana.Slash(d.ctx(), "#general", "/snafu status")
	require.NoError(t, err)
	post := func(url, body string) int {
		resp := postJSON(t, url, body)
		read(t, resp)
		return resp.StatusCode
	}
	for range 5 {
		require.Equal(t, 200, post(act.ResponseURL, `{"text":"later"}`))
	}
	require.Equal(t, 404, post(act.ResponseURL, `{"text":"later"}`))
	act, err = ana.Slash(d.ctx(), "#general", "/snafu status")
	require.NoError(t, err)
	require.NoError(t, d.sim.Advance(30*time.Minute))
	require.Equal(t, 200, post(act.ResponseURL, `{"text":"for all","response_type":"in_channel"}`))
	require.NoError(t, d.sim.Advance(time.Second))
	require.Equal(t, 404, post(act.ResponseURL, `{"text":"late"}`))
	_, err = d.sim.As("ben").Await(d.ctx(), "#general", slacksim.Contains("for all"))
	require.NoError(t, err)
}

func TestUnacknowledgedEventsComeAgainWithTheSameEventID(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	in := inbox{}
	d.connect(in.handle)
	d.room("general")
	require.NoError(t, d.sim.Idle(d.ctx()))
	in.mu.Lock()
	in.nack, in.got = true, nil
	in.mu.Unlock()

	go func() { _, _ = d.sim.As("ana").Says(context.Background(), "#general", "hello") }()
	count := func(n int) {
		require.Eventually(t, func() bool { return len(in.events()) == n }, time.Minute, time.Millisecond)
	}
	count(1)
	for i, pause := range []time.Duration{3 * time.Second, 3*time.Second + time.Minute, 3*time.Second + 5*time.Minute} {
		require.NoError(t, d.sim.Advance(pause))
		count(i + 2)
	}
	require.NoError(t, d.sim.Advance(time.Hour))
	count(4)
	ids, envelopes := map[string]bool{}, map[string]bool{}
	for _, ev := range in.got {
		e := ev.Data.(slackevents.EventsAPIEvent)
		ids[e.Data.(*slackevents.EventsAPICallbackEvent).EventID] = true
		envelopes[ev.Request.EnvelopeID] = true
	}
	require.Len(t, ids, 1)
	require.Len(t, envelopes, 4)
	require.Equal(t, 3, in.got[3].Request.RetryAttempt)
}

func TestTheAppHearsWhatHappensWhereItIs(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	ctx, ana, ben := d.ctx(), d.sim.As("ana"), d.sim.As("ben")
	_, err := ana.Says(ctx, "#random", "the app is not here")
	require.NoError(t, err)
	require.Empty(t, in.events())

	d.room("general")
	said, err := ana.Says(ctx, "#general", "it is here, @snafu")
	require.NoError(t, err)
	_, err = ben.Reacts(ctx, "#general", said.TS, "eyes")
	require.NoError(t, err)
	_, err = ben.Replies(ctx, "#general", said.TS, "indeed")
	require.NoError(t, err)
	_, err = ana.Edits(ctx, "#general", said.TS, "it was here")
	require.NoError(t, err)
	_, err = ana.Deletes(ctx, "#general", said.TS)
	require.NoError(t, err)
	yes := true
	require.NoError(t, d.sim.Admin().Person("dev", slacksim.PersonChange{Deactivated: &yes}))
	external := "external"
	require.NoError(t, d.sim.Admin().Channel("#general", slacksim.ChannelChange{Shared: &external}))
	require.NoError(t, d.sim.Idle(ctx))

	var kinds []string
	for _, e := range in.events() {
		kinds = append(kinds, e.InnerEvent.Type)
	}
	for _, want := range []string{"member_joined_channel", "message", "app_mention", "reaction_added", "user_change", "channel_shared"} {
		require.Contains(t, kinds, want)
	}
}

func TestAConnectionThatIsCutComesBack(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	for _, kind := range []string{"socket.cut", "socket.refresh", "socket.too_many"} {
		opened := strings.Count(kinds(d.sim), "hello")
		_, err := d.sim.Fault(slacksim.Fault{Kind: kind})
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			return strings.Count(kinds(d.sim), "hello") > opened && d.sim.Connections() == 1
		}, time.Minute, 5*time.Millisecond)
	}
	act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu status")
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
}

// kinds joins the names of what happened to sockets.
func kinds(sim *slacksim.Sim) string {
	var out []string
	for _, t := range sim.Traffic("socket") {
		out = append(out, t.Name)
	}
	return strings.Join(out, " ")
}
