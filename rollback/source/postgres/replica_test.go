package postgres

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/embedded"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/source"
)

// pair is a primary and its standby, with the schema of the items on both.
func pairOf(t *testing.T) (s *shop, standby *embedded.Server) {
	t.Helper()
	start := func(o embedded.Options) *embedded.Server {
		o.BinDir = os.Getenv("SNAFU_PG_BIN")
		server, err := embedded.Start(t.Context(), o)
		require.NoError(t, err)
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
			defer cancel()
			require.NoError(t, server.Stop(ctx))
		})
		return server
	}
	primary := start(embedded.Options{Tmpfs: true, Settings: map[string]string{"wal_level": "replica", "max_wal_senders": "4"}})
	copier := filepath.Join(primary.Bin, "pg_basebackup")
	if _, err := os.Stat(copier); err != nil {
		t.Skip("the Postgres that is here has no pg_basebackup, so no standby can be made")
	}
	w := &world{t: t, url: primary.DSN("postgres")}
	w.admin = pgtest.Connect(t, w.url)
	w.exec(itemsSQL)
	as := func(server *embedded.Server, login string) string {
		u, err := url.Parse(server.DSN("postgres"))
		require.NoError(t, err)
		u.User = url.User(login)
		return u.String()
	}
	w.opt = Options{Name: "crm", Tables: []rollback.Table{itemTable()}, Written: NewWritten(), Counts: Counts{Replica: true, MaxLag: time.Minute}}
	w.exec(SetupSQL(w.opt))

	dir := t.TempDir()
	for _, above := range []string{dir, filepath.Dir(dir)} { // root's server runs as somebody else
		require.NoError(t, os.Chmod(above, 0o711)) //nolint:gosec // who may enter may still not read
	}
	dir = filepath.Join(dir, "standby")
	data := filepath.Join(dir, "data")
	require.NoError(t, os.Mkdir(dir, 0o755)) //nolint:gosec // the server's account has to enter it
	require.NoError(t, os.WriteFile(filepath.Join(dir, "owner"), nil, 0o600))
	out, err := exec.CommandContext(t.Context(), copier, "-d", w.url, "-D", data, "-R", "-X", "stream", "-c", "fast").CombinedOutput()
	require.NoError(t, err, string(out))
	own(t, data, primary.Dir)
	standby = start(embedded.Options{Dir: dir, MaxConnections: 200})
	w.opt.CountURL, w.opt.ExecURL = as(standby, "snafu_count"), as(primary, "snafu_exec")
	return &shop{w}, standby
}

// own gives the copy to whoever the primary's data belong to.
func own(t *testing.T, data, like string) {
	t.Helper()
	info, err := os.Stat(filepath.Join(like, "data"))
	require.NoError(t, err)
	st, ok := info.Sys().(*syscall.Stat_t)
	require.True(t, ok)
	require.NoError(t, filepath.WalkDir(data, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(st.Uid), int(st.Gid))
	}))
}

