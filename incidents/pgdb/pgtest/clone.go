package pgtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/manifests"
)

const templateLock = 7233726684719

// patience is what a busy machine gets to end what has been closed.
const patience = 30 * time.Second

// inUse says that a database has sessions.
const inUse = "55006"

// template makes the migrated database that all tests are cloned from, unless
// this server has it already.
func (c *cluster) template(t testing.TB) string {
	t.Helper()
	c.templateOnce.Do(func() {
		c.templateName, c.templateErr = c.buildTemplate(context.Background())
	})
	require.NoError(t, c.templateErr)
	return c.templateName
}

func (c *cluster) buildTemplate(ctx context.Context) (string, error) {
	sum := sha256.Sum256([]byte(pgdb.Stamp() + manifests.LogRoles))
	name := fmt.Sprintf("snafu_t_%x", sum[:6])
	conn, err := pgx.Connect(ctx, c.admin)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // it only held the lock
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, templateLock); err != nil {
		return "", fmt.Errorf("wait for the template: %w", err)
	}
	var made bool
	const find = `select exists (select from pg_database where datname = $1 and datistemplate)`
	if err := conn.QueryRow(ctx, find, name).Scan(&made); err != nil {
		return "", fmt.Errorf("look for the template: %w", err)
	}
	if made {
		return name, c.letIn(ctx, conn)
	}
	for _, sql := range []string{
		"drop database if exists " + name, // of a run that was cut short
		"create database " + name,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return "", fmt.Errorf("make the template: %w", err)
		}
	}
	if err := pgdb.Roles(ctx, c.url(name, ""), manifests.LogRoles); err != nil {
		return "", err
	}
	if err := c.letIn(ctx, conn); err != nil {
		return "", err
	}
	if err := pgdb.Migrate(ctx, c.url(name, pgdb.Mover), nil); err != nil {
		return "", err
	}
	// No stray session may stand in the way of a clone.
	if _, err := conn.Exec(ctx, "alter database "+name+" is_template true allow_connections false"); err != nil {
		return "", fmt.Errorf("seal the template: %w", err)
	}
	return name, nil
}

// password is the same for every test binary on a server of the user's.
func password(admin string) string {
	return fmt.Sprintf("test-%x", sha256.Sum256([]byte("snafu tests "+admin)))[:24]
}

const openDoors = `
	select rolname
	from pg_authid
	where rolname in ('snafu_app', 'snafu_migrate', 'snafu_verify') and rolpassword is null`

// letIn gives our logins a password on a server of the user's, unless they have
// one: a password that somebody else set stays, and these tests are told no.
func (c *cluster) letIn(ctx context.Context, conn *pgx.Conn) error {
	if c.ours != nil {
		return nil // who reaches its socket is let in
	}
	rows, err := conn.Query(ctx, openDoors)
	if err != nil {
		return fmt.Errorf("look at the roles of the test server: %w", err)
	}
	logins, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look at the roles of the test server: %w", err)
	}
	for _, login := range logins {
		if _, err := conn.Exec(ctx, "alter role "+login+" password '"+password(c.admin)+"'"); err != nil {
			return fmt.Errorf("give %s a password: %w", login, err)
		}
	}
	try, err := pgx.Connect(ctx, c.url("postgres", pgdb.App))
	if pgdb.State(err) == "28P01" {
		return fmt.Errorf("the role snafu_app of the server in SNAFU_TEST_DATABASE_URL has a password of its own. Name a server that serves tests alone: %w", err)
	}
	if err == nil {
		_ = try.Close(ctx)
	}
	return nil
}

// create clones a database and drops it when the test has ended.
func (c *cluster) create(t testing.TB, template string) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	name, err := c.clone(t.Context(), template)
	require.NoError(t, err)
	t.Cleanup(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		ctx := context.WithoutCancel(t.Context())
		// Without force the server waits five seconds for sessions that are ending.
		limit := time.Now().Add(patience)
		err := c.run(ctx, "drop database "+name)
		for pgdb.State(err) == inUse && time.Now().Before(limit) {
			err = c.run(ctx, "drop database "+name)
		}
		if err != nil {
			_ = c.run(ctx, "drop database if exists "+name+" with (force)")
		}
		if pgdb.State(err) == inUse {
			t.Errorf("The test ended while a connection to its database was open. Close it, or stop what holds it.")
			return
		}
		require.NoError(t, err)
	})
	return name
}

// clone makes a database that is dropped by whoever asked for it. It is called
// under the lock.
func (c *cluster) clone(ctx context.Context, template string) (string, error) {
	c.num++
	name := fmt.Sprintf("snafu_c_%d_%d", os.Getpid(), c.num)
	return name, c.run(ctx, "create database "+name+" template "+template)
}

// leave closes the pool of a test, which would wait for ever for a connection
// that was never given back.
func (c *cluster) leave(t testing.TB, db *pgdb.DB) {
	limit := time.Now().Add(patience)
	for db.Pool().Stat().AcquiredConns() > 0 {
		if time.Now().After(limit) {
			t.Errorf("The test ended while %d connections were in use.", db.Pool().Stat().AcquiredConns())
			return
		}
		time.Sleep(time.Millisecond)
	}
	db.Close()
}

// run is for the one connection of the administrator, under the lock.
func (c *cluster) run(ctx context.Context, sql string) error {
	if c.conn == nil || c.conn.IsClosed() {
		conn, err := pgx.Connect(ctx, c.admin)
		if err != nil {
			return fmt.Errorf("connect to the test server: %w", err)
		}
		c.conn = conn
	}
	_, err := c.conn.Exec(ctx, sql)
	return err
}

// Databases of test processes that were killed, on a server that outlives them.
const forgotten = `
	select datname
	from pg_database d
	where datname like 'snafu\_c\_%'
	  and (pg_stat_file('base/' || d.oid || '/PG_VERSION')).modification < now() - interval '1 hour'
	  and not exists (select from pg_stat_activity a where a.datid = d.oid)`

func dropForgotten(admin string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return fmt.Errorf("connect to SNAFU_TEST_DATABASE_URL: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is lost with it
	rows, err := conn.Query(ctx, forgotten)
	if err != nil {
		return fmt.Errorf("look for forgotten databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for forgotten databases: %w", err)
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()); err != nil {
			return fmt.Errorf("drop forgotten database: %w", err)
		}
	}
	return nil
}
