package slacksim_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// closes fails unless the workspace ends.
func closes(t *testing.T, sim *slacksim.Sim) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- sim.Close() }()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("Close does not return")
	}
}

// A program that watches and stops reading fills its connection. The workspace
// ends all the same.
func TestCloseDoesNotWaitForAWatcherThatReadsNoMore(t *testing.T) {
	t.Parallel()
	sim, err := slacksim.Start(slacksim.Options{Log: quiet()})
	require.NoError(t, err)
	d := &desk{t: t, sim: sim}
	address, err := url.Parse(sim.APIURL())
	require.NoError(t, err)
	dialer := websocket.Dialer{NetDial: func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(4096)
		}
		return conn, err
	}}
	conn, resp, err := dialer.Dial("ws://"+address.Host+"/sim/stream?as=ana", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	defer conn.Close()
	general := d.roomID("general")
	_, err = sim.As("ana").Invites(d.ctx(), "#general", "snafu")
	require.NoError(t, err)
	long := strings.Repeat("x", 40_000)
	for range 400 {
		d.fine("chat.postMessage", args{"channel": general, "text": long})
	}
	closes(t, sim)
}

// A slow answer, a wait in vain and a body that never ends do not keep the
// workspace alive either.
func TestCloseDoesNotWaitForWhatIsBeingAnswered(t *testing.T) {
	t.Parallel()
	sim, err := slacksim.Start(slacksim.Options{Log: quiet()})
	require.NoError(t, err)
	_, err = sim.Fault(slacksim.Fault{Kind: "api.slow", Delay: "10m", Always: true})
	require.NoError(t, err)
	host := strings.TrimSuffix(strings.TrimPrefix(sim.APIURL(), "http://"), "/api/")
	send := func(request string) net.Conn {
		conn, err := net.Dial("tcp", host)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = conn.Write([]byte(strings.ReplaceAll(request, "HOST", host)))
		require.NoError(t, err)
		return conn
	}
	send("POST /api/api.test HTTP/1.1\r\nHost: HOST\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\nx")
	send("POST /api/api.test HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	send("POST /sim/await HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 35\r\n\r\n{\"connections\":7, \"timeout\":\"600s\"}")
	send("GET /sim/stream HTTP/1.1\r\nHost: HOST\r\nAccept: text/event-stream\r\n\r\n")
	require.Eventually(t, func() bool { return len(sim.Traffic("api")) > 0 }, time.Minute, time.Millisecond)
	closes(t, sim)
}

func TestCloseDoesNotWaitForAnAppThatNeverAnswers(t *testing.T) {
	t.Parallel()
	came, leave := make(chan struct{}, 100), make(chan struct{})
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		came <- struct{}{}
		select {
		case <-leave:
		case <-r.Context().Done():
		}
	}))
	defer app.Close()
	defer close(leave)
	sim, err := slacksim.Start(slacksim.Options{Log: quiet(), RequestURL: app.URL, Clock: slacksim.FrozenClock(noon)})
	require.NoError(t, err)
	<-came
	closes(t, sim)
}
