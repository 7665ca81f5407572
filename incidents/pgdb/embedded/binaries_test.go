//go:build linux

package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// install puts programs that say they are a version into dir/version/bin.
func install(t *testing.T, dir, version string, more ...string) string {
	bin := filepath.Join(dir, version, "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	for _, name := range append([]string{"postgres", "initdb"}, more...) {
		script := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s (Debian)'\n", name, version)
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	return bin
}

func TestTheNewestInstalledServerThatWillDoIsTaken(t *testing.T) {
	dir, path, cache := t.TempDir(), t.TempDir(), t.TempDir()
	usual := where
	where = []string{filepath.Join(dir, "*", "bin")}
	t.Cleanup(func() { where = usual })
	t.Setenv("PATH", path)

	_, err := find(t.Context(), Options{CacheDir: cache}, 0)
	require.ErrorContains(t, err, "found none")

	install(t, dir, "9.6.24")
	install(t, dir, "13.4")
	_, err = find(t.Context(), Options{CacheDir: cache}, 0)
	require.EqualError(t, err, "The newest Postgres here is 13.4; I need 14 or newer. "+Options{}.install())

	with15 := install(t, dir, "15.18", "pg_restore")
	with19 := install(t, dir, "19beta1")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "20.1", "bin"), 0o755), "a folder of a version without its programs")
	elsewhere := install(t, t.TempDir(), "16.2")
	require.NoError(t, os.Symlink(filepath.Join(elsewhere, "postgres"), filepath.Join(path, "postgres")))

	for name, c := range map[string]struct {
		o     Options
		major int
		bin   string
	}{
		"the newest":                        {bin: with19},
		"the one with the program we need":  {o: Options{Need: []string{"pg_restore"}}, bin: with15},
		"the one whose folder it must read": {major: 15, bin: with15},
		"the one on PATH, by its real path": {major: 16, bin: elsewhere},
		"the one that was named":            {o: Options{BinDir: with15}, bin: with15},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.CacheDir = cache
			b, err := find(t.Context(), c.o, c.major)
			require.NoError(t, err)
			require.Equal(t, c.bin, b.dir)
		})
	}

	_, err = find(t.Context(), Options{CacheDir: cache, Need: []string{"pg_restore"}, MinMajor: 16}, 0)
	require.EqualError(t, err, "The newest Postgres here with pg_restore is 15.18; I need 16 or newer. "+Options{}.install())
}

func TestAVersionIsReadAsTheServerSaysIt(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]version{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n": {15, "15.18"},
		"postgres (PostgreSQL) 18.4\n":                           {18, "18.4"},
		"postgres (PostgreSQL) 19beta1\n":                        {19, "19beta1"},
		"postgres (PostgreSQL) 9.6.24\n":                         {9, "9.6.24"},
	} {
		got, err := parseVersion(out)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, out := range []string{"", "bash 5", "postgres (PostgreSQL) ", "postgres (PostgreSQL) x"} {
		_, err := parseVersion(out)
		require.Error(t, err, out)
	}
}
