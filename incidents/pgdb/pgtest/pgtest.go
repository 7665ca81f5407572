// Package pgtest gives each test a migrated database of its own.
//
// One cluster serves a test binary: a throw-away one, or the server that
// SNAFU_TEST_DATABASE_URL names, as one of its superusers. Each database is
// cloned from a template that was migrated once. Without a Postgres the tests
// fail and say what to install, so that a green run always ran them.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/embedded"
	"snafu/manifests"
)

// Main runs the tests of a package and ends its cluster:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	defer here.stop()
	m.Run()
}

// New returns a migrated database, connected as the bot is. It is dropped when
// the test ends; a connection that is still open then fails the test.
func New(t testing.TB) *pgdb.DB {
	t.Helper()
	c := here.start(t)
	name := c.create(t, c.template(t))
	db, err := pgdb.Open(t.Context(), pgdb.Options{URL: c.url(name, pgdb.App)})
	require.NoError(t, err)
	t.Cleanup(func() { c.leave(t, db) })
	return db
}

// Empty returns the URL of an empty database in the same cluster, as its
// superuser: a source, in the tests that need one.
func Empty(t testing.TB) string {
	t.Helper()
	c := here.start(t)
	return c.url(c.create(t, "template1"), "")
}

// Unmigrated returns the URL of a database that has our roles and nothing else,
// as the login of snafu migrate.
func Unmigrated(t testing.TB) string {
	t.Helper()
	c := here.start(t)
	c.template(t) // makes the roles of the server
	name := c.create(t, "template1")
	require.NoError(t, pgdb.Roles(t.Context(), c.url(name, ""), manifests.LogRoles))
	return c.url(name, pgdb.Mover)
}

// As is the URL of a test's database for another of our logins, such as
// pgdb.Reader.
func As(t testing.TB, db *pgdb.DB, login string) string {
	t.Helper()
	return here.start(t).url(nameOf(db), login)
}

// AdminURL is the URL of a test's database for the superuser of its server.
func AdminURL(t testing.TB, db *pgdb.DB) string {
	t.Helper()
	return here.start(t).url(nameOf(db), "")
}

// OwnerURL is the URL of a test's database for the owner of its tables, who can
// do what the bot cannot.
func OwnerURL(t testing.TB, db *pgdb.DB) string {
	t.Helper()
	return withOption(AdminURL(t, db), "role=snafu_owner")
}

// Connect opens a connection that the end of the test closes.
func Connect(t testing.TB, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// Login makes a login of the server, unless it is there, and lifts its limit of
// connections: roles are the server's, and parallel tests share them.
func Login(t testing.TB, name string) {
	t.Helper()
	c := here.start(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NoError(t, c.run(t.Context(), fmt.Sprintf(unlimited, pgx.Identifier{name}.Sanitize(), name)))
}

const unlimited = `
	do $$
	begin
		begin
			create role %[1]s login noinherit;
		exception when duplicate_object or unique_violation then null;
		end;
		if exists (select from pg_roles where rolname = '%[2]s' and rolconnlimit <> -1) then
			alter role %[1]s connection limit -1;
		end if;
	end $$`

// here is the cluster of this test binary, started by the first test that needs it.
var here cluster

type cluster struct {
	once  sync.Once
	ours  *embedded.Server // nil on a server of the user's
	admin string           // its postgres database, as superuser
	err   error

	templateOnce sync.Once
	templateName string
	templateErr  error

	mu      sync.Mutex // one clone at a time: two at once were no faster
	num     int
	conn    *pgx.Conn // the administrator's
	origins []string  // what tests prepared; it lasts as long as their binary
}

func (c *cluster) start(t testing.TB) *cluster {
	t.Helper()
	c.once.Do(func() {
		if c.admin = os.Getenv("SNAFU_TEST_DATABASE_URL"); c.admin != "" {
			c.err = dropForgotten(c.admin)
			return
		}
		c.ours, c.err = embedded.Start(context.Background(), embedded.Options{
			Tmpfs:      true,
			URLSetting: "SNAFU_TEST_DATABASE_URL",
			BinDir:     os.Getenv("SNAFU_PG_BIN"),
		})
		if c.err == nil {
			c.admin = c.ours.DSN("postgres")
		}
	})
	require.NoError(t, c.err)
	return c
}

func (c *cluster) stop() {
	if c.ours == nil {
		for _, name := range c.origins {
			_ = c.run(context.Background(), "drop database if exists "+name+" with (force)")
		}
	}
	if c.conn != nil {
		_ = c.conn.Close(context.Background())
	}
	if c.ours == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = c.ours.Stop(ctx) // what it had is swept by the next start
}

// url names a database and a login of ours, or the superuser.
func (c *cluster) url(database, login string) string {
	u, err := url.Parse(c.admin)
	if err != nil {
		return c.admin // and the connection says what is wrong with it
	}
	u.Path = "/" + database
	switch {
	case login == "":
	case c.ours != nil:
		u.User = url.User(login)
	default:
		u.User = url.UserPassword(login, password(c.admin))
	}
	return u.String()
}

func withOption(databaseURL, setting string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return databaseURL
	}
	q := u.Query()
	q.Set("options", "-c"+setting) // a space would reach the server as a plus
	u.RawQuery = q.Encode()
	return u.String()
}

func nameOf(db *pgdb.DB) string { return db.Pool().Config().ConnConfig.Database }
