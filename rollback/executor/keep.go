package executor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/refusal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// exported is how files of plans are named: before-images, their companions and
// lists. Whatever else lies in the folder is not ours.
var exported = regexp.MustCompile(`^(SNAFU-[1-9][0-9]*)-(R[1-9][0-9]*)r[0-9]+[.]([a-z0-9]+[.])*(jsonl[.]gz|manifest[.]json|csv|jsonl)$`)

// planFiles are the files of one plan in the folder of exports.
type planFiles struct {
	incident incidents.ID
	ref      rollback.Ref
	names    []string
}

// Forget deletes the exports of plans whose snafu was closed longer ago than
// keep, and says how many files those were. Each deletion is journalled first,
// with the checksums; a crash between leaves files that the next round deletes
// and journals again. What lies there of a snafu that is open is left alone.
func (e *Executor) Forget(ctx context.Context, keep time.Duration) (int, error) {
	plans, err := e.exported()
	if err != nil {
		return 0, err
	}
	n := 0
	failed := dropUnfinished(e.dir, time.Now().Add(-unfinishedFor))
	for _, p := range plans {
		deleted, err := e.forget(ctx, p, keep)
		n += deleted
		if ctx.Err() != nil {
			return n, err
		}
		failed = errors.Join(failed, err)
	}
	return n, failed
}

func (e *Executor) forget(ctx context.Context, p planFiles, keep time.Duration) (int, error) {
	label := rollback.Label(p.incident, p.ref)
	plan, err := e.approval.Find(ctx, p.incident, p.ref)
	if _, unknown := refusal.As(err); unknown {
		return 0, nil // of another installation
	}
	if err != nil {
		return 0, err
	}
	if over, err := e.approval.IsOver(ctx, plan, keep); err != nil || !over {
		return 0, err // what is kept is not read
	}
	var files []approval.ExportFile
	for _, name := range p.names {
		one, err := fileOf(filepath.Join(e.dir, name))
		if err != nil {
			return 0, fmt.Errorf("read %s before it is deleted: %w", name, err)
		}
		files = append(files, one)
	}
	act := journal.Act{By: incidents.System("executor"), Key: fmt.Sprintf("exports:%s:%d", label, time.Now().UnixMicro())}
	err = e.approval.OverExports(ctx, act, plan, keep, files)
	if errors.Is(err, approval.ErrObsolete) {
		return 0, nil // opened again this very moment
	}
	if err != nil {
		return 0, err
	}
	for i, name := range p.names {
		if err := os.Remove(filepath.Join(e.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return i, fmt.Errorf("delete an export of %s: %w", label, err)
		}
	}
	e.log.InfoContext(ctx, "exports deleted", "plan", label, "files", len(files))
	return len(files), nil
}

// unfinishedFor is how long a file that is being written may rest: no freeze and
// no list takes as long.
const unfinishedFor = 24 * time.Hour

// dropUnfinished deletes what a process that was killed had begun to write, and
// nothing has touched since: parts of before-images and lists, with what is
// personal in them, of which nobody was ever told.
func dropUnfinished(dir string, since time.Time) error {
	found, err := filepath.Glob(filepath.Join(dir, writing))
	for _, path := range found {
		about, gone := os.Lstat(path)
		if gone != nil || !about.Mode().IsRegular() || !about.ModTime().Before(since) {
			continue
		}
		if no := os.Remove(path); no != nil && !errors.Is(no, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("delete an unfinished export: %w", no))
		}
	}
	return err
}

// exported lists the folder by plan.
func (e *Executor) exported() ([]planFiles, error) {
	entries, err := os.ReadDir(e.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the export folder: %w", err)
	}
	found := map[string]planFiles{}
	for _, f := range entries {
		m := exported.FindStringSubmatch(f.Name())
		if m == nil || !f.Type().IsRegular() {
			continue
		}
		id, err := incidents.ParseID(m[1])
		if err != nil {
			continue
		}
		p := found[m[1]+m[2]]
		p.incident, p.ref, p.names = id, rollback.Ref(m[2]), append(p.names, f.Name())
		found[m[1]+m[2]] = p
	}
	out := slices.SortedFunc(maps.Values(found), func(a, b planFiles) int { return strings.Compare(a.names[0], b.names[0]) })
	return out, nil
}

// fileOf is a file with its checksum. That of a before-image is over its lines,
// as its freeze journalled it; of one that cannot be unpacked, over the file.
func fileOf(path string) (approval.ExportFile, error) {
	out := approval.ExportFile{Name: filepath.Base(path)}
	file, err := os.Open(path)
	if err != nil {
		return out, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	if out.Bytes, err = io.Copy(sum, file); err != nil {
		return out, err
	}
	out.SHA256 = sum.Sum(nil)
	if unpacked := lineSum(path); unpacked != nil {
		out.SHA256 = unpacked.Sum(nil)
	}
	return out, nil
}

func lineSum(path string) hash.Hash {
	if !strings.HasSuffix(path, truthSuffix) {
		return nil
	}
	sum := sha256.New()
	if lines(path, func(line []byte) error { sum.Write(line); return nil }) != nil {
		return nil
	}
	return sum
}
