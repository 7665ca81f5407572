package app

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/manifests"
	"snafu/rollback"
	"snafu/rollback/executor"
	"snafu/rollback/source/postgres"
)

// throttled is the example with another section throttle, in a folder of its own.
func throttled(t *testing.T, section string) (Config, error) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "busy.sql"), []byte("select count(*) from crm.lead\n"), 0o600))
	before, after, _ := strings.Cut(manifests.ExampleConfig, "    throttle:\n")
	for strings.HasPrefix(after, "      ") { // what the example has there
		_, after, _ = strings.Cut(after, "\n")
	}
	env := maps.Clone(exampleEnv)
	env["EU_2"], env["EU_3"] = "postgres://snafu_count:pw@eu-2.example.com/crm", "postgres://snafu_count:pw@eu-3.example.com/crm"
	return parse(filepath.Join(folder, "snafu.yaml"), []byte(before+"    throttle: "+section+"\n"+after), lookup(env), Need{Slack: true, Sources: true, Log: true, Migrate: true})
}

func TestAThrottleIsReadAsMeant(t *testing.T) {
	c, err := throttled(t, "{replica_dsn_envs: [EU_2, EU_3], max_replica_lag: 3s, query: busy.sql, max_active: 60, give_up: 10m}")
	require.NoError(t, err)
	crm := c.Sources["crm"]
	require.Equal(t, postgres.Throttle{
		Replicas: []postgres.Replica{
			{Name: "EU_2", URL: "postgres://snafu_count:pw@eu-2.example.com/crm"}, {Name: "EU_3", URL: "postgres://snafu_count:pw@eu-3.example.com/crm"},
		},
		MaxLag: 3 * time.Second, MaxActive: 60,
	}, crm.postgres("crm").Throttle)
	query := rollback.Query{Source: "crm", Name: "throttle", Text: "select count(*) from crm.lead\n", Unit: "records"}
	require.Equal(t, map[string]executor.Throttle{"crm": {Query: query, GiveUp: 10 * time.Minute}}, c.throttles())
	require.Contains(t, crm.postgres("crm").Queries, query, "a check reads it with the other counts")
	require.NotContains(t, c.counts(), query, "and nobody asks it by its name")

	c, err = throttled(t, "{}")
	require.NoError(t, err)
	require.Equal(t, postgres.Throttle{}, c.Sources["crm"].postgres("crm").Throttle)
	require.Empty(t, c.throttles()["crm"].Query.Text)
}

func TestAWrongThrottleIsShownInItsLine(t *testing.T) {
	for section, want := range map[string]string{
		"{replica_dsn_envs: [EU_9]}":                         "The environment has no EU_9. Set it before the start.",
		"{replica_dsn_envs: [EU_2, EU_2]}":                   `"EU_2" stands twice in replica_dsn_envs.`,
		"{replica_dsn_envs: [eu-2.example.com]}":             `"eu-2.example.com" is no name of a variable.`,
		"{replica_dsn_envs: [\"postgres://a:hunter2@b/c\"]}": "A secret stands here.",
		"{max_replica_lag: 5s}":                              "max_replica_lag has no replica to look at.",
		"{replica_dsn_envs: [EU_2], max_replica_lag: 1ms}":   "1ms is not possible for max_replica_lag. Write 100ms to 1h.",
		"{max_active: 0}":                                    "0 sessions are not possible for max_active.",
		"{give_up: 1s}":                                      "1s is not possible for give_up. Write 1m to 8h",
		"{query: nowhere.sql}":                               "nowhere.sql cannot be read",
		"{query: ../../../../etc/passwd}":                    "lies outside the folder of this file",
		"{pause: 1s}":                                        `I don't know "pause" here.`,
	} {
		t.Run(section, func(t *testing.T) {
			_, err := throttled(t, section)
			require.ErrorContains(t, err, want)
			require.Regexp(t, `snafu.yaml:\d+:`, err.Error())
			require.NotContains(t, strings.ReplaceAll(err.Error(), section, ""), "hunter2@eu")
		})
	}
}

func TestAWrongBatchIsShownInItsLine(t *testing.T) {
	for edit, want := range map[string]string{
		"target_min: 60ms":  "A batch cannot take at least 60ms and at most 50ms.",
		"target_min: 0.1ms": "is not possible for target_min. Write 1ms to 10s.",
		"lock_timeout: 1m":  "1m0s is not possible for lock_timeout. Write 1ms to 10s.",
		"rest: 1h":          "1h0m0s is not possible for rest. Write 0s to 10m0s.",
	} {
		t.Run(edit, func(t *testing.T) {
			key, _, _ := strings.Cut(edit, ":")
			old := map[string]string{"target_min": "target_min: 20ms", "lock_timeout": "lock_timeout: 200ms", "rest": "rest: 0s"}[key]
			_, err := example(t, exampleEnv, old, edit)
			require.ErrorContains(t, err, want)
		})
	}
}
