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

// asked is the example with a section of named counts, in a folder of its own.
func asked(t *testing.T, queries string, files map[string]string) (Config, error) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
	}
	text := strings.Replace(manifests.ExampleConfig, "    tables:\n", "    queries:\n      "+queries+"\n    tables:\n", 1)
	return parse(filepath.Join(folder, "snafu.yaml"), []byte(text), lookup(exampleEnv), Need{Slack: true, Sources: true, Log: true, Migrate: true})
}

func TestANamedCountIsReadFromItsFile(t *testing.T) {
	text := "select count(*) from crm.lead where lead_status = :status and id > :above\n"
	c, err := asked(t, "leads_of: {file: counts/leads.sql, params: {status: text, above: bigint}, unit: leads}", map[string]string{"counts/leads.sql": text})
	require.NoError(t, err)
	require.Equal(t, []rollback.Query{{
		Source: "crm", Name: "leads_of", Text: text, Unit: "leads",
		Params: []rollback.Param{{Name: "above", Type: rollback.ParamInteger}, {Name: "status", Type: rollback.ParamText}},
	}}, c.Sources["crm"].queries("crm"))
	require.Equal(t, c.Sources["crm"].queries("crm"), c.Sources["crm"].postgres("crm").Queries)
	require.Zero(t, c.Sources["crm"].Counts.AdHocUsergroup, "nobody types statements unless a group is named")
}

func TestAWrongNamedCountIsShownInItsLine(t *testing.T) {
	good := map[string]string{"a.sql": "select count(*) from crm.lead", "empty.sql": " \n", "nul.sql": "select\x00 1", "long.sql": strings.Repeat("x", 8193), "dir/x": ""}
	for name, c := range map[string]struct{ queries, want string }{
		"a name in capitals":      {"Leads: {file: a.sql}", `"Leads" cannot name a count.`},
		"a name that is taken":    {"select: {file: a.sql}", `"select" cannot name a count.`},
		"no file":                 {"leads: {unit: leads}", "sources.crm.queries.leads.file is missing."},
		"a file that is not":      {"leads: {file: b.sql}", "b.sql cannot be read: no such file or directory."},
		"a folder":                {"leads: {file: dir}", "dir is no file."},
		"a file elsewhere":        {"leads: {file: /etc/passwd}", "/etc/passwd lies outside the folder of this file."},
		"a file further up":       {"leads: {file: ../../../../etc/passwd}", "lies outside the folder of this file."},
		"an empty file":           {"leads: {file: empty.sql}", "empty.sql is empty."},
		"a file with a NUL":       {"leads: {file: nul.sql}", "nul.sql is not plain text in UTF-8."},
		"a long file":             {"leads: {file: long.sql}", "long.sql has 8193 bytes; a count has at most 8192."},
		"a type nobody knows":     {"leads: {file: a.sql, params: {run: string}}", `"string" is no type of a parameter. Known: text, bigint, numeric, date, timestamptz, boolean.`},
		"a parameter with a dash": {"leads: {file: a.sql, params: {the-run: text}}", `"the-run" cannot name a parameter.`},
		"too many parameters":     {"leads: {file: a.sql, params: {a: text, b: text, c: text, d: text, e: text, f: text, g: text, h: text}}", "A count with 8 parameters does not fit into a form."},
		"a key nobody knows":      {"leads: {file: a.sql, sql: select 1}", `I don't know "sql" here.`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := asked(t, c.queries, good)
			require.ErrorContains(t, err, c.want)
			// The count stands a line below where the tables began.
			require.ErrorContains(t, err, atTheEdit("snafu.yaml:LINE:", "    tables:\n", "    tables:\n      "+c.queries+"\n"))
		})
	}
	_, err := example(t, exampleEnv, "max_cost: 10000000", `max_cost: 1, ad_hoc_usergroup: crew`)
	require.ErrorContains(t, err, "1 is not possible as a cost. Write 1e3 to 1e12.")
	require.ErrorContains(t, err, `"crew" is not the id of a user group.`)
	c, err := example(t, exampleEnv, "max_cost: 10000000", `max_cost: 2.5e6, ad_hoc_usergroup: S0CREW`)
	require.NoError(t, err)
	require.InDelta(t, 2.5e6, c.Sources["crm"].postgres("crm").Counts.MaxCost, 0)
}

func TestAFileThatLeadsOutOrThatEverybodyWritesIsNotTaken(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, "a.sql")))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "b.sql"), []byte("select 1"), 0o600))
	require.NoError(t, os.Chmod(filepath.Join(folder, "b.sql"), 0o666))
	text := strings.Replace(manifests.ExampleConfig, "    tables:\n", "    queries:\n      one: {file: a.sql}\n      two: {file: b.sql}\n    tables:\n", 1)
	_, err := parse(filepath.Join(folder, "snafu.yaml"), []byte(text), lookup(exampleEnv), Need{Sources: true})
	require.ErrorContains(t, err, "a.sql lies outside the folder of this file.")
	require.ErrorContains(t, err, "b.sql can be written by everybody. Run: chmod o-w b.sql")
}
