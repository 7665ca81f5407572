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

// wire is one Socket Mode connection, spoken by hand.
type wire struct {
	t *testing.T
	*websocket.Conn
}

// dial opens a connection and returns it with its first frame.
func (d *desk) dial() (wire, map[string]any) {
	d.t.Helper()
	req, err := http.NewRequest("POST", d.sim.APIURL()+"apps.connections.open", nil)
	require.NoError(d.t, err)
	req.Header.Set("Authorization", "Bearer "+d.sim.Tokens().App)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	_, rest, found := strings.Cut(read(d.t, resp), `"url":"`)
	require.True(d.t, found)
	address, _, _ := strings.Cut(rest, `"`)
	conn, _, err := websocket.DefaultDialer.Dial(strings.ReplaceAll(address, `\u0026`, "&"), nil)
	require.NoError(d.t, err)
	d.t.Cleanup(func() { _ = conn.Close() })
	w := wire{d.t, conn}
	return w, w.next()
}

// next is the next frame.
func (w wire) next() map[string]any {
	w.t.Helper()
	require.NoError(w.t, w.SetReadDeadline(time.Now().Add(time.Minute)))
	var frame map[string]any
	require.NoError(w.t, w.ReadJSON(&frame))
	return frame
}

func (w wire) ack(frame map[string]any) {
	w.t.Helper()
	require.NoError(w.t, w.WriteJSON(map[string]any{"envelope_id": frame["envelope_id"]}))
}

// texts of the events or commands in frames.
func (w wire) texts(n int) []any {
	w.t.Helper()
	var out []any
	for range n {
		frame := w.next()
		w.ack(frame)
		payload, _ := frame["payload"].(map[string]any)
		if event, ok := payload["event"].(map[string]any); ok {
			payload = event
		}
		out = append(out, payload["text"])
	}
	return out
}

func TestTheEleventhConnectionIsToldAndClosed(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	for n := 1; n <= 10; n++ {
		_, hello := d.dial()
		require.Equal(t, "hello", hello["type"])
		require.EqualValues(t, n, hello["num_connections"])
	}
	w, frame := d.dial()
	require.Equal(t, "disconnect", frame["type"])
	require.Equal(t, "too_many_websockets", frame["reason"])
	_, _, err := w.ReadMessage()
	require.True(t, websocket.IsCloseError(err, websocket.CloseNormalClosure), err)
	require.Equal(t, 10, d.sim.Connections())
}

func TestAWarningComesTenSecondsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	leaves, _ := d.dial()
	stays, _ := d.dial()
	d.fault(slacksim.Fault{Kind: "socket.warning", Match: slacksim.Match{Connection: 1}})
	require.Equal(t, "warning", leaves.next()["reason"])
	d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","text":"a","wait":false}`)
	d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","text":"b","wait":false}`)
	require.Len(t, append(leaves.texts(1), stays.texts(1)...), 2, "a warned connection still gets payloads")
	require.NoError(t, d.sim.Idle(d.ctx()))
	require.NoError(t, d.sim.Advance(10*time.Second))
	require.Equal(t, "refresh_requested", leaves.next()["reason"])
	for range 2 {
		d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","text":"c","wait":false}`)
	}
	require.Equal(t, []any{"c", "c"}, stays.texts(2), "one that was told to leave gets nothing")
}

