package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb/embedded"
)

// database is the scratch database of a benchmark: a given one, or one on a
// server of our own that ends with it.
type database struct {
	url    string
	conn   *pgx.Conn // for making data and for the bare limits
	server *embedded.Server
}

// stamp is the comment of our schema, by which a later benchmark knows that it
// may take it away.
const stamp = "snafu bench 1"

// Our own server keeps what it wrote, as a customer's does. It has no parallel
// workers: a ratio of CPU times says nothing when one side may borrow a core.
func settings() map[string]string {
	buffers := min(max(memory()/4, 128<<20), 4<<30)
	return map[string]string{
		"shared_buffers": strconv.FormatInt(buffers>>20, 10) + "MB", "work_mem": "64MB", "max_wal_size": "8GB",
		"checkpoint_timeout": "15min", "jit": "off", "max_parallel_workers_per_gather": "0",
	}
}

func openDatabase(ctx context.Context, o Options) (*database, error) {
	db := &database{url: o.URL}
	if o.URL == "" {
		bin, _ := o.Env("SNAFU_PG_BIN")
		server, err := embedded.Start(ctx, embedded.Options{Durable: true, BinDir: bin, Settings: settings(), Say: o.Say, Log: o.Log, URLSetting: "--dsn"})
		if err != nil {
			return nil, err
		}
		db.server, db.url = server, server.DSN("postgres")
	}
	if err := db.prepare(ctx, o); err != nil {
		return nil, errors.Join(err, db.leave(context.WithoutCancel(ctx)))
	}
	return db, nil
}

func (db *database) prepare(ctx context.Context, o Options) (err error) {
	if db.url, err = alike(db.url); err != nil {
		return err
	}
	if db.conn, err = pgx.Connect(ctx, db.url); err != nil {
		return fmt.Errorf("the database of --dsn does not answer: %w", err)
	}
	return db.claim(ctx, o)
}

const alikeOptions = "-cmax_parallel_workers_per_gather=0 -cjit=off -cwork_mem=64MB"

// alike makes every connection of the benchmark work under the same settings,
// whatever the server's are.
func alike(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return "", errors.New("--dsn is not written as postgres://user@host/database")
	}
	q := u.Query()
	q.Set("options", strings.TrimSpace(q.Get("options")+" "+alikeOptions))
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String(), nil
}

const foreignSQL = `
	select count(*)
	  from pg_catalog.pg_class c
	  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
	 where c.relkind in ('r', 'p', 'v', 'm', 'f')
	   and n.nspname not in ('pg_catalog', 'information_schema', 'snafu_bench')
	   and not (n.nspname = 'snafu' and pg_catalog.obj_description(n.oid, 'pg_namespace') = '` + stamp + `')
	   and n.nspname not like 'pg\_toast%' and n.nspname not like 'pg\_temp%'`

const ownSQL = `
	select coalesce(pg_catalog.obj_description(oid, 'pg_namespace'), '')
	  from pg_catalog.pg_namespace where nspname = 'snafu_bench'`

// claim takes a database that is empty, or that an earlier benchmark left.
func (db *database) claim(ctx context.Context, o Options) error {
	var tables int64
	if err := db.conn.QueryRow(ctx, foreignSQL).Scan(&tables); err != nil {
		return fmt.Errorf("look into the database: %w", err)
	}
	if tables > 0 {
		return fmt.Errorf("the database of --dsn holds %d tables that are not the benchmark's. Name an empty one: createdb snafu_bench", tables)
	}
	var found string
	err := db.conn.QueryRow(ctx, ownSQL).Scan(&found)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return fmt.Errorf("look into the database: %w", err)
	case found != stamp:
		return errors.New("the database of --dsn has a schema snafu_bench that no benchmark of this version made. Name an empty database")
	default:
		o.Say("An earlier benchmark left its schema; it is made anew.")
	}
	if err := db.dropProduct(ctx, db.conn); err != nil {
		return err
	}
	if _, err := db.conn.Exec(ctx, makeSQL); err != nil {
		return fmt.Errorf("make the schema snafu_bench: %w", err)
	}
	return nil
}

