// Package postgres counts and puts back records in a customer's PostgreSQL.
//
// It knows the catalogue, row versions and the tables of schema snafu in the
// source. It decides nothing: which records a plan may write comes frozen from
// rollback, and classes and digests computed here in SQL are the same as those
// computed there in Go.
//
// Decisions.
//
//	Compare inside the UPDATE, under the row lock. Comparing first and writing
//	by key loses a colleague's write that lands in between (measured).
//	Ledger, batch and change commit together in the source. Kept elsewhere, the
//	list of who was fixed was wrong after kill -9 in every run measured.
package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// Options declare one source.
type Options struct {
	Name     string // as the configuration calls it: "crm"
	CountURL string // login snafu_count; a replica is welcome
	ExecURL  string // login snafu_exec on the primary; empty means that it is only measured
	Tables   []rollback.Table
	Queries  []rollback.Query    // reviewed counts, which must fit the source
	Evidence []rollback.Reviewed // that is asked here, of this source or another
	// Automations are what works by itself in the source, and can be switched.
	Automations []rollback.Automation
	Counts      Counts
	Throttle    Throttle
	Limits      rollback.Limits // zero means rollback.DefaultLimits
	Written     *Written        // shared by the logins of one source; a reader on a standby needs it
}

// Counts bound what counting may cost the source. Zeros mean 15 s, 1 s, 3, 30 s
// and a cost of ten million.
type Counts struct {
	MaxCost          float64 // of a named or typed count, as the server's planner reckons
	StatementTimeout time.Duration
	LockTimeout      time.Duration
	Connections      int32
	Replica          bool          // the counting login is on a standby
	MaxLag           time.Duration // behind its primary; zero means 30 s
}

func (o Options) withDefaults() Options {
	if o.Counts.StatementTimeout == 0 {
		o.Counts.StatementTimeout = 15 * time.Second
	}
	if o.Counts.LockTimeout == 0 {
		o.Counts.LockTimeout = time.Second
	}
	if o.Counts.Connections == 0 {
		o.Counts.Connections = 3
	}
	if o.Counts.MaxCost == 0 {
		o.Counts.MaxCost = 1e7
	}
	if o.Counts.MaxLag == 0 {
		o.Counts.MaxLag = 30 * time.Second
	}
	if o.Throttle.MaxLag == 0 {
		o.Throttle.MaxLag = 5 * time.Second
	}
	if o.Limits == (rollback.Limits{}) {
		o.Limits = rollback.DefaultLimits()
	}
	return o
}

// table finds a declaration by its name.
func (o Options) table(name string) (rollback.Table, error) {
	for _, t := range o.Tables {
		if t.Name == name {
			return t, nil
		}
	}
	return rollback.Table{}, refusal.NotFound("Source %s declares no table %q.", o.Name, name)
}

// Reader is the counting login.
type Reader struct {
	pool *pgxpool.Pool
	opt  Options
}

// Writer is the executing login.
type Writer struct {
	pool *pgxpool.Pool
	opt  Options

	mu       sync.Mutex
	known    *table // of the run in hand
	knownRun int64
	replicas []*pgxpool.Pool // to look at, each opened when it is first asked
	position string          // of the primary's log when they were looked at last
}

var (
	_ source.Reader = (*Reader)(nil)
	_ source.Writer = (*Writer)(nil)
)

// OpenReader opens the counting login. No connection is made before the first
// question.
func OpenReader(ctx context.Context, o Options) (*Reader, error) {
	o = o.withDefaults()
	pool, err := open(ctx, o.CountURL, "snafu:count", o.Counts.Connections)
	if err != nil {
		return nil, err
	}
	return &Reader{pool: pool, opt: o}, nil
}

// OpenWriter opens the executing login for one freeze or one run; Close ends
// it. It refuses with Forbidden a source that is only measured.
func OpenWriter(ctx context.Context, o Options) (*Writer, error) {
	if o.ExecURL == "" {
		return nil, refusal.Forbidden("Source %s is only measured: it has no exec_dsn. Its admin can add one.", o.Name)
	}
	o = o.withDefaults()
	pool, err := open(ctx, o.ExecURL, "snafu:run", 2)
	if err != nil {
		return nil, err
	}
	return &Writer{pool: pool, opt: o}, nil
}

// Close ends the login's connections.
func (r *Reader) Close() { r.pool.Close() }

// Close ends the login's connections.
func (w *Writer) Close() {
	w.pool.Close()
	for _, r := range w.replicas {
		if r != nil {
			r.Close()
		}
	}
}

func open(ctx context.Context, url, name string, connections int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the connection string of a source cannot be read") //nolint:err113 // the cause would show the password
	}
	cfg.MaxConns = connections
	cfg.MaxConnIdleTime = 30 * time.Second
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.ConnConfig.RuntimeParams["application_name"] = name
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fault("connect", err)
	}
	return pool, nil
}
