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

// evidenced is the example with a section of evidence, in a folder of its own.
func evidenced(t *testing.T, lines string) (Config, error) {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.sql"), []byte("select id, lead_status from crm.lead\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "long.sql"), []byte(strings.Repeat("x", rollback.MaxReviewed+1)), 0o600))
	text := strings.Replace(manifests.ExampleConfig, "    tables:\n", "    evidence:\n      "+lines+"\n    tables:\n", 1)
	return parse(filepath.Join(folder, "snafu.yaml"), []byte(text), lookup(exampleEnv), Need{Slack: true, Sources: true, Log: true, Migrate: true})
}

func TestEvidenceIsReadFromItsFileAndAskedWhereItLies(t *testing.T) {
	c, err := evidenced(t, "log: {table: lead, file: a.sql, rule: what a log says, group: campaign, author: U0TOM, reads: {crm.log: [lead, said]}}")
	require.NoError(t, err)
	require.Equal(t, []rollback.Reviewed{{
		Query: rollback.Query{Source: "crm", Name: "log", Text: "select id, lead_status from crm.lead\n", Unit: "leads"}, Of: "crm", Rule: "what a log says",
		Key: []string{"id"}, May: []string{"lead_status"}, Group: "campaign", Most: 1_000_000, Reads: []rollback.Read{{Relation: "crm.log", Columns: []string{"lead", "said"}}},
	}}, c.Sources["crm"].postgres("crm").Evidence)
	require.EqualValues(t, 1000, c.Sources["crm"].Evidence["log"].Complete, "a group is whole unless somebody says otherwise")
	setup, err := SourceSQL(c, "crm")
	require.NoError(t, err)
	require.Contains(t, setup, `grant select ("lead", "said") on "crm"."log" to snafu_count;`)
	require.NotContains(t, setup, `"log" to snafu_exec`)
}

func TestWrongEvidenceIsShownInItsLine(t *testing.T) {
	const good = "file: a.sql, rule: what a log says, author: U0TOM"
	for name, c := range map[string]struct{ lines, want string }{
		"a name in capitals":     {"Log: {table: lead, " + good + "}", `"Log" cannot name evidence.`},
		"no table":               {"log: {" + good + "}", "sources.crm.evidence.log.table is missing."},
		"a table that is not":    {"log: {table: deal, " + good + "}", `There is no table "deal" in this source.`},
		"no rule":                {"log: {table: lead, file: a.sql, author: U0TOM}", "sources.crm.evidence.log.rule is missing."},
		"no author":              {"log: {table: lead, file: a.sql, rule: what a log says}", "sources.crm.evidence.log.author is missing."},
		"an author by name":      {"log: {table: lead, file: a.sql, rule: what a log says, author: tom}", `"tom" is not a Slack user id.`},
		"no file":                {"log: {table: lead, rule: what a log says, author: U0TOM}", "sources.crm.evidence.log.file is missing."},
		"a file elsewhere":       {"log: {table: lead, file: /etc/passwd, rule: what a log says, author: U0TOM}", "/etc/passwd lies outside the folder of this file."},
		"a long file":            {"log: {table: lead, file: long.sql, rule: what a log says, author: U0TOM}", "long.sql has 65537 bytes; evidence has at most 65536."},
		"another confidence":     {"log: {table: lead, confidence: exact, " + good + "}", `"exact" is not possible for confidence.`},
		"more than complete":     {"log: {table: lead, group: g, complete: 101%, " + good + "}", "A share is wanted here, such as 1% or 0.5%."},
		"a source that is not":   {"log: {table: lead, source: mails, " + good + "}", `There is no source "mails".`},
		"a relation of nothing":  {"log: {table: lead, reads: {crm.log: []}, " + good + "}", "Name the columns of crm.log that the file reads."},
		"beside itself":          {"log: {table: lead, beside: log, " + good + "}", `There is no other evidence "log" in this source.`},
		"a key nobody knows":     {"log: {table: lead, sql: select, " + good + "}", `I don't know "sql" here.`},
		"a name with a meaning ": {"neither: {table: lead, beside: neither, " + good + "}", `"neither" means that none of two evidences counts.`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := evidenced(t, c.lines)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, atTheEdit("snafu.yaml:LINE:", "    tables:\n", "    tables:\n      "+c.lines+"\n"))
		})
	}
}
