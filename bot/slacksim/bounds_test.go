package slacksim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// What nobody can use any more is not kept for ever.
func TestOldTriggersAddressesAndTicketsAreForgotten(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	for range 3000 {
		_, err := d.sim.As("ana").Slash(d.ctx(), "#general", "/snafu")
		require.NoError(t, err)
		require.NoError(t, d.sim.Advance(10*time.Second))
	}
	triggers, addresses, _ := d.sim.Remembered()
	require.Less(t, triggers, 2000)
	require.Less(t, addresses, 2000)
	require.GreaterOrEqual(t, addresses, 180, "an address works for half an hour")

	for range 1500 {
		_, out := d.send(http.MethodPost, "apps.connections.open", d.sim.Tokens().App, "", "")
		require.Equal(t, true, out["ok"])
		require.NoError(t, d.sim.Advance(10*time.Second))
	}
	_, _, tickets := d.sim.Remembered()
	require.Less(t, tickets, 500)
}

// An app that sends a huge frame loses its connection, and not the workspace its
// memory.
func TestAHugeFrameEndsItsConnection(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Log: quiet()})
	w, _ := d.dial()
	require.NoError(t, w.WriteMessage(websocket.TextMessage, []byte(`{"envelope_id":"`+strings.Repeat("x", 1<<20)+`"}`)), "large, and taken")
	require.Equal(t, 1, d.sim.Connections())
	_ = w.WriteMessage(websocket.TextMessage, make([]byte, 64<<20)) // it may be cut while it is sent
	require.NoError(t, d.sim.AwaitConnections(d.ctx(), 0))
}

func TestADisabledLinkIsClosed(t *testing.T) {
	t.Parallel()
	for kind, reason := range map[string]string{"socket.link_disabled": "link_disabled", "socket.too_many": "too_many_websockets"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
			w, _ := d.dial()
			d.fault(slacksim.Fault{Kind: kind})
			frame := w.next()
			require.Equal(t, "disconnect", frame["type"])
			require.Equal(t, reason, frame["reason"])
			_, _, err := w.ReadMessage()
			require.True(t, websocket.IsCloseError(err, websocket.CloseNormalClosure), err)
			require.NoError(t, d.sim.AwaitConnections(d.ctx(), 0))
		})
	}
}

// The traffic is kept by number and by size: large exchanges push out old ones.
func TestLargeTrafficIsForgottenSooner(t *testing.T) {
	t.Parallel()
	const most = 100_000
	d := start(t, slacksim.Options{})
	d.sim.KeepTraffic(most)
	general := d.room("general")
	long := strings.Repeat("x", 5000)
	for range 60 {
		d.fine("chat.postMessage", args{"channel": general, "text": long})
		require.Less(t, d.sim.TrafficBytes(), int64(2*most+20_000))
	}
	kept := d.sim.Traffic("api")
	require.Less(t, len(kept), 60, "something was forgotten")
	require.GreaterOrEqual(t, len(kept), 4, "not more than had to")
	require.Equal(t, long, at(kept[len(kept)-1].Request, "text"), "and the newest is there")
}

func TestAnAddressDoesNotWriteWhereNobodyCan(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	d.room("random")
	act, err := d.sim.As("ana").Slash(d.ctx(), "#random", "/snafu")
	require.NoError(t, err)
	yes, no := true, false
	require.NoError(t, d.sim.Admin().Channel("random", slacksim.ChannelChange{Archived: &yes}))
	resp := postJSON(t, act.ResponseURL, `{"text":"too late","response_type":"in_channel"}`)
	require.Equal(t, http.StatusGone, resp.StatusCode)
	require.Equal(t, "channel_is_archived", read(t, resp))
	require.NoError(t, d.sim.Admin().Channel("random", slacksim.ChannelChange{Archived: &no}))
	resp = postJSON(t, act.ResponseURL, `{"text":"in time","response_type":"in_channel"}`)
	require.Equal(t, "ok", read(t, resp))
	require.NoError(t, d.sim.Admin().Channel("random", slacksim.ChannelChange{Deleted: &yes}))
	resp = postJSON(t, act.ResponseURL, `{"text":"too late"}`)
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	require.Equal(t, "channel_not_found", read(t, resp))
}
