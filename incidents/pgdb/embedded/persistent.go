//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// inheriting is how long a predecessor's server may take to write its last
// checkpoint once its owner has died.
const inheriting = 60 * time.Second

// persistent takes a folder that stays, for this process alone, and finds
// binaries of its major version.
func persistent(ctx context.Context, o Options, a account) (*folder, binaries, error) {
	path, err := enter(o, a)
	if err != nil {
		return nil, binaries{}, err
	}
	f := &folder{path: path, keep: true}
	if err := f.lock(); errors.Is(err, errLocked) {
		return nil, binaries{}, refused(InUse, err, "%s is in use by process %s. Stop it, or name another folder with --keep.", path, f.heldBy())
	} else if err != nil {
		return nil, binaries{}, fmt.Errorf("lock %s: %w", path, err)
	}
	b, err := f.settle(ctx, o, a)
	if err != nil {
		return nil, b, errors.Join(err, f.leave())
	}
	return f, b, nil
}

// enter checks or makes the folder itself. It refuses a folder that holds
// something else, and one that is not ours: as root we would follow whatever
// its owner put there.
func enter(o Options, a account) (string, error) {
	path, err := filepath.Abs(o.Dir)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", o.Dir, err)
	}
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && o.MustExist:
		return "", refused(NotThere, err, "There is no Postgres of mine in %s. Start the bot once, or set %s.", path, o.urlSetting())
	case errors.Is(err, os.ErrNotExist):
		if err := reserve(path, a); err != nil {
			return "", fmt.Errorf("make a folder for postgres: %w", err)
		}
	case err != nil:
		return "", fmt.Errorf("read %s: %w", path, err)
	case len(entries) > 0:
		if _, err := os.Lstat(filepath.Join(path, "owner")); err != nil {
			return "", refused(NotOurs, err, "%s is not empty and holds no Postgres of mine. Name another folder.", path)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	if uid, ok := uidOf(info); !ok || uid != uint32(os.Geteuid()) {
		return "", refused(NotOurs, nil, "%s belongs to user %d and I run as user %d. Run me as that user, or name another folder.", path, uid, os.Geteuid())
	}
	if err := (&folder{path: path}).open(a); err != nil {
		return "", err
	}
	if shut := a.closed(path); shut != "" {
		return "", refused(ClosedFolder, nil, "I run as root, Postgres as %s, and %s cannot enter %s. Name a folder elsewhere, such as /var/lib/snafu/postgres.", a.name, a.name, shut)
	}
	return path, nil
}

// reserve makes the folder. Root's account must be able to pass those above it.
func reserve(path string, a account) error {
	if a.dropped {
		if err := readable(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return os.MkdirAll(path, 0o700)
}

// heldBy is the process that the owner file names.
func (f *folder) heldBy() string {
	text, _ := os.ReadFile(filepath.Join(f.path, "owner"))
	if pid := strings.TrimSpace(string(text)); pid != "" {
		return pid
	}
	return "unknown"
}

func (f *folder) settle(ctx context.Context, o Options, a account) (binaries, error) {
	if err := private(f.run(), a); err != nil {
		return binaries{}, err
	}
	if !socketFits(f.run()) {
		spare, err := throwAway(place(Options{}, a), a)
		if err != nil {
			return binaries{}, err
		}
		f.spare = spare
	}
	// A server whose owner was killed is still ours: it ends as if we had
	// stopped it, and its log is replayed if it must be.
	if pid, ended := f.endServer(syscall.SIGINT, inheriting); !ended {
		return binaries{}, refused(InUse, nil, "%s is in use by the Postgres process %d, which does not end. Stop it with SIGINT, then start me again.", f.path, pid)
	}
	major, err := f.major()
	if err != nil {
		return binaries{}, err
	}
	b, err := f.fitting(ctx, o, major)
	if err != nil {
		return binaries{}, err
	}
	f.turnLog()
	return b, f.stamp(ctx, o, major)
}

// major is the version that made the cluster, 0 while there is none.
func (f *folder) major() (int, error) {
	file, err := f.inside(filepath.Join("data", "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", f.path, err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, 64))
	if err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", f.path, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read the version of %s: %w", f.path, err)
	}
	return major, nil
}

// fitting finds binaries of the folder's own major. A folder is never
// converted: pg_upgrade and its failures are a person's business.
func (f *folder) fitting(ctx context.Context, o Options, major int) (binaries, error) {
	b, err := find(ctx, o, major)
	if major == 0 || (err == nil && b.version.major == major) {
		return b, err
	}
	missing := (*Refused)(nil)
	if err != nil && (!errors.As(err, &missing) || (missing.Code != NoPostgres && missing.Code != TooOld)) {
		return b, err
	}
	here := b
	if err != nil {
		if here, err = find(ctx, o, 0); err != nil {
			return b, err
		}
	}
	return b, refused(OtherMajor, nil, "%s was made by Postgres %d and only %d is here. Install %d, or move the data with pg_dump. I never convert a folder.", f.path, major, here.version.major, major)
}

// turnLog keeps one old log beside the one that is written.
func (f *folder) turnLog() {
	const full = 1 << 20
	if info, err := os.Lstat(f.log()); err == nil && info.Size() > full {
		_ = os.Rename(f.log(), f.log()+".1")
	}
}
