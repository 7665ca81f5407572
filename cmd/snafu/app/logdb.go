package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/embedded"
	"snafu/manifests"
)

// LogDatabase is where the log is kept: a server that somebody named, or one of
// our own that lives as long as this value.
type LogDatabase struct {
	URL        string // as snafu_app
	MigrateURL string // as snafu_migrate; empty if nobody named one
	VerifyURL  string // as snafu_verify
	Admin      string // as an administrator; only of a server of our own
	server     *embedded.Server
}

// LogOptions say how the log database is found.
type LogOptions struct {
	Log *slog.Logger
	Say func(string)
	Env Lookup
	// MustExist is for commands that look: they start the server that a serve
	// before them has made, and never make one.
	MustExist bool
}

const databaseName = "snafu"

// OpenLog finds the log database: the configured one, else the persistent
// Postgres of our own, which it starts, joins or makes.
func OpenLog(ctx context.Context, c DatabaseConfig, o LogOptions) (*LogDatabase, error) {
	if c.URL.Given() {
		l := &LogDatabase{URL: c.URL.Reveal(), MigrateURL: c.MigrateURL.Reveal(), VerifyURL: c.VerifyURL.Reveal()}
		if l.VerifyURL == "" {
			l.VerifyURL = l.URL
		}
		return l, nil
	}
	dir := c.Dir
	if dir == "" {
		state, _ := o.Env("XDG_STATE_HOME")
		home, err := embedded.Home(state)
		if err != nil {
			return nil, fmt.Errorf("find a folder for the log: %w", err)
		}
		dir = home
	}
	if o.MustExist {
		server, err := embedded.Join(dir)
		if err == nil {
			return ofServer(server)
		}
		var r *embedded.Refused
		if !errors.As(err, &r) || (r.Code != embedded.NotRunning && r.Code != embedded.NotThere) {
			return nil, err
		}
	}
	bin, _ := o.Env("SNAFU_PG_BIN")
	server, err := embedded.Start(ctx, embedded.Options{
		Dir: dir, MustExist: o.MustExist, Stamp: pgdb.Stamp(), BinDir: bin, Say: o.Say, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	return prepared(ctx, server, o.Log)
}

// ThrowAway starts a Postgres that ends with this process, or one that stays in
// dir if that is not empty, and makes the log database in it.
func ThrowAway(ctx context.Context, dir string, o LogOptions) (*LogDatabase, error) {
	bin, _ := o.Env("SNAFU_PG_BIN")
	if dir != "" {
		dir = filepath.Join(dir, "postgres")
	}
	server, err := embedded.Start(ctx, embedded.Options{Dir: dir, Stamp: pgdb.Stamp(), BinDir: bin, Say: o.Say, Log: o.Log})
	if err != nil {
		return nil, err
	}
	return prepared(ctx, server, o.Log)
}

// Database makes an empty database beside the log, for sample data, and returns
// its address as an administrator. One that is there already is returned with
// made false.
func (l *LogDatabase) Database(ctx context.Context, name string) (url string, made bool, err error) {
	conn, err := pgx.Connect(ctx, l.server.DSN("postgres"))
	if err != nil {
		return "", false, fmt.Errorf("connect to our own Postgres: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // its work is done or has failed
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	if err != nil && pgdb.State(err) != "42P04" {
		return "", false, fmt.Errorf("make database %s: %w", name, err)
	}
	return l.server.DSN(name), err == nil, nil
}

// Gone is closed when a server of our own has ended; it is nil otherwise.
func (l *LogDatabase) Gone() <-chan struct{} {
	if l.server == nil {
		return nil
	}
	return l.server.Gone()
}

// Close stops a server of our own.
func (l *LogDatabase) Close() error {
	if l.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return l.server.Stop(ctx)
}

// prepared brings the log database of a server of ours to the state that an
// operator would bring it to by hand.
func prepared(ctx context.Context, server *embedded.Server, log *slog.Logger) (*LogDatabase, error) {
	l, err := ofServer(server)
	if err != nil {
		return nil, err
	}
	err = func() error {
		if _, _, err := l.Database(ctx, databaseName); err != nil {
			return err
		}
		if err := pgdb.Roles(ctx, l.Admin, manifests.LogRoles); err != nil {
			return err
		}
		return pgdb.Migrate(ctx, l.MigrateURL, log)
	}()
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func ofServer(server *embedded.Server) (*LogDatabase, error) {
	l := &LogDatabase{server: server, Admin: server.DSN(databaseName)}
	for role, to := range map[string]*string{pgdb.App: &l.URL, pgdb.Mover: &l.MigrateURL, pgdb.Reader: &l.VerifyURL} {
		url, err := pgdb.As(role, l.Admin)
		if err != nil {
			return nil, err
		}
		*to = url
	}
	return l, nil
}

// sentence is an error of a start in one line for the person who started it:
// what a room said in words for people, else the words of the database.
func sentence(what string, err error) error {
	var r *embedded.Refused
	if errors.As(err, &r) {
		return errors.New(r.Say)
	}
	words := pgdb.Words(err)
	if words == "" {
		words = err.Error()
	}
	return fmt.Errorf("%s: %s", what, strings.TrimSuffix(words, "."))
}
