//go:build linux

package embedded_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/embedded"
)

func TestAPersistentServerKeepsWhatItWasTold(t *testing.T) {
	t.Parallel()
	r := newRoom(t, who{uid: os.Geteuid()})
	dir := filepath.Join(r.dir, "state", "snafu", "postgres")
	var said []string
	o := embedded.Options{Dir: dir, Say: func(s string) { said = append(said, s) }}
	srv := start(t, o)
	ask(t, srv.DSN("postgres"), "create table said (word text); insert into said values ('kept') returning word")
	require.NoError(t, srv.Stop(t.Context()))
	require.Equal(t, "No database URL is set, so I keep my log in a Postgres of my own: "+dir+" ("+srv.Version+", fsync on). Back it up, or set database.url_env.", said[0])

	o.MustExist = true
	again := start(t, o)
	require.Equal(t, "kept", ask(t, again.DSN("postgres"), "select word from said"))
	require.Equal(t, "on on on", ask(t, again.DSN("postgres"), "select concat_ws(' ', current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'))"))
}

func TestAPathTooLongForASocketGetsAShortOne(t *testing.T) {
	t.Parallel()
	r := newRoom(t, who{uid: os.Geteuid()})
	long := filepath.Join(r.dir, strings.Repeat("long", 25))
	srv := start(t, embedded.Options{Dir: long})
	require.Equal(t, long+"/data", ask(t, srv.DSN("postgres"), "show data_directory"))
	joined, err := embedded.Join(long)
	require.NoError(t, err)
	require.Equal(t, srv.DSN("postgres"), joined.DSN("postgres"))
	require.NoError(t, srv.Stop(t.Context()))
	require.NoDirExists(t, srv.Socket())
	require.DirExists(t, long)
}

func TestAnUpgradeKeepsACopyOfTheDataBeforeIt(t *testing.T) {
	t.Parallel()
	r := newRoom(t, who{uid: os.Geteuid()})
	dir := filepath.Join(r.dir, "kept")
	stamped := func(stamp string) *embedded.Server {
		srv := start(t, embedded.Options{Dir: dir, Stamp: stamp})
		require.NoError(t, srv.Stop(t.Context()))
		return srv
	}
	copies := func() []string {
		found, err := filepath.Glob(filepath.Join(dir, "before-*"))
		require.NoError(t, err)
		return found
	}
	stamped("snafu 1, ladder 3")
	stamped("snafu 1, ladder 3")
	require.Empty(t, copies())
	stamped("snafu 2, ladder 4")
	require.Equal(t, []string{filepath.Join(dir, "before-snafu-1--ladder-3")}, copies())
	stamped("snafu 3, ladder 4")
	require.Equal(t, []string{filepath.Join(dir, "before-snafu-2--ladder-4")}, copies(), "one copy is kept")
	require.FileExists(t, filepath.Join(copies()[0], "PG_VERSION"))
}
