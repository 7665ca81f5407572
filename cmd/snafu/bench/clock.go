package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// took is what one repetition cost. cpu is of the server's backend, and 0
// where it cannot be seen; wal are the bytes of the server's log, of what writes.
type took struct {
	wall, cpu time.Duration
	wal       int64
}

// reader is how the counting login of the product names itself to the server.
const backendSQL = `
	select pid from pg_catalog.pg_stat_activity
	 where application_name = 'snafu:count' and datname = current_database() order by backend_start desc limit 1`

// own times work on our own connection.
func (db *database) own(ctx context.Context, work func(context.Context) error) (took, error) {
	return db.timed(ctx, func(context.Context) int { return int(db.conn.PgConn().PID()) }, work)
}

// counting times work on the one connection of the product's reader.
func (db *database) counting(ctx context.Context, work func(context.Context) error) (took, error) {
	return db.timed(ctx, func(ctx context.Context) int {
		var pid int
		if err := db.conn.QueryRow(ctx, backendSQL).Scan(&pid); err != nil {
			return 0
		}
		return pid
	}, work)
}

// timed leaves the CPU time out if the work ended on another backend than it
// began on.
func (db *database) timed(ctx context.Context, backend func(context.Context) int, work func(context.Context) error) (took, error) {
	pid, before := 0, time.Duration(0)
	seen := db.local()
	if seen {
		pid = backend(ctx)
		before, seen = onCPU(pid)
	}
	began := time.Now()
	err := work(ctx)
	t := took{wall: time.Since(began)}
	if err != nil {
		return t, err
	}
	if seen && backend(ctx) == pid {
		if after, ok := onCPU(pid); ok {
			t.cpu = after - before
		}
	}
	return t, nil
}

// local says whether the server's processes are on this machine.
func (db *database) local() bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", db.conn.PgConn().PID()))
	if err != nil || !strings.HasPrefix(string(name), "postgres") {
		return false
	}
	_, ok := onCPU(int(db.conn.PgConn().PID()))
	return ok
}

// onCPU is how long a process has run.
func onCPU(pid int) (time.Duration, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(text), " ")
	ns, err := strconv.ParseInt(first, 10, 64)
	return time.Duration(ns), err == nil && pid > 0
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
