package bot_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

// vaultQueries ask for what may not be told, and break on it.
func vaultQueries() []rollback.Query {
	of := func(name, text string) rollback.Query {
		return rollback.Query{Source: "crm", Name: name, Text: text, Unit: "people"}
	}
	return []rollback.Query{
		of("by_mail", "select mail, count(*) from vault.person group by 1"),
		of("by_note", "select upper(note) || '!', count(*) from vault.person group by 1"),
		of("by_value", "select now, count(*) from vault.log where field = 'phone' group by 1"),
		of("by_who", "select who, count(*) from vault.log group by 1"),
		of("by_member", "select mail, count(*) from vault.member group by 1"),
		of("by_stage", "select stage, count(*) from vault.person group by 1"),
		of("broken", "select count(*) from vault.person where phone::int > 0"),
		of("broken_day", "select count(*) from vault.person where note::date > '2026-01-01'"),
		of("misread", "select count(*) from vault.person where no_column = 1"),
		of("whole", "select p, count(*) from vault.person p group by 1"),
	}
}

func TestNoPersonalValueIsHeardThroughACountAWatchOrARun(t *testing.T) {
	t.Parallel()
	var log ear
	w := vaultWorkspace(t, &log)
	w.crm.asks, w.crm.typed = vaultQueries(), "S0ANALYSTS"
	w.begin()
	says := slacksim.Contains

	ch := w.open("ana", "sev3 People were lost --on crm")
	w.slash("ana", ch, "/snafu triage 2 bad-run")
	w.sees("ana", ch, says("13 members, 1 without history"))

	// Counts by name, and typed.
	for _, c := range []struct{ asked, hears string }{
		{"by_mail", "12 groups of people (by_mail)"},
		{"by_note", "12 groups of people (by_note)"},
		{"by_value", "12 groups of people (by_value)"},
		{"by_who", "1 group of people (by_who)"},
		{"by_member", "13 groups of people (by_member)"},
		{"by_stage", "1 group of people (by_stage)"},
		{"broken", "The count broke on a value in crm (SQLSTATE 22P02)"},
		{"broken_day", "The count broke on a value in crm (SQLSTATE 22007)"},
		{"misread", "misread does not fit crm any more."},
		{"whole", "this has whole records for labels."},
		{"select mail from vault.person where phone::int > 0", "The count broke on a value in crm (SQLSTATE 22P02)"},
		{"select mail from vault.person where note = stage", "types that do not go together"},
		{"select mail from vault.person where note like '%-6'", "<5 records"},
	} {
		w.slash("ana", ch, "/snafu count "+c.asked)
		w.sees("ana", ch, says(c.hears))
	}
	w.quiet()

	// A watch that sees it grow, breaks on a value, and goes on.
	w.slash("ana", ch, "/snafu watch every 15m")
	w.quiet()
	w.crm.exec(`insert into vault.member (job, mail) values ('bad-run', 'canary-late@canary-host.example')`)
	w.watches(15 * time.Minute)
	w.crm.exec(`insert into vault.log (mail, field, was, now, job) select mail, 'stage', 'canary-was', '9', 'bad-run' from vault.person where phone = 'canary-phone-4'`)
	w.watches(15 * time.Minute)
	w.crm.exec(`delete from vault.log where was = 'canary-was'`)
	w.watches(15 * time.Minute)

	// A run that breaks on a constraint: what the server says about it holds the
	// whole record.
	w.slash("ana", ch, "/snafu contain stopped Weekly stage sync (was on, now off)")
	w.quiet()
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all became 9")
	w.slash("ana", ch, "/snafu triage 7 workflow the weekly sync")
	w.slash("ana", ch, "/snafu table 1 initial")
	w.slash("ana", ch, "/snafu table 2 initial")
	w.quiet()
	w.crm.exec(`alter table vault.person add constraint fits check (note <> 'canary-note-6' or stage <> 1) not valid`)
	w.propose(ch, 1)
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": "12"})
		w.quiet()
	}
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("ana", ch, says("R1 partly done: 11 written · 0 conflicts left alone · 1 failed"))
	w.slash("ana", ch, "/snafu fixed R1")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 fixed 11 people."))
	w.press("ana", ch, "Not written")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 did not write 1 people that it was to write."))
	w.quiet()

	exported := false
	require.NoError(t, filepath.WalkDir(w.crm.dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		require.NotContains(t, path, "canary")
		if !d.IsDir() {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			exported = exported || strings.Contains(string(raw), "canary-note-6")
		}
		return nil
	}))
	require.True(t, exported, "the values are where they belong")
	w.silent(&log)
}
