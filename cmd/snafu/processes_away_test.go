package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/embedded"
	"snafu/manifests"
)

// cluster is a Postgres that a test may stop and start again, where it was.
type cluster struct {
	t      *testing.T
	dir    string
	server *embedded.Server
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	parent := t.TempDir()
	// As root, Postgres runs as somebody else, who must be able to pass.
	require.NoError(t, os.Chmod(filepath.Dir(parent), 0o755))
	c := &cluster{t: t, dir: filepath.Join(parent, "pg")}
	c.start()
	t.Cleanup(func() { _ = c.end() })
	return c
}

func (c *cluster) start() {
	c.t.Helper()
	server, err := embedded.Start(c.t.Context(), embedded.Options{Dir: c.dir, URLSetting: "SNAFU_TEST_DATABASE_URL"})
	require.NoError(c.t, err)
	c.server = server
}

// stop ends it in order: sessions are told so, and cut off.
func (c *cluster) stop() {
	c.t.Helper()
	require.NoError(c.t, c.end())
}

func (c *cluster) end() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.t.Context()), time.Minute)
	defer cancel()
	return c.server.Stop(ctx)
}

// crash ends it as a fault would: what is not in its log is lost.
func (c *cluster) crash() {
	c.t.Helper()
	require.NoError(c.t, syscall.Kill(c.server.PID, syscall.SIGQUIT))
	<-c.server.Gone()
	require.Error(c.t, c.end(), "it had ended before")
}

// databases makes the log and the sample in it.
func (c *cluster) databases() databases {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), c.server.DSN("postgres"))
	require.NoError(c.t, err)
	for _, sql := range []string{`create database snafu`, `create database crm`} {
		_, err := conn.Exec(c.t.Context(), sql)
		require.NoError(c.t, err)
	}
	require.NoError(c.t, conn.Close(c.t.Context()))
	log, crm := c.server.DSN("snafu"), c.server.DSN("crm")
	require.NoError(c.t, pgdb.Roles(c.t.Context(), log, manifests.LogRoles))
	mover, err := pgdb.As(pgdb.Mover, log)
	require.NoError(c.t, err)
	require.NoError(c.t, pgdb.Migrate(c.t.Context(), mover, nil))
	sample(c.t, crm)
	return onServer(c.t, log, crm)
}

func TestPostgresAwayIsSaidAndRecoveredFrom(t *testing.T) {
	t.Parallel()
	pg := newCluster(t)
	s := newStand(t, pg.databases(), 300*time.Millisecond)
	bot := s.serve()
	i := s.open()
	i.counts()
	i.corrects()
	i.plans()
	i.readable()
	i.slack.press("chi", i.room, "Review and approve")
	approve := i.slack.form("chi", "approve")
	typed := object{"view": approve.ID, "values": object{"rows": "1169", "samples": []string{"looked"}}}

	// Who acts now hears the truth within Slack's three seconds, and keeps what
	// they typed.
	pg.stop()
	told := i.slack.slash("ana", i.room, "note nobody hears this")
	require.Contains(t, told.Shown, "Not recorded: my database is away.")
	kept := i.slack.acted("as/chi/submit", typed)
	require.Equal(t, "errors", kept.Result)
	require.Contains(t, kept.Errors["rows"], "Not recorded: my database is away.")
	bot.hears("My database does not answer. What was acknowledged is on its disk; I go on when it is back.")

	pg.start()
	bot.hears("My database answers again.")
	require.Equal(t, "updated", i.slack.acted("as/chi/submit", typed).Result)
	i.slack.reads("ana", i.room, "Approved by @chi")
	i.slack.slash("ana", i.room, "note the database is back")
	i.approves("dev")
	i.starts()
	i.midRun()

	// A crash of it in the middle of the run.
	pg.crash()
	pg.start()
	i.ends()
	i.slack.reads("ana", i.room, "Note by @ana: the database is back")
	require.EqualValues(t, 1, number(t, s.db.logAdmin, `select count(*) from snafu.journal where kind = 'noted/1'`))
	i.holds()
	require.False(t, strings.Contains(bot.said.text(), "nobody hears this"), "what people type is in no log")
}

func TestTheEndIsInOrderAndASecondSignalIsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStand(t, ours(t), 0)
	bot := s.serve()
	// Slack takes what is posted, and its answer does not come.
	s.slack.post("faults", object{"kind": "api.slow", "delay": "30s", "times": 0, "match": object{"method": "chat.postMessage"}})
	first := s.opens("sev3 "+title, "snafu-1-")
	bot.terminate()
	eventually(t, "it hears nothing more", func() bool { return s.slack.get("app").Conns == 0 })
	bot.terminate()
	require.Equal(t, exitInterrupted, bot.ends())

	bot = s.serve()
	second := s.opens("sev3 Prices are off", "snafu-2-")
	began := time.Now()
	bot.terminate()
	require.Equal(t, exitHolds, bot.ends(), bot.said.text())
	require.Less(t, time.Since(began), 28*time.Second)

	s.slack.ask(http.MethodDelete, "faults", nil)
	s.serve()
	eventually(t, "everything is told", func() bool { return number(t, s.db.logAdmin, inLog[0].sql)+number(t, s.db.logAdmin, inLog[1].sql) == 0 })
	first.toldOnce()
	second.toldOnce()
}

// opens waits for the first word in the channel, and for nothing more.
func (s *stand) opens(what, prefix string) *incident {
	s.t.Helper()
	s.slack.slash("ana", "#general", "open "+what)
	i := s.room(prefix)
	s.slack.reads("ana", i.room, "SNAFU-")
	return i
}
