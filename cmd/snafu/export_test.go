package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
	"snafu/manifests"
)

func TestAPostMortemIsWrittenAtTheCommandLineFromTheLogAlone(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	use, err := response.New(response.Options{DB: db, Sources: []response.SourceInfo{{Name: "crm"}}})
	require.NoError(t, err)
	open := func(key, title string, private bool) {
		id, err := use.Open(t.Context(), journal.Act{By: incidents.Person("T1/UANA").Actor(), Key: key}, response.OpenRequest{Title: title, System: "crm", Reporter: "T1/UANA", Private: private})
		require.NoError(t, err)
		require.NoError(t, use.Note(t.Context(), journal.Act{By: incidents.Person("T1/UBEN").Actor(), Key: key + ":note"}, id, "", "campaign 7 was copied", time.Time{}))
	}
	open("one", "Leads moved to SQL by mistake", false)
	open("two", "Somebody was paid twice", true)

	dir := t.TempDir()
	config := filepath.Join(dir, "snafu.yaml")
	require.NoError(t, os.WriteFile(config, []byte(manifests.ExampleConfig), 0o600))
	out := filepath.Join(dir, "out", "here")
	env := map[string]string{"SNAFU_DATABASE_URL": pgtest.As(t, db, pgdb.App)}
	do := func(want int, args ...string) (files []string, say string) {
		t.Helper()
		code, printed, said := command(t, env, append([]string{"export"}, append(args, "--out", out, "--config", config)...)...)
		require.Equal(t, want, code, printed+said)
		for line := range strings.Lines(printed) {
			file, _, found := strings.Cut(line, " (")
			require.True(t, found, line)
			info, err := os.Stat(file)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "for whoever wrote it alone")
			files = append(files, file)
		}
		return files, said
	}
	journalled := func(kind string) (n int) {
		t.Helper()
		require.NoError(t, db.Pool().QueryRow(t.Context(), `select count(*) from journal where kind = $1`, kind).Scan(&n))
		return n
	}

	for form, says := range map[string]string{"md": "# SNAFU-1 · Leads moved to SQL by mistake", "html": "<title>SNAFU-1 · Leads moved to SQL by mistake</title>", "json": `"schema": 1`} {
		files, said := do(exitHolds, "SNAFU-1", "--format", form)
		require.Len(t, files, 1, form)
		text, err := os.ReadFile(files[0])
		require.NoError(t, err)
		require.Contains(t, string(text), says)
		require.Contains(t, string(text), "UBEN", "without Slack people have their ids")
		require.Contains(t, said, "no token for Slack")
	}
	files, _ := do(exitHolds, "snafu-1", "--format", "csv")
	require.Len(t, files, 5)
	require.Equal(t, 4, journalled("exported/1"))

	_, said := do(exitDoesNot, "SNAFU-1", "--format", "public")
	require.Contains(t, said, "The first sentence is missing")
	text := []string{"--loss", "We lost 7 leads.", "--harm", "Nobody was called.", "--apology", "We are sorry, and will never do it again."}
	files, said = do(exitHolds, append([]string{"SNAFU-1", "--format", "public"}, text...)...)
	require.Contains(t, said, "promises more than anybody can keep")
	require.Contains(t, said, "Look for their names yourself")
	draft, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NotContains(t, string(draft), "UANA")

	for _, why := range [][]string{nil, {"--private", "because"}, {"--private", "            "}} {
		_, said = do(exitDoesNot, append([]string{"SNAFU-2"}, why...)...)
		require.Contains(t, said, "SNAFU-2 is private. Say why it leaves its channel")
	}
	require.Zero(t, journalled("taken-out/1"))
	do(exitHolds, "SNAFU-2", "--private", "the auditor asked for it")
	require.Equal(t, 1, journalled("taken-out/1"))
	require.Equal(t, 6, journalled("exported/1"))

	_, said = do(exitDoesNot, "SNAFU-9")
	require.Contains(t, said, "no SNAFU-9")
	_, said = do(exitDoesNot, "nine")
	require.Contains(t, said, "Write it as SNAFU-42")
	do(exitUsage, "SNAFU-1", "--format", "pdf")
	env["SNAFU_DATABASE_URL"] = "postgres://snafu_app@127.0.0.1:1/snafu"
	do(exitCouldNot, "SNAFU-1")
}
