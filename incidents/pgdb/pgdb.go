// Package pgdb is our own Postgres: the pool, the transaction, the ladder of
// migrations, the lease, and what an error of the database means.
//
// It knows none of the tables that other rooms own. A customer's database is
// never reached from here.
//
// 2026-10: READ COMMITTED with row locks over SERIALIZABLE, because five clicks
// at once on a thousand plans were equally safe under both, and serializable
// paid with two retries a plan.
package pgdb

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options of a pool.
type Options struct {
	URL      string       // of the log database, as role snafu_app
	MaxConns int          // 12 if zero
	Log      *slog.Logger // what a person may want to know; nil is silence
	// Clock replaces the clock of the database in DB.Now. Tests set it.
	Clock func() time.Time
}

// DB is a pool of connections to the log database.
type DB struct {
	// Clock replaces the clock of the database in Now while it is not nil. It is
	// set before the first use and not while others use the pool.
	Clock func() time.Time

	pool *pgxpool.Pool
	log  *slog.Logger
}

// What every connection says of itself. A statement never outlives its use case
// for long, and the server notices within half a second that we have died: a
// kill -9 of the bot does not stop its SQL by itself.
var session = map[string]string{
	"application_name":                    "snafu",
	"search_path":                         "snafu",
	"TimeZone":                            "UTC",
	"lock_timeout":                        "1s",
	"statement_timeout":                   "15s",
	"idle_in_transaction_session_timeout": "30s",
	"client_connection_check_interval":    "500ms",
}

const (
	usualConns     = 12
	connectTimeout = 5 * time.Second
	keepAlive      = 10 * time.Second
	idleBeforePing = 30 * time.Second
	pingTimeout    = 2 * time.Second
)

// Open connects and asks one question, so that a wrong URL is known at start.
// Words turns its error into a sentence.
func Open(ctx context.Context, o Options) (*DB, error) {
	conns := o.MaxConns
	if conns <= 0 {
		conns = usualConns
	}
	pool, err := open(ctx, o.URL, conns, session, nil)
	if err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &DB{Clock: o.Clock, pool: pool, log: log}, nil
}

// Pool is for statements outside of a transaction and for the job runner.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Close waits until every connection is given back, and closes them.
func (db *DB) Close() { db.pool.Close() }

const readClock = `select clock_timestamp()`

// Now is the one instant of a transaction, UTC in microseconds. It is asked for
// as the statement after the lock: inside "select ... for update" the same
// function is evaluated before the lock is granted, and now() lags by the whole
// wait. A nil tx asks on a connection of the pool.
func (db *DB) Now(ctx context.Context, tx pgx.Tx) (time.Time, error) {
	if db.Clock != nil {
		return db.Clock().UTC().Truncate(time.Microsecond), nil
	}
	var asker interface {
		QueryRow(context.Context, string, ...any) pgx.Row
	} = db.pool
	if tx != nil {
		asker = tx
	}
	var at time.Time
	if err := asker.QueryRow(ctx, readClock).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("read the clock: %w", err)
	}
	return at.UTC(), nil
}

func open(ctx context.Context, url string, conns int, params map[string]string, prepare func(context.Context, *pgx.Conn) error) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %w", err)
	}
	for name, value := range params {
		cfg.ConnConfig.RuntimeParams[name] = value
	}
	cfg.MaxConns = int32(min(conns, 1000))
	cfg.ConnConfig.ConnectTimeout = connectTimeout
	dialer := net.Dialer{KeepAlive: keepAlive}
	cfg.ConnConfig.DialFunc = dialer.DialContext
	cfg.AfterConnect = prepare
	cfg.PingTimeout = pingTimeout
	cfg.ShouldPing = func(_ context.Context, p pgxpool.ShouldPingParams) bool {
		return p.IdleDuration > idleBeforePing
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to database: %w", err)
	}
	return pool, nil
}
