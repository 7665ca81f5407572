//go:build linux || darwin

package embedded

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// binaries are the programs of one installation.
type binaries struct {
	dir     string
	version version
	source  Source
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// where installations lie: Debian, Red Hat, Alpine, Homebrew on both kinds of
// Mac, Postgres.app.
var where = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// find resolves the binaries. A major above 0 means that no other will do.
func find(ctx context.Context, o Options, major int) (binaries, error) {
	if o.BinDir != "" {
		return given(ctx, o)
	}
	var newest version
	if !o.SkipInstalled {
		b, best := installed(ctx, o, major)
		if b.dir != "" {
			return b, nil
		}
		newest = best
	}
	var why string
	if len(o.Need) == 0 {
		b, no, err := provided(ctx, o, major)
		if err != nil || b.dir != "" {
			return b, err
		}
		why = no
	}
	if newest.major > 0 && newest.major < o.minMajor() {
		return binaries{}, o.refuseOld(newest)
	}
	return binaries{}, o.refuseNone(why)
}

// given is the folder that the user named.
func given(ctx context.Context, o Options) (binaries, error) {
	b, ok := look(ctx, o.BinDir, o.Need)
	if !ok {
		programs := strings.Join(append([]string{"postgres", "initdb"}, o.Need...), " and ")
		return binaries{}, refused(BadBinDir, nil, "SNAFU_PG_BIN=%s has no %s in it.", o.BinDir, programs)
	}
	if b.version.major < o.minMajor() {
		return binaries{}, o.refuseOld(b.version)
	}
	b.source = Given
	return b, nil
}

// installed is the newest installation that will do, and the newest of all.
func installed(ctx context.Context, o Options, major int) (best binaries, newest version) {
	for _, dir := range candidates() {
		b, ok := look(ctx, dir, o.Need)
		if !ok {
			continue
		}
		if b.version.major > newest.major {
			newest = b.version
		}
		fits := b.version.major >= o.minMajor() && (major == 0 || b.version.major == major)
		if fits && b.version.major > best.version.major {
			best = b
			best.source = Installed
		}
	}
	return best, newest
}

// candidates are the folders to look into. What PATH names comes first, by its
// real path: the shared files of an installation are found relative to it.
func candidates() []string {
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, pattern := range where {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return dirs
}

// look asks a folder for its version, if it holds all that is needed.
func look(ctx context.Context, dir string, need []string) (binaries, bool) {
	b := binaries{dir: dir}
	for _, program := range append([]string{"postgres", "initdb"}, need...) {
		if info, err := os.Stat(b.path(program)); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return binaries{}, false
		}
	}
	v, err := ask(ctx, b.path("postgres"))
	if err != nil {
		return binaries{}, false
	}
	b.version = v
	return b, true
}

func ask(ctx context.Context, postgres string) (version, error) {
	cmd := exec.CommandContext(ctx, postgres, "--version")
	cmd.Env = quietly("/")
	out, err := cmd.Output()
	if err != nil {
		return version{}, fmt.Errorf("ask %s for its version: %w", postgres, err)
	}
	return parseVersion(string(out))
}