func TestAStandbyCountsAndWhatFollowsARunWaitsForIt(t *testing.T) {
	t.Parallel()
	s, standby := pairOf(t)
	boss := pgtest.Connect(t, standby.DSN("postgres"))
	stop := func(verb string) {
		_, err := boss.Exec(t.Context(), "select pg_wal_replay_"+verb+"()")
		require.NoError(t, err)
	}
	arrived := func(sql string) {
		t.Helper()
		require.Eventually(t, func() bool {
			var n int64
			err := boss.QueryRow(t.Context(), sql).Scan(&n)
			return err == nil && n > 0
		}, time.Minute, 20*time.Millisecond)
	}

	t.Run("Adversarial56 a replica that does not know its lag holds a run up", func(t *testing.T) { lagging(t, s, standby.DSN("postgres"), stop) })
	w, running, fence := s.plan(3, rollback.GuardLaterWriter)
	arrived(`select count(*) from "my shop".log where item = 3`)
	s.opt.Throttle.Replicas = []Replica{{"eu-2", standby.DSN("postgres")}, {"eu-3", s.url}, {"eu-4", "postgres://nobody@127.0.0.1:1/nothing"}}
	f, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, said(f, "replica eu-2"), " kept: A standby")
	require.Contains(t, said(f, "replica eu-3"), " broken: It is no standby, so no run would begin")
	require.Contains(t, said(f, "replica eu-4"), " broken: It does not answer, so no run would begin")
	s.opt.Throttle = Throttle{}
	f, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.True(t, f.Sound(), "%q %q", f.Missing(), f.Surplus())
	require.Contains(t, said(f, "server"), "snafu_count kept: A standby, ")
	require.Contains(t, said(f, "server"), "snafu_exec kept: The primary")
	require.Contains(t, said(f, "writes nothing"), "snafu_count kept: A standby takes no write at all")
	r := s.reader()
	table, err := r.StateTable(t.Context(), s.Scope())
	require.NoError(t, err)
	require.EqualValues(t, 3, table.Members)

	stop("pause")
	_, err = w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: running.Run().Writes()})
	require.NoError(t, err)
	held := make(chan int64)
	go func() {
		n, _ := r.Held(context.WithoutCancel(t.Context()), running.Run())
		held <- n
	}()
	select {
	case <-held:
		require.Fail(t, "nobody can have seen it")
	default:
	}
	stop("resume")
	require.EqualValues(t, 3, <-held, "the reader waited for what the run wrote")
	report, err := r.Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%+v", report.Lines)

	r.Close() // the login may hold four connections
	stop("pause")
	var now time.Time
	require.NoError(t, s.admin.QueryRow(t.Context(), `select clock_timestamp()`).Scan(&now))
	s.Change("1", lost)
	require.Eventually(t, func() bool { // received, and not replayed
		var ahead bool
		err := boss.QueryRow(t.Context(), `select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()`).Scan(&ahead)
		return err == nil && ahead
	}, time.Minute, 20*time.Millisecond)
	s.opt.Counts.MaxLag = time.Hour
	old := s.reader()
	table, err = old.StateTable(t.Context(), s.Scope())
	require.NoError(t, err)
	require.True(t, table.At.Before(now), "what a standby shows is as old as what it replayed last")
	_, at, err := old.Members(t.Context(), s.Scope())
	require.NoError(t, err)
	require.True(t, at.Before(now))
	old.Close()
	s.opt.Counts.MaxLag = time.Nanosecond
	behind := s.reader()
	_, err = behind.StateTable(t.Context(), s.Scope())
	behind.Close()
	no, ok := refusal.As(err)
	require.True(t, ok, "%v", err)
	require.Contains(t, no.Say, "so nothing was counted")
	f, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, said(f, "server"), "snafu_count broken: The standby is ")
	stop("resume")
	s.opt.Counts.MaxLag = time.Minute
	wrongServers(t, s)
}

// lagging looks at a replica that has replayed nothing yet, so it has no idea how
// old what it shows is.
func lagging(t *testing.T, s *shop, standby string, stop func(string)) {
	s.opt.Throttle = Throttle{Replicas: []Replica{{"eu-2", standby}}, MaxLag: time.Hour}
	defer func() { s.opt.Throttle = Throttle{} }()
	w := s.writer()
	calm := func() bool { return w.Strain(t.Context()).IsZero() }
	require.Eventually(t, calm, time.Minute, 20*time.Millisecond, "it has all that its primary has, however long ago that was made")
	stop("pause")
	s.exec(`create table public.newer ()`)
	require.Eventually(t, func() bool { return !calm() }, time.Minute, 20*time.Millisecond)
	require.Equal(t, rollback.Strain{Code: "lag", Why: "replica eu-2 does not know how far it is behind"}, w.Strain(t.Context()))
	stop("resume")
	require.Eventually(t, calm, time.Minute, 20*time.Millisecond)

	stop("pause")
	s.exec(`create table public.newest ()`)
	s.opt.Throttle.MaxLag = time.Nanosecond
	strict := s.writer()
	require.Eventually(t, func() bool { return strict.Strain(t.Context()).Code == "lag" }, time.Minute, 20*time.Millisecond)
	require.Regexp(t, `^replica eu-2 is \d+ s behind, at most 0 s may be$`, strict.Strain(t.Context()).Why)
	require.True(t, calm(), "an hour is allowed")
	stop("resume")
}

// wrongServers exchanges the addresses of the two logins.
func wrongServers(t *testing.T, s *shop) {
	t.Helper()
	standby, primary := s.opt.CountURL, s.opt.ExecURL

	s.opt.Counts.Replica = false
	f, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, said(f, "server"), "snafu_count broken: count_dsn leads to a standby. Write counts.replica: true")

	s.opt.Counts.Replica = true
	s.opt.CountURL = swapUser(t, primary, "snafu_count")
	f, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, said(f, "server"), "snafu_count broken: counts.replica is declared, and count_dsn leads to the primary")

	s.opt.CountURL, s.opt.ExecURL = standby, swapUser(t, standby, "snafu_exec")
	f, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, said(f, "server"), "snafu_exec lacks: exec_dsn leads to a standby, which takes no write")
}

// said are the answers to one promise.
func said(f source.Findings, name string) (lines string) {
	for _, p := range f.Promises {
		if p.Name == name {
			lines += p.Login + " " + string(p.Verdict) + ": " + p.Found + "\n"
		}
	}
	return lines
}

func swapUser(t *testing.T, dsn, login string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	u.User = url.User(login)
	return u.String()
}
