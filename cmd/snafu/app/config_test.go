package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/response"
	"snafu/manifests"
)

var exampleEnv = map[string]string{
	"SNAFU_SLACK_BOT_TOKEN": "xoxb-1", "SNAFU_SLACK_APP_TOKEN": "xapp-1",
	"SNAFU_DATABASE_URL": "postgres://snafu_app:pw@db.example.com/snafu", "SNAFU_MIGRATE_URL": "postgres://snafu_migrate:pw@db.example.com/snafu",
	"SNAFU_CRM_COUNT_DSN": "postgres://snafu_count:pw@crm.example.com/crm", "SNAFU_CRM_EXEC_DSN": "postgres://snafu_exec:pw@crm.example.com/crm",
}

func lookup(env map[string]string) Lookup {
	return func(name string) (string, bool) { v, ok := env[name]; return v, ok }
}

func example(t *testing.T, env map[string]string, edits ...string) (Config, error) {
	t.Helper()
	text := manifests.ExampleConfig
	for i := 0; i < len(edits); i += 2 {
		require.Contains(t, text, edits[i])
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return parse("snafu.yaml", []byte(text), lookup(env), Need{Slack: true, Sources: true, Log: true, Migrate: true})
}

// atTheEdit puts the number of the first line that edits change in the example
// where what is wanted says LINE.
func atTheEdit(want string, edits ...string) string {
	text := manifests.ExampleConfig
	for i := 0; i < len(edits); i += 2 {
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	was := strings.Split(manifests.ExampleConfig, "\n")
	for i, line := range strings.Split(text, "\n") {
		if line != was[i] {
			return strings.ReplaceAll(want, "LINE", strconv.Itoa(i+1))
		}
	}
	return want
}

func TestTheExampleIsReadAsMeant(t *testing.T) {
	c, err := example(t, exampleEnv)
	require.NoError(t, err)
	crm := c.Sources["crm"]
	require.Equal(t, "postgres://snafu_exec:pw@crm.example.com/crm", crm.ExecDSN.Reveal())
	require.Equal(t, "xoxb-1", c.Slack.BotToken.Reveal())
	require.Equal(t, 2, crm.Approvers.Needed)
	require.Equal(t, 4*time.Hour, crm.Limits.limits().FreezeExpires)
	require.EqualValues(t, 10, crm.Tolerance.tolerance().ShrinkPerMille)
	require.Equal(t, 90*24*time.Hour, crm.tables()[0].History.Retention)
	require.Equal(t, 5*time.Minute, c.Ladder.Sev1)
	require.Equal(t, "exports", c.Exports.Dir)
}

func TestAFaultSaysWhereAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		edits []string
		want  string
	}{
		"an unknown key":                     {[]string{"    rota: crm-data", "    rotta: crm-data"}, `snafu.yaml:LINE:5: I don't know "rotta" here. Did you mean "rota"?`},
		"one approval":                       {[]string{"needed: 2", "needed: 1"}, "snafu.yaml:LINE:15: 1 approvals are not possible. Write 2 to 9: nothing is written by one person alone."},
		"a missing variable":                 {[]string{"_env: SNAFU_CRM_COUNT_DSN", "_env: SNAFU_CRM_DSN"}, "snafu.yaml:LINE:20: The environment has no SNAFU_CRM_DSN. Set it before the start, or name a file with count_dsn_file."},
		"no counting login":                  {[]string{"    count_dsn_env: SNAFU_CRM_COUNT_DSN", "    #"}, "sources.crm.count_dsn is missing. Name it with count_dsn_env or count_dsn_file."},
		"a token in the file":                {[]string{"bot_token_env: SNAFU_SLACK_BOT_TOKEN", "bot_token_env: xoxb-123"}, "snafu.yaml:6:18: A secret stands here. Put it into the environment or a file, and name that with a key that ends in _env or _file."},
		"a rota nobody declared":             {[]string{"rota: crm-data", "rota: crm"}, `snafu.yaml:LINE:11: There is no rota "crm". Declare it under rotas.`},
		"an archive on the day of the close": {[]string{"\nannounce:", "\narchive: 1d\nannounce:"}, `"1d" is not when a channel is archived. Write 2d or more after the close, such as 14d, or never.`},
		"a zone that does not exist":         {[]string{"Europe/Berlin", "Europe/Bärlin"}, `Rota crm-data: "Europe/Bärlin" is not a time zone.`},
		"a name for an id":                   {[]string{"users: [U0KEN, U0LENA]", "users: [ken, U0LENA]"}, `"ken" is not a Slack user id.`},
		"a system nobody knows":              {[]string{"system: postgres", "system: oracle"}, `snafu.yaml:LINE:13: sources.crm.system is "oracle". Known: postgres.`},
		"a guard without its column":         {[]string{"guard: later_writer", "guard: touched", "        touched_at: {column: updated_at, on_write: now}", "        #"}, "Guard touched needs touched_at.column."},
		"a batch the wrong way":              {[]string{"min: 200, max: 20000", "min: 200, max: 100"}, "The smallest batch, 200, is larger than the largest, 100."},
		"too many rows":                      {[]string{"max_rows: 1000000", "max_rows: 10000001"}, "A plan of 10000001 rows is more than was ever tried. Write at most 10000000."},
		"a role that is no role":             {[]string{"  comms: Writes", "  none: Writes"}, `"none" is not possible as a name. Write a word of small letters`},
		"a page that waits a second":         {[]string{"sev1: 5m", "sev1: 1s"}, "A page cannot wait 1s for an answer. Write 1m to 24h."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := example(t, exampleEnv, c.edits...)
			require.ErrorContains(t, err, atTheEdit(c.want, c.edits...))
		})
	}
}

