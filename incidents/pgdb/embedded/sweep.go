//go:build linux || darwin

package embedded

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sweep removes what starters that were killed have left in the places. It
// touches only folders of our own whose owner has gone, and ends only a server
// of exactly such a folder: a folder that somebody planted in a shared place
// must not aim root's signals. Whatever looks different is left alone.
func sweep(o Options, places []string) {
	log := o.log()
	for _, place := range places {
		entries, err := os.ReadDir(place)
		if err != nil {
			continue
		}
		for _, e := range entries {
			visible := strings.HasPrefix(e.Name(), prefix)
			if visible || (strings.HasPrefix(e.Name(), "."+prefix) && stale(e)) {
				sweepOne(log, filepath.Join(place, e.Name()))
			}
		}
	}
}

// stale says that a folder is no longer being made.
func stale(e os.DirEntry) bool {
	info, err := e.Info()
	return err == nil && time.Since(info.ModTime()) > time.Hour
}

func sweepOne(log *slog.Logger, path string) {
	info, err := os.Lstat(path)
	if err != nil {
		return
	}
	uid, known := uidOf(info)
	if !info.IsDir() || !known || uid != uint32(os.Geteuid()) || info.Mode().Perm()&0o022 != 0 {
		log.Debug("left a folder alone that is not ours", "ref", path)
		return
	}
	owner, err := lockFile(filepath.Join(path, "owner"), 0)
	switch {
	case errors.Is(err, errLocked):
		return // its starter lives
	case errors.Is(err, os.ErrNotExist):
		_ = os.Remove(path) // only if empty
		return
	case err != nil:
		log.Warn("left a folder alone whose owner I cannot read", "ref", path, "err", err)
		return
	}
	f := &folder{path: path, owner: owner}
	if pid, ended := f.endServer(syscall.SIGQUIT, quitting); !ended {
		log.Warn("left a Postgres alone that does not end", "ref", path, "err", fmt.Errorf("process %d lives on", pid))
		f.unlock()
		return
	}
	if err := f.remove(); err != nil {
		log.Warn("could not remove what a Postgres left behind", "ref", path, "err", err)
		return
	}
	log.Info("removed what a killed process left behind", "ref", path)
}

// quitting is how long an immediate shutdown may take: Postgres itself kills
// its last children after 5 s.
const quitting = 20 * time.Second

// endServer ends a server that has outlived its starter, whose lock we hold. It
// returns the server's process id, 0 if there was none, and whether it ended.
func (f *folder) endServer(sig syscall.Signal, limit time.Duration) (pid int, ended bool) {
	note, err := f.postmaster()
	if err != nil || note.pid <= 1 {
		return 0, true
	}
	p, err := os.FindProcess(note.pid) // holds on to this very process where the system can
	if err != nil {
		return 0, true
	}
	defer func() { _ = p.Release() }()
	if !serves(note.pid, f.data(), note.uid) {
		return 0, true
	}
	_ = p.Signal(sig)
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(glance) {
		if !serves(note.pid, f.data(), note.uid) {
			return note.pid, true
		}
	}
	return note.pid, false
}

// note is what a running server writes into its data folder.
type note struct {
	pid    int
	uid    uint32 // who owns the data
	socket string // folder of the socket
	ready  bool
}

// postmaster reads postmaster.pid. The data belongs to another account when we
// are root, so nothing in it may lead us elsewhere or make us wait.
func (f *folder) postmaster() (note, error) {
	info, err := os.Lstat(f.data())
	if err != nil {
		return note{}, err
	}
	uid, _ := uidOf(info)
	file, err := f.inside(filepath.Join("data", "postmaster.pid"))
	if err != nil {
		return note{}, err
	}
	defer func() { _ = file.Close() }()
	var lines []string
	for s := bufio.NewScanner(io.LimitReader(file, 8192)); s.Scan(); {
		lines = append(lines, strings.TrimSpace(s.Text()))
	}
	lines = append(lines, make([]string, 8)...)
	pid, err := strconv.Atoi(lines[0])
	if err != nil {
		return note{}, err
	}
	return note{pid: pid, uid: uid, socket: lines[4], ready: lines[7] == "ready"}, nil
}

// inside opens a regular file of the folder for reading.
func (f *folder) inside(name string) (*os.File, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, file.Close(), errors.New(name+" is not a file"))
	}
	return file, nil
}
