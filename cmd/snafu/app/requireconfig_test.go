package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/manifests"
	"snafu/rollback"
)

// requires is the example configuration whose leads require something, with a
// file beside it.
func requires(t *testing.T, line string) (Config, error) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "ok.sql"), []byte("key.id > 7\n"), 0o600))
	text := strings.Replace(manifests.ExampleConfig, "        unit: leads\n", "        unit: leads\n        require: "+line+"\n", 1)
	return parse(filepath.Join(folder, "snafu.yaml"), []byte(text), lookup(exampleEnv), Need{Slack: true, Sources: true, Log: true, Migrate: true})
}

func TestATableSaysWhatItRequiresOfARecord(t *testing.T) {
	c, err := requires(t, "{file: ok.sql, says: unsubscribed, reads: {crm.unsubscribed: [lead_id]}}")
	require.NoError(t, err)
	require.Equal(t, rollback.Require{SQL: "key.id > 7\n", Says: "unsubscribed", Reads: map[string][]string{"crm.unsubscribed": {"lead_id"}}}, c.Sources["crm"].tables()[0].Require)
	setup, err := SourceSQL(c, "crm")
	require.NoError(t, err)
	require.Contains(t, setup, `grant select ("lead_id") on "crm"."unsubscribed" to snafu_exec;`)
	require.NotContains(t, setup, `"unsubscribed" to snafu_count`)
}

func TestAWrongRequirementIsShownInItsLine(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"no file":            {"{says: unsubscribed}", "sources.crm.tables.lead.require.file is missing."},
		"no words":           {"{file: ok.sql}", "sources.crm.tables.lead.require.says is missing: why a record is left alone, as people read it."},
		"many words":         {"{file: ok.sql, says: " + strings.Repeat("x", 101) + "}", "Write one line of at most 100 letters."},
		"a file elsewhere":   {"{file: /etc/passwd, says: no}", "/etc/passwd lies outside the folder of this file."},
		"a file that is not": {"{file: b.sql, says: no}", "b.sql cannot be read: no such file or directory."},
		"no columns":         {"{file: ok.sql, says: no, reads: {crm.unsubscribed: []}}", "Name the columns that the file reads of crm.unsubscribed."},
		"a key nobody knows": {"{file: ok.sql, says: no, sql: true}", `I don't know "sql" here.`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := requires(t, c.line)
			require.ErrorContains(t, err, "snafu.yaml:")
			require.ErrorContains(t, err, c.want)
		})
	}
}
