//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// stamp writes who uses the folder from now on. Data that bears another stamp
// is copied first, because a migration that follows cannot be taken back. One
// such copy is kept.
func (f *folder) stamp(ctx context.Context, o Options, major int) error {
	if o.Stamp == "" {
		return nil
	}
	path := filepath.Join(f.path, "stamp")
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read the stamp of %s: %w", f.path, err)
	}
	before := strings.TrimSpace(string(old))
	if before == o.Stamp {
		return nil
	}
	if major > 0 && before != "" {
		if err := f.copyData(ctx, o, before); err != nil {
			return err
		}
	}
	fresh := path + ".new"
	if err := os.WriteFile(fresh, []byte(o.Stamp+"\n"), 0o600); err != nil {
		return fmt.Errorf("stamp %s: %w", f.path, err)
	}
	if err := os.Rename(fresh, path); err != nil {
		return fmt.Errorf("stamp %s: %w", f.path, err)
	}
	return nil
}

// copyData keeps the data as it was under the old stamp. The copy gets its name
// when it is whole.
func (f *folder) copyData(ctx context.Context, o Options, before string) error {
	half := filepath.Join(f.path, "copying")
	whole := filepath.Join(f.path, "before-"+plain(before))
	if err := os.RemoveAll(half); err != nil {
		return fmt.Errorf("remove a half-made copy: %w", err)
	}
	out, err := exec.CommandContext(ctx, "/bin/cp", "-pR", f.data(), half).CombinedOutput()
	if err != nil {
		_ = os.RemoveAll(half)
		return fmt.Errorf("copy %s before the upgrade (%s): %w", f.data(), lastLine(string(out)), err)
	}
	older, _ := filepath.Glob(filepath.Join(f.path, "before-*"))
	for _, dir := range older {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove an older copy: %w", err)
		}
	}
	if err := os.Rename(half, whole); err != nil {
		return fmt.Errorf("name the copy: %w", err)
	}
	o.say(fmt.Sprintf("I kept a copy of the data as %s had it: %s.", before, whole))
	return nil
}

// plain turns a stamp into a file name.
func plain(stamp string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, stamp)
}
