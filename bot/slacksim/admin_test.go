package slacksim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAdministratorsEndAChannel(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	ctx, admin := d.ctx(), d.sim.Admin()
	general := d.room("general")
	_, ts, err := d.api.PostMessage(general, slack.MsgOptionText("card", false))
	require.NoError(t, err)
	require.NoError(t, admin.DeleteMessage("#general", ts))
	require.Error(t, admin.DeleteMessage("#general", ts))
	name, yes, no := "everybody", true, false
	require.NoError(t, admin.Channel("#general", slacksim.ChannelChange{Name: &name}))
	require.NoError(t, admin.Channel("#everybody", slacksim.ChannelChange{Archived: &yes}))
	_, err = d.sim.As("ana").Says(ctx, "#everybody", "late")
	require.ErrorContains(t, err, "archived")
	require.NoError(t, admin.Channel("#everybody", slacksim.ChannelChange{Archived: &no}))
	require.NoError(t, admin.Kick("#everybody", "snafu"))
	_, _, err = d.api.PostMessage(general, slack.MsgOptionText("x", false))
	require.EqualError(t, err, "not_in_channel")
	require.NoError(t, admin.Channel("#everybody", slacksim.ChannelChange{Deleted: &yes}))
	_, err = d.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: general})
	require.EqualError(t, err, "channel_not_found")
	require.NoError(t, d.sim.Idle(ctx))

	var heard []string
	for _, e := range in.events() {
		heard = append(heard, e.InnerEvent.Type)
	}
	for _, want := range []string{"channel_rename", "channel_archive", "channel_unarchive", "member_left_channel", "channel_left"} {
		require.Contains(t, heard, want)
	}
}

func TestPrivateChannelsAreGroupsInEvents(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	var in inbox
	d.connect(in.handle)
	ch, err := d.api.CreateConversation(slack.CreateConversationParams{ChannelName: "hush", IsPrivate: true})
	require.NoError(t, err)
	require.NoError(t, d.api.ArchiveConversation(ch.ID))
	require.NoError(t, d.sim.Idle(d.ctx()))
	events := in.events()
	require.Equal(t, "group_archive", events[len(events)-1].InnerEvent.Type)
	_, err = d.sim.As("ana").Joins(d.ctx(), "#hush")
	require.ErrorContains(t, err, "sees no channel")
}

func TestTheEleventhConnectionIsSentAway(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	dial := func() map[string]any {
		_, url, err := d.api.StartSocketModeContext(d.ctx())
		require.NoError(t, err)
		conn, _, err := websocket.DefaultDialer.Dial(url, nil)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		first := map[string]any{}
		require.NoError(t, conn.ReadJSON(&first))
		return first
	}
	for i := range 10 {
		require.Equal(t, fmt.Sprint(i+1), fmt.Sprint(dial()["num_connections"]))
	}
	require.Equal(t, "too_many_websockets", dial()["reason"])
	_, _, err := websocket.DefaultDialer.Dial("ws"+d.sim.APIURL()[4:len(d.sim.APIURL())-5]+"/link/?ticket=x", nil)
	require.Error(t, err, "a ticket opens one connection, once")
}

func TestAnotherConnectionCannotAcknowledge(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	conns := make([]*websocket.Conn, 2)
	for i := range conns {
		_, url, err := d.api.StartSocketModeContext(d.ctx())
		require.NoError(t, err)
		conns[i], _, err = websocket.DefaultDialer.Dial(url, nil)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conns[i].Close() })
		require.NoError(t, conns[i].ReadJSON(&map[string]any{}))
	}
	shown := make(chan string)
	go func() {
		act, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu status")
		if err != nil {
			t.Error(err)
		}
		shown <- act.Shown
	}()
	require.Eventually(t, func() bool { return len(d.sim.Traffic("envelope")) == 1 }, time.Minute, time.Millisecond)
	envelope := d.sim.Traffic("envelope")[0].Request.(map[string]any)["envelope_id"]
	// Whichever connection got it, the other one's acknowledgement is ignored.
	first := make(chan int, 2)
	for i, c := range conns {
		go func() {
			if c.ReadJSON(&map[string]any{}) == nil {
				first <- i
			}
		}()
	}
	got := <-first
	require.NoError(t, conns[1-got].WriteJSON(map[string]any{"envelope_id": envelope}))
	require.Eventually(t, func() bool {
		acks := d.sim.Traffic("ack")
		return len(acks) == 1 && acks[0].Error == "other_connection"
	}, time.Minute, time.Millisecond)
	require.NoError(t, conns[got].WriteJSON(map[string]any{"envelope_id": envelope, "payload": map[string]any{"text": "here"}}))
	require.Equal(t, "here", <-shown)
}

func TestMoreFaults(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	var in inbox
	d.connect(in.handle)
	ctx, ana := d.ctx(), d.sim.As("ana")
	general := d.room("general")
	require.NoError(t, d.sim.Idle(ctx))
	heard := len(in.events())

	d.fault(slacksim.Fault{Kind: "event.drop", Match: slacksim.Match{Event: "message"}})
	_, err := ana.Says(ctx, "#general", "unheard")
	require.NoError(t, err)
	require.Len(t, in.events(), heard)
	d.fault(slacksim.Fault{Kind: "event.duplicate", Match: slacksim.Match{Event: "message"}, Copies: 2})
	_, err = ana.Says(ctx, "#general", "heard thrice")
	require.NoError(t, err)
	require.NoError(t, d.sim.Idle(ctx))
	require.Len(t, in.events(), heard+3)

	d.fault(slacksim.Fault{Kind: "ephemeral.lost", Match: slacksim.Match{Person: "ana"}})
	_, err = d.api.PostEphemeral(general, d.id("ana"), slack.MsgOptionText("lost", false))
	require.NoError(t, err)
	seen, err := ana.Sees("#general")
	require.NoError(t, err)
	require.NotEqual(t, "lost", seen[len(seen)-1].Plain)

	d.fault(slacksim.Fault{Kind: "socket.delay", Match: slacksim.Match{Command: "/snafu"}, Delay: "30s"})
	late := make(chan struct{})
	go func() { defer close(late); _, _ = ana.Slash(ctx, "#general", "/snafu status") }()
	require.Eventually(t, func() bool { return d.sim.Advance(time.Second) == nil && len(in.commands()) == 1 }, time.Minute, 5*time.Millisecond)
	<-late
	require.False(t, d.sim.Now().Before(noon.Add(30*time.Second)))

	d.fault(slacksim.Fault{Kind: "api.slow", Match: slacksim.Match{Method: "api.test"}, Delay: "20ms"})
	began := time.Now()
	_, err = d.api.AuthTest()
	require.NoError(t, err)
	resp := postJSON(t, d.sim.APIURL()+"api.test", `{}`)
	require.Contains(t, read(t, resp), `"ok":true`)
	require.GreaterOrEqual(t, time.Since(began), 20*time.Millisecond)
}