func TestAllFaultsAreShownAtOnce(t *testing.T) {
	_, err := example(t, exampleEnv, "needed: 2", "needed: 1", "sev1: 5m", "sev1: 1s", "    unit: week", "    unitt: week")
	require.Error(t, err)
	require.Equal(t, 3, strings.Count(err.Error(), "^"), err.Error())
}

func TestASecretComesFromAFileThatOnlyItsOwnerWrites(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	require.NoError(t, os.WriteFile(file, []byte("xoxb-9\n"), 0o600))
	c, err := example(t, exampleEnv, "bot_token_env: SNAFU_SLACK_BOT_TOKEN", "bot_token_file: "+file)
	require.NoError(t, err)
	require.Equal(t, "xoxb-9", c.Slack.BotToken.Reveal())

	require.NoError(t, os.Chmod(file, 0o666))
	_, err = example(t, exampleEnv, "bot_token_env: SNAFU_SLACK_BOT_TOKEN", "bot_token_file: "+file)
	require.ErrorContains(t, err, "can be written by others. Run: chmod 0600 "+file)
}

func TestNoFaultTellsASecret(t *testing.T) {
	for name, edit := range map[string][]string{
		"a token of the wrong kind": {"bot_token_env: SNAFU_SLACK_BOT_TOKEN", "bot_token_env: SNAFU_SLACK_APP_TOKEN"},
		"a connection string":       {"count_dsn_env: SNAFU_CRM_COUNT_DSN", "count_dsn_env: postgres://a:hunter2@b/c"},
		"a key for a name":          {"count_dsn_env: SNAFU_CRM_COUNT_DSN", "count_dsn_env: 0123hunter2456789abcdef"},
		"a key in one line":         {"ladder:\n", "outbound: {pagerduty: {routing_key_env: R0HUNTER2, routing_key_file: \"\", webhook_secret_env: whsec_hunter2}}\nladder:\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := example(t, exampleEnv, edit...)
			require.Error(t, err)
			require.NotContains(t, strings.ReplaceAll(err.Error(), edit[1], ""), "xapp-1")
			require.NotContains(t, err.Error(), "hunter2", "nor with the line that is shown")
		})
	}
}

func TestASecretPrintsAsStars(t *testing.T) {
	s := NewSecret("hunter2")
	require.Equal(t, "*** *** ***", sprint(s))
	require.Equal(t, "db.example.com/snafu as snafu_app", NewSecret(exampleEnv["SNAFU_DATABASE_URL"]).place())
}

func sprint(s Secret) string { return fmt.Sprintf("%s %v %#v", s, s, s) }

func FuzzConfig(f *testing.F) {
	f.Add([]byte(manifests.ExampleConfig))
	f.Fuzz(func(_ *testing.T, text []byte) {
		_, err := parse("snafu.yaml", text, lookup(nil), Need{Slack: true, Sources: true, Log: true, Migrate: true})
		if err != nil {
			_ = err.Error()
		}
	})
}

func TestACommandReadsOnlyTheSecretsItNeeds(t *testing.T) {
	c, err := parse("snafu.yaml", []byte(manifests.ExampleConfig), lookup(nil), Need{})
	require.NoError(t, err)
	require.False(t, c.Slack.BotToken.Given())
	c, err = parse("snafu.yaml", []byte(manifests.ExampleConfig), lookup(exampleEnv), Need{Log: true})
	require.NoError(t, err)
	require.True(t, c.Database.URL.Given())
	require.False(t, c.Slack.BotToken.Given() || c.Sources["crm"].ExecDSN.Given())
}

func TestTheChannelsOfWhatWasClosedGoWhenTheFileSays(t *testing.T) {
	for said, want := range map[string]time.Duration{"": 0, "never": response.ArchiveNever, "2d": 48 * time.Hour, "30d": 30 * 24 * time.Hour} {
		require.Equal(t, want, Config{Archive: said}.archiveAfter(), said)
	}
}
