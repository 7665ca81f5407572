package app

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/refusal"
)

func TestAStartThatCannotWorkSaysWhereAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*testing.T, *stand)
		want  string
	}{
		"the log database does not answer": {func(_ *testing.T, s *stand) {
			s.config.Database.URL = NewSecret("postgres://snafu_app@127.0.0.1:1/snafu?connect_timeout=2")
		}, "The log database at 127.0.0.1:1/snafu as snafu_app cannot be used"},
		"the log database has no such role": {func(t *testing.T, s *stand) {
			s.config.Database.URL = NewSecret(pgtest.As(t, s.db, "nobody_knows_me"))
		}, "cannot be used"},
		"the login may do anything": {func(t *testing.T, s *stand) {
			s.config.Database.URL = NewSecret(pgtest.AdminURL(t, s.db))
		}, "Connect as snafu_app, which can neither change nor remove a line of the journal"},
		"the schema is missing": {func(t *testing.T, s *stand) {
			url, err := pgdb.As(pgdb.App, pgtest.Unmigrated(t))
			require.NoError(t, err)
			s.config.Database.URL = NewSecret(url)
		}, "Run snafu migrate first"},
		"a token that Slack does not know": {func(_ *testing.T, s *stand) {
			s.config.Slack.BotToken = NewSecret("xoxb-wrong")
		}, "Slack does not take the bot token (invalid_auth). Copy it from OAuth & Permissions"},
		"an app-level token that Slack does not know": {func(_ *testing.T, s *stand) {
			s.config.Slack.AppToken = NewSecret("xapp-wrong")
		}, "Slack does not take the app-level token (invalid_auth). Make one under Basic Information"},
		"an address that is not Slack's": {func(_ *testing.T, s *stand) {
			s.config.Slack.APIURL = "https://slack.example.com/api/"
		}, "is neither Slack (https://slack.com/api/) nor this machine"},
		"a source that does not answer": {func(t *testing.T, s *stand) {
			sample(t, &s.config)
			crm := s.config.Sources["crm"]
			crm.CountDSN = NewSecret("postgres://snafu_count@127.0.0.1:1/crm")
			s.config.Sources["crm"] = crm
		}, "source crm at 127.0.0.1:1/crm as snafu_count cannot be used"},
		"a source without its role": {func(t *testing.T, s *stand) {
			sample(t, &s.config)
			crm := s.config.Sources["crm"]
			crm.CountDSN = NewSecret(strings.Replace(crm.CountDSN.Reveal(), "snafu_count", "no_such_role", 1))
			s.config.Sources["crm"] = crm
		}, "Check sources.crm.count_dsn, or run snafu source check crm"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t)
			c.spoil(t, s)
			_, err := Open(t.Context(), s.options())
			require.Error(t, err)
			say := err.Error()
			if r, ok := refusal.As(err); ok {
				say = r.Say
			}
			require.Contains(t, say, c.want)
			require.NotContains(t, say, "\n", "one line")
			t.Log(say)
		})
	}
}

func TestAProgramStartsHearsAndEndsInOrder(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	a, stop := s.run(t)
	ana := s.sim.As("ana")
	_, err := ana.Slash(t.Context(), "#general", "/snafu open sev3 Prices are off")
	require.NoError(t, err)
	_, err = ana.AwaitChannel(t.Context(), "snafu-1-")
	require.NoError(t, err)
	require.NoError(t, a.Idle(t.Context()))

	began := time.Now()
	require.NoError(t, stop())
	require.Less(t, time.Since(began), time.Minute)
	entries, err := journal.Entries(t.Context(), s.db, journal.House, 0)
	require.NoError(t, err)
	require.Equal(t, "house-started/1", entries[0].Kind)
	require.Equal(t, "house-stopped/1", entries[len(entries)-1].Kind)
}

func TestWhatWasAcknowledgedBeforeTheEndIsDoneByTheNextStart(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	_, stop := s.run(t)
	ana := s.sim.As("ana")
	act, err := ana.Slash(t.Context(), "#general", "/snafu open sev3 Prices are off")
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	require.NoError(t, stop()) // at once: nobody waits for the channel

	s.run(t)
	room, err := ana.AwaitChannel(t.Context(), "snafu-1-")
	require.NoError(t, err)
	_, err = ana.Await(t.Context(), "#"+room.Name, slacksim.Contains("SNAFU-1"), slacksim.IsPinned())
	require.NoError(t, err)
}

const endAllSessions = `
	select count(pg_terminate_backend(pid)) from pg_stat_activity
	 where datname = current_database() and usename = 'snafu_app'`

func TestALostDatabaseIsRecoveredFrom(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.run(t)
	admin := pgtest.Connect(t, pgtest.AdminURL(t, s.db))
	ana := s.sim.As("ana")
	for range 5 {
		_, err := admin.Exec(t.Context(), endAllSessions)
		require.NoError(t, err)
	}
	eventually(t, "the bot hears again", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		act, err := ana.Slash(ctx, "#general", "/snafu open sev3 Prices are off")
		return err == nil && len(act.Deliveries) == 1 && act.Deliveries[0].State == "acked" && !strings.Contains(act.Shown, "Not recorded")
	})
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	began := time.Now()
	_, err := ana.AwaitChannel(ctx, "snafu-1-")
	require.NoError(t, err)
	t.Logf("the channel was there %s after the acknowledgement", time.Since(began).Round(time.Millisecond))
}

func TestASlackThatDoesNotAnswerIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	_, err := s.sim.Fault(slacksim.Fault{Kind: "api.http_error", Status: 503, Match: slacksim.Match{Method: "auth.test"}})
	require.NoError(t, err)
	_, stop := s.run(t)
	require.True(t, s.said.has("Slack does not answer. I ask again every two seconds"))
	require.NoError(t, stop())
}

const ticked = `select count(*) from river.river_job where kind = 'tick' and state = 'completed'`

func TestTheMetronomeBeatsInOneOfTwoProcesses(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	a, _ := s.run(t)
	b, _ := s.run(t)
	admin := pgtest.Connect(t, pgtest.AdminURL(t, s.db))
	eventually(t, "a tick was done", func() bool {
		var n int
		require.NoError(t, admin.QueryRow(t.Context(), ticked).Scan(&n))
		return n > 0
	})
	require.NotEqual(t, a.lease.Trusted(), b.lease.Trusted(), "one of two leads")
}

func TestDoctorSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	sample(t, &s.config)
	var out strings.Builder
	d := &doctor{out: &out}
	d.slack(t.Context(), s.config.Slack)
	d.exports(s.config.Exports.Dir)
	d.source(t.Context(), "crm", s.config.Sources["crm"])
	t.Log(out.String())
	require.False(t, d.sick, out.String())
	require.NoError(t, s.sim.Admin().RevokeScopes("pins:write"))
	out.Reset()
	d.slack(t.Context(), s.config.Slack)
	require.Contains(t, out.String(), "The bot token lacks pins:write. Paste the output of snafu manifest into the app")
	require.True(t, d.sick)
}

func TestDoctorSaysThatAThrowAwayServerIsNoPlaceForALog(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	if os.Getenv("SNAFU_TEST_DATABASE_URL") != "" {
		t.Skip("this server was not made by the test, so it may be a durable one")
	}
	var out strings.Builder
	(&doctor{out: &out}).database(t.Context(), s.config.Database, LogOptions{Env: lookup(nil)})
	require.Contains(t, out.String(), "FAIL  database     fsync is off")
}
