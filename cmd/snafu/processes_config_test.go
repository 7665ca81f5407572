package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
)

// These secrets may stand in an environment, and nowhere else.
const (
	password = "hunter2"
	nowhere  = "127.0.0.1:1" // nobody listens there
)

func TestServeRefusesToStartInOneSentence(t *testing.T) {
	t.Parallel()
	db := ours(t)
	s := newStand(t, db, 0)
	good, err := os.ReadFile(s.path("snafu.yaml"))
	require.NoError(t, err)
	unmigrated, err := pgdb.As(pgdb.App, pgtest.Unmigrated(t))
	require.NoError(t, err)
	stranger := strings.Replace(db.count, "snafu_count", "nobody_knows_me", 1)

	for name, c := range map[string]struct {
		from, to string            // what is written instead in the file
		env      map[string]string // what is set instead; "" is unset
		says     string
	}{
		"a key that nobody knows": {
			from: "announce:", to: "anounce:",
			says: `snafu.yaml:7:1: I don't know "anounce" here. Did you mean "announce"?`,
		},
		"a key of another section": {
			from: "    title: CRM", to: "    colour: red",
			says: `I don't know "colour" here. Known: system, title,`,
		},
		"a key written twice": {
			from: "announce:", to: "announce: \"#general\"\nannounce:",
			says: `snafu.yaml:8:1: "announce" is here a second time; the first is in line 7.`,
		},
		"a number where a time is wanted": {
			from: "rest: 0s", to: "rest: 5",
			says: "A length of time is wanted here, such as 200ms, 15s, 5m, 4h or 90d.",
		},
		"a token in the file": {
			from: "bot_token_env: BOT_TOKEN", to: "bot_token_env: xoxb-simulated",
			says: "A secret stands here. Put it into the environment or a file",
		},
		"one approver is enough": {
			from: "needed: 2", to: "needed: 1",
			says: "1 approvals are not possible. Write 2 to 9: nothing is written by one person alone.",
		},
		"a rota that is not declared": {
			from: "    rota: crm-data", to: "    rota: crm-date",
			says: `There is no rota "crm-date". Declare it under rotas.`,
		},
		"a system that nobody connected": {
			from: "system: postgres", to: "system: oracle",
			says: `sources.crm.system is "oracle". Known: postgres.`,
		},
		"tokens for another machine": {
			from: s.slack.at, to: "https://slack.example.com",
			says: "is neither Slack (https://slack.com/api/) nor this machine. Tokens go nowhere else.",
		},
		"a variable that is not set": {
			env:  map[string]string{"BOT_TOKEN": ""},
			says: "The environment has no BOT_TOKEN. Set it before the start, or name a file with bot_token_file.",
		},
		"a token of another kind": {
			env:  map[string]string{"APP_TOKEN": "xoxb-simulated"},
			says: "This is not an app-level token: those begin with xapp-.",
		},
		"a bot token that Slack does not take": {
			env:  map[string]string{"BOT_TOKEN": "xoxb-" + password},
			says: "Slack does not take the bot token (invalid_auth). Copy it from OAuth & Permissions",
		},
		"an app-level token that Slack does not take": {
			env:  map[string]string{"APP_TOKEN": "xapp-" + password},
			says: "Slack does not take the app-level token (invalid_auth). Make one under Basic Information",
		},
		"a log database that does not answer": {
			env:  map[string]string{"LOG": "postgres://snafu_app:" + password + "@" + nowhere + "/snafu"},
			says: "The log database at " + nowhere + "/snafu as snafu_app cannot be used",
		},
		"a log database without our role": {
			env:  map[string]string{"LOG": strings.Replace(db.log, pgdb.App, "nobody_knows_me", 1)},
			says: "as nobody_knows_me cannot be used",
		},
		"a log database that lets us do anything": {
			env:  map[string]string{"LOG": db.logAdmin},
			says: "Connect as snafu_app, which can neither change nor remove a line of the journal",
		},
		"a log database without our tables": {
			env:  map[string]string{"LOG": unmigrated},
			says: "Run snafu migrate first",
		},
		"a source that does not answer": {
			env:  map[string]string{"COUNT": "postgres://snafu_count:" + password + "@" + nowhere + "/crm"},
			says: "source crm at " + nowhere + "/crm as snafu_count cannot be used: nothing answers there as its database. Check sources.crm.count_dsn",
		},
		"a source without the counting role": {
			env:  map[string]string{"COUNT": stranger},
			says: "Postgres lets nobody in with that login. Check the user in the URL and pg_hba.conf. Check sources.crm.count_dsn, or run snafu source check crm",
		},
		"a source without the writing role": {
			env:  map[string]string{"EXEC": stranger},
			says: "Postgres lets nobody in with that login. Check the user in the URL and pg_hba.conf. Check sources.crm.exec_dsn, or run snafu source check crm",
		},
		"a source whose writing login does not answer": {
			env:  map[string]string{"EXEC": "postgres://snafu_exec:" + password + "@" + nowhere + "/crm"},
			says: "source crm at " + nowhere + "/crm as snafu_exec cannot be used: nothing answers there as its database. Check sources.crm.exec_dsn",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := string(good)
			if c.from != "" {
				require.Contains(t, text, c.from)
				text = strings.Replace(text, c.from, c.to, 1)
			}
			env := maps.Clone(s.env)
			for name, value := range c.env {
				env[name] = value
				if value == "" {
					delete(env, name)
				}
			}
			refused(t, text, env, c.says)
		})
	}
}

// A configuration fault shows its place, its line and a caret; every other
// refusal is one line.
var oneSentence = regexp.MustCompile(`^(snafu: [^\n]+\n|.+/snafu\.yaml:\d+:\d+: [^\n]+\n +\d+ \| [^\n]*\n +\^\n)$`)

func refused(t *testing.T, text string, env map[string]string, says string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "snafu.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	c := snafu(t, env, "serve", "--config", file)
	require.Equal(t, exitDoesNot, c.ends(), c.said.text())
	said := c.said.text()
	require.Contains(t, said, says)
	require.Regexp(t, oneSentence, said)
	for _, never := range []string{password, "goroutine", ".go:", "xapp-simulated"} {
		require.NotContains(t, said, never)
	}
	t.Log(said)
}

func TestServeRefusesASourceThatLacksAGrant(t *testing.T) {
	t.Parallel()
	db := ours(t)
	s := newStand(t, db, 0)
	text, err := os.ReadFile(s.path("snafu.yaml"))
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), db.crmAdmin)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `revoke select on crm.lead_history from snafu_count`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	refused(t, string(text), s.env, `source crm lacks what it needs. Missing, or the name is wrong: grant select ("lead_id", "id", "at", "field", "old", "new", "run") on "crm"."lead_history" to snafu_count. All of it says: snafu source check crm.`)
}