// close takes the scratch schema away, and ends a server of our own.
func (db *database) close(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if db.server != nil {
		return db.leave(ctx)
	}
	if o.Keep {
		o.Say("The schema snafu_bench stays in the database.")
		return db.leave(ctx)
	}
	conn, err := pgx.Connect(ctx, db.url) // an interrupted statement has ended the other connection
	if err != nil {
		return errors.Join(fmt.Errorf("the schema snafu_bench could not be taken away: %w", err), db.leave(ctx))
	}
	_, err = conn.Exec(ctx, `drop schema if exists snafu_bench cascade`)
	return errors.Join(err, db.dropProduct(ctx, conn), conn.Close(ctx), db.leave(ctx))
}

func (db *database) leave(ctx context.Context) error {
	if db.conn != nil {
		_ = db.conn.Close(ctx)
	}
	if db.server == nil {
		return nil
	}
	return db.server.Stop(ctx)
}

// machine is what the figures were measured on.
type machine struct {
	Cores     int     `json:"cores"`
	MemoryMB  int64   `json:"memory_mb"`
	Postgres  string  `json:"postgres"`
	From      string  `json:"from"` // where the server came from
	Fsync     string  `json:"fsync"`
	Sync      string  `json:"synchronous_commit"`
	Buffers   string  `json:"shared_buffers"`
	CommitMS  float64 `json:"commit_ms"` // median of 100 small ones
	Load      string  `json:"load"`
	Rows      int64   `json:"rows"`
	Affected  int64   `json:"affected"`
	Rounds    int     `json:"rounds"`
	Seed      int64   `json:"seed"`
	Revision  string  `json:"revision"`
	Judges    string  `json:"judges"` // what is compared when wall time is noisy
	GoVersion string  `json:"go"`
}

const machineSQL = `
	select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('shared_buffers')`

func (db *database) machine(ctx context.Context, o Options) (machine, error) {
	m := machine{
		Cores: runtime.NumCPU(), MemoryMB: memory() >> 20, From: "--dsn", Load: load(), Rows: o.Rows, Affected: o.Affected,
		Rounds: o.Rounds, Seed: o.Seed, Revision: revision(), Judges: "wall time alone", GoVersion: runtime.Version(),
	}
	if db.server != nil {
		m.From = string(db.server.Source)
	}
	if db.local() {
		m.Judges = "CPU time of the server"
	}
	if err := db.conn.QueryRow(ctx, machineSQL).Scan(&m.Postgres, &m.Fsync, &m.Sync, &m.Buffers); err != nil {
		return m, fmt.Errorf("ask the server what it is: %w", err)
	}
	var commits []time.Duration
	for range 100 {
		began := time.Now()
		if _, err := db.conn.Exec(ctx, `insert into snafu_bench.commits default values`); err != nil {
			return m, fmt.Errorf("commit: %w", err)
		}
		commits = append(commits, time.Since(began))
	}
	slices.Sort(commits)
	m.CommitMS = millis(commits[len(commits)/2])
	return m, nil
}

func (m machine) String() string {
	return fmt.Sprintf("%d cores, %d MB, PostgreSQL %s (%s), fsync %s, synchronous_commit %s, shared_buffers %s, commit %.2f ms, load %s, seed %d, %s",
		m.Cores, m.MemoryMB, m.Postgres, m.From, m.Fsync, m.Sync, m.Buffers, m.CommitMS, m.Load, m.Seed, m.Revision)
}

func revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return "revision " + s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	return "revision unknown"
}

// load is the machine's load averages, or "unknown".
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	words := strings.Fields(string(text))
	if err != nil || len(words) < 3 {
		return "unknown"
	}
	return strings.Join(words[:3], " ")
}

// memory is the machine's, in bytes, or 0.
func memory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	words := strings.Fields(string(text))
	if err != nil || len(words) < 2 {
		return 0
	}
	kb, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return 0
	}
	return kb << 10
}
