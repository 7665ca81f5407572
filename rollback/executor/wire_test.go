package executor_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// wire stands between a login and its database and sees each message that is
// sent. It can lose one, or its answer.
type wire struct {
	to, port string // the database
	network  string
	listener net.Listener

	mu    sync.Mutex
	trips int
	on    func(trip int) fate // called before a message is passed on; nil passes all
	ends  sync.WaitGroup
}

// fate is what becomes of a message.
type fate int

const (
	arrives  fate = iota
	lost          // with the connection
	answered      // it arrives, and the connection is lost before the answer
)

func newWire(t testing.TB, database string) *wire {
	t.Helper()
	c, err := pgconn.ParseConfig(database)
	require.NoError(t, err)
	w := &wire{network: "tcp", to: net.JoinHostPort(c.Host, fmt.Sprint(c.Port))}
	if strings.HasPrefix(c.Host, "/") {
		w.network, w.to = "unix", fmt.Sprintf("%s/.s.PGSQL.%d", c.Host, c.Port)
	}
	w.listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, w.port, err = net.SplitHostPort(w.listener.Addr().String())
	require.NoError(t, err)
	w.ends.Add(1)
	go w.accept()
	t.Cleanup(func() {
		w.watch(nil)
		_ = w.listener.Close()
		w.ends.Wait()
	})
	return w
}

// url is a database's, reached through the wire.
func (w *wire) url(t testing.TB, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	q := u.Query()
	q.Set("host", "127.0.0.1")
	q.Set("port", w.port)
	u.RawQuery = q.Encode()
	return u.String()
}

// watch decides about each message from now on.
func (w *wire) watch(on func(trip int) fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips, w.on = 0, on
}

// count is how many messages were sent since it was watched.
func (w *wire) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trips
}

func (w *wire) meet() fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips++
	if w.on == nil {
		return arrives
	}
	return w.on(w.trips)
}

func (w *wire) accept() {
	defer w.ends.Done()
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(context.Background(), w.network, w.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		w.ends.Add(2)
		go w.forth(client, server)
		go w.back(client, server)
	}
}

func (w *wire) forth(client, server net.Conn) {
	defer w.ends.Done()
	defer client.Close()
	defer server.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		if n > 0 {
			switch w.meet() {
			case arrives:
				if _, err := server.Write(buf[:n]); err != nil {
					return
				}
			case answered:
				_ = client.Close()
				_, _ = server.Write(buf[:n])
				_, _ = server.Read(buf) // it has been done
				return
			case lost:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *wire) back(client, server net.Conn) {
	defer w.ends.Done()
	defer client.Close()
	defer server.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		if n > 0 {
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