func TestAHalfClosedConnectionKeepsItsTCPConnection(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	w, _ := d.dial()
	d.fault(slacksim.Fault{Kind: "socket.half_close"})
	_, _, err := w.ReadMessage() // the library answers the close frame itself
	require.True(t, websocket.IsCloseError(err, websocket.CloseNormalClosure), err)
	require.NoError(t, d.sim.AwaitConnections(d.ctx(), 0))
	require.NoError(t, w.NetConn().SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err = w.NetConn().Read(make([]byte, 1))
	require.ErrorContains(t, err, "timeout", "the connection is open, and silent")
}

func TestOnlyTheFirstAcknowledgementOnItsOwnConnectionCounts(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	a, _ := d.dial()
	b, _ := d.dial()
	d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","wait":false}`)
	d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","wait":false}`)
	one, two := a.next(), b.next()
	b.ack(one)
	require.NoError(t, a.WriteJSON(map[string]any{"envelope_id": one["envelope_id"], "payload": map[string]any{"text": strings.Repeat("x", 20_480)}}))
	b.ack(two)
	b.ack(two)
	for _, why := range []string{"other_connection", "too_large", "unknown_or_late"} {
		d.until(why, func() bool {
			for _, x := range d.sim.Traffic("ack") {
				if x.Error == why {
					return true
				}
			}
			return false
		})
	}
	require.NoError(t, d.sim.Advance(3*time.Second))
	require.NoError(t, d.sim.Idle(d.ctx()))
	a.ack(one)
	d.until("the late one", func() bool { return len(d.sim.Traffic("ack")) == 5 })
	counted := 0
	for _, x := range d.sim.Traffic("ack") {
		if x.OK {
			counted++
		}
	}
	require.Equal(t, 1, counted)
}

func TestPayloadsInReverse(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)})
	d.dial()
	d.dial()
	slash := func(words string) {
		d.ok("POST", "/sim/as/ana/slash", `{"channel":"#general","command":"/snafu","text":"`+words+`","wait":false}`)
	}
	id := d.fault(slacksim.Fault{Kind: "socket.reorder", Match: slacksim.Match{Command: "/snafu"}, Window: 3, Times: 2})
	for _, words := range []string{"one", "two", "three"} {
		slash(words)
	}
	marked := 0
	for _, x := range d.sim.Traffic("envelope") {
		if x.Fault == "socket.reorder" {
			marked++
		}
	}
	require.Equal(t, 3, marked)
	order := []string{}
	for _, x := range d.sim.Traffic("envelope") {
		frame, _ := x.Request.(map[string]any)
		payload, _ := frame["payload"].(map[string]any)
		order = append(order, payload["text"].(string))
	}
	require.Equal(t, []string{"three", "two", "one"}, order)

	slash("alone")
	require.Len(t, d.sim.Traffic("envelope"), 3, "a window that is not full holds back")
	require.True(t, d.sim.Unfault(id))
	require.Len(t, d.sim.Traffic("envelope"), 4, "and lets go with the fault")
}

func TestFaultsOfTheTableAloneAreTaken(t *testing.T) {
	t.Parallel()
	d := start(t, slacksim.Options{})
	for _, wrong := range []string{
		`{"kind":"socket.gremlin"}`, `{"kind":"socket.cut","copies":2}`, `{"kind":"api.slow"}`, `{"kind":"api.slow","delay":"soon"}`,
		`{"kind":"api.http_error","status":404}`, `{"kind":"socket.reorder","window":-1}`, `{"kind":"http.replay","match":{"method":"chat.update"}}`,
		`{"kind":"api.error","match":{"method":"chat.update"},"error":"name_taken"}`, `{"kind":"api.lost_reply","match":{"method":"chat.shout"}}`,
		`{"kind":"event.drop","match":{"command":"/snafu"}}`, `{"kind":"api.lost_reply","always":true}`, `{"kind":"http.old_timestamp","skew":7}`,
		`{"kind":"event.drop","match":{"weather":"rain"}}`,
	} {
		code, out := d.ask("POST", "/sim/faults", wrong)
		require.Equal(t, http.StatusBadRequest, code, "%s %v", wrong, out)
		require.Equal(t, "bad_request", out["error"])
	}
	for _, right := range []string{
		`{"kind":"api.rate_limited","retry_after":3,"match":{"method":"chat.update","channel":"#general","person":"ana"}}`,
		`{"kind":"api.http_error","status":502,"html":true,"skip":1,"times":0}`, `{"kind":"api.slow","delay":"1s"}`,
		`{"kind":"api.lost_reply"}`, `{"kind":"api.lost_request"}`, `{"kind":"api.error","match":{"method":"chat.update"},"error":"message_not_found"}`,
		`{"kind":"socket.drop_ack","match":{"event":"view_submission"}}`, `{"kind":"socket.delay","delay":"1s","match":{"connection":2}}`,
		`{"kind":"socket.duplicate","copies":2}`, `{"kind":"socket.reorder","window":3}`, `{"kind":"socket.refuse"}`,
		`{"kind":"http.bad_signature"}`, `{"kind":"http.old_timestamp","skew":"10m"}`, `{"kind":"http.replay","copies":2}`,
		`{"kind":"http.slow_body","delay":"1s"}`, `{"kind":"event.drop"}`, `{"kind":"event.duplicate","copies":2}`,
		`{"kind":"event.reorder","window":2}`, `{"kind":"ephemeral.lost"}`, `{"kind":"response.http_error","status":502}`,
	} {
		id := d.ok("POST", "/sim/faults", right)["id"].(string)
		listed := d.ok("GET", "/sim/faults", "")["faults"].([]any)
		require.Len(t, listed, 1)
		require.Equal(t, id, listed[0].(map[string]any)["id"])
		require.EqualValues(t, 0, listed[0].(map[string]any)["hits"])
		d.ok("DELETE", "/sim/faults/"+id, "")
	}
	code, _ := d.ask("DELETE", "/sim/faults/f1", "")
	require.Equal(t, http.StatusNotFound, code)
}

// until waits for what the workspace shows, woken by its stream of changes.
func (d *desk) until(what string, met func() bool) {
	d.t.Helper()
	require.Eventually(d.t, met, time.Minute, time.Millisecond, what)
}
