//go:build linux || darwin

package embedded

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// links is the list of symbolic links, because an npm package holds none.
const links = "package/native/pg-symlinks.json"

// unpack writes the regular files of a packed package into a new folder, makes
// its links, and lets everybody read it. Nothing lands outside the folder.
func unpack(packed, into string) error {
	if err := os.Mkdir(into, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(into)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := files(packed, root); err != nil {
		return err
	}
	if err := link(root); err != nil {
		return err
	}
	return filepath.WalkDir(into, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o755)
	})
}

func files(packed string, root *os.Root) error {
	f, err := os.Open(packed)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader:
			continue
		case h.Typeflag != tar.TypeReg:
			return fmt.Errorf("%s is not a regular file", h.Name)
		}
		if err := write(root, filepath.FromSlash(h.Name), fs.FileMode(h.Mode)&0o755, t); err != nil {
			return err
		}
	}
}

func write(root *os.Root, name string, mode fs.FileMode, from io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Chmod(mode), f.Close())
}

func link(root *os.Root) error {
	list, err := root.ReadFile(filepath.FromSlash(links))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var wanted []struct{ Source, Target string }
	if err := json.Unmarshal(list, &wanted); err != nil {
		return fmt.Errorf("read %s: %w", links, err)
	}
	for _, w := range wanted {
		source, target := filepath.FromSlash(w.Source), filepath.FromSlash(w.Target)
		if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("the link %s leads out of the package", w.Target)
		}
		to, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := root.Symlink(to, filepath.Join("package", target)); err != nil {
			return err
		}
	}
	return nil
}
