package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	usersAtOnce = 16
	perSecond   = 500
	stride      = 7919 // so that no two users in a row meet on one page
)

// users are other people at work on the table: each changes one column of one
// lead, at a fixed rate, whether or not earlier ones have been answered.
type users struct {
	conns []*pgx.Conn
	rows  int64
}

// call is one update. A user waits from the moment they wanted it, also while
// the one before is not answered.
type call struct{ wanted, sent, answered time.Time }

func (d *desk) newUsers(ctx context.Context) (*users, error) {
	u := &users{rows: d.harm.rows()}
	for range usersAtOnce {
		conn, err := pgx.Connect(ctx, d.b.db.url)
		if err != nil {
			u.close(ctx)
			return nil, fmt.Errorf("connect a user: %w", err)
		}
		u.conns = append(u.conns, conn)
	}
	return u, nil
}

func (u *users) close(ctx context.Context) {
	for _, c := range u.conns {
		_ = c.Close(context.WithoutCancel(ctx))
	}
}

const userSQL = `update snafu_bench.lead_work set phone = '+call ' || id where id = $1`

// begin lets them work until the function that it returns is called, which gives
// all their updates once each is answered.
func (u *users) begin(ctx context.Context) func() ([]call, error) {
	ctx, cancel := context.WithCancel(ctx)
	wanted := make(chan time.Time, u.rows)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		defer close(wanted)
		u.want(wanted, stop)
	}()
	var numbers numbered
	calls, failed := make([][]call, len(u.conns)), make([]error, len(u.conns))
	for i, conn := range u.conns {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for at := range wanted {
				c := call{wanted: at, sent: time.Now()}
				if _, failed[i] = conn.Exec(ctx, userSQL, 1+numbers.next()*stride%u.rows); failed[i] != nil {
					cancel() // the others need not go on
					return
				}
				c.answered = time.Now()
				calls[i] = append(calls[i], c)
			}
		}()
	}
	return func() (all []call, err error) {
		close(stop)
		wait.Wait()
		cancel()
		for _, some := range calls {
			all = append(all, some...)
		}
		if err := errors.Join(failed...); err != nil {
			return nil, fmt.Errorf("update as a user: %w", err)
		}
		return all, nil
	}
}

// want asks for an update at its moment, and for each lead once at most.
func (u *users) want(wanted chan<- time.Time, stop <-chan struct{}) {
	at := time.Now()
	t := time.NewTimer(0)
	defer t.Stop()
	for range u.rows {
		select {
		case <-stop:
			return
		case <-t.C:
		}
		wanted <- at
		at = at.Add(time.Second / perSecond)
		t.Reset(time.Until(at))
	}
}

// numbered counts from 0, for several at once.
type numbered struct {
	mu sync.Mutex
	n  int64
}

func (n *numbered) next() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.n++
	return n.n - 1
}
