//go:build linux || darwin

package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// prefix begins the name of every throw-away folder.
const prefix = "snafu-pg-"

// longestSocket is the longest path of a socket that every system accepts.
const longestSocket = 100

// folder is where one server lives:
//
//	owner   names the process that runs it, which holds a lock on this file
//	data    the cluster
//	run     the socket and the log
//
// data and run belong to the account of the server, the rest to us.
type folder struct {
	path  string
	owner *os.File
	spare *folder // holds the socket when path is too long for it
	keep  bool

	once sync.Once
	left error
}

func (f *folder) data() string { return filepath.Join(f.path, "data") }
func (f *folder) run() string  { return filepath.Join(f.path, "run") }
func (f *folder) log() string  { return filepath.Join(f.run(), "log") }

func (f *folder) socket() string {
	if f.spare != nil {
		return f.spare.run()
	}
	return f.run()
}

// throwAway makes a folder under a hidden name, locks it, and only then gives
// it the name that a sweep looks for: nobody can sweep it half made.
func throwAway(place string, a account) (*folder, error) {
	hidden, err := os.MkdirTemp(place, "."+prefix)
	if err != nil {
		return nil, fmt.Errorf("make a folder for postgres: %w", err)
	}
	f := &folder{path: hidden}
	if err := f.furnish(a); err != nil {
		_ = f.remove()
		return nil, err
	}
	path := filepath.Join(place, strings.TrimPrefix(filepath.Base(hidden), "."))
	if err := os.Rename(hidden, path); err != nil {
		_ = f.remove()
		return nil, fmt.Errorf("name the folder for postgres: %w", err)
	}
	f.path = path
	return f, nil
}

func (f *folder) furnish(a account) error {
	if err := f.lock(); err != nil {
		return fmt.Errorf("lock the folder for postgres: %w", err)
	}
	if err := private(f.run(), a); err != nil {
		return err
	}
	return f.open(a)
}

// open lets the account pass through the folder to what is its own.
func (f *folder) open(a account) error {
	if !a.dropped {
		return nil
	}
	if err := os.Chmod(f.path, 0o711); err != nil {
		return fmt.Errorf("open the folder for %s: %w", a.name, err)
	}
	return nil
}

// private makes a folder that only the account can enter.
func private(path string, a account) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make a folder for postgres: %w", err)
	}
	if err := a.own(path); err != nil {
		return fmt.Errorf("give a folder to %s: %w", a.name, err)
	}
	return nil
}

// lock takes the owner file for this process and writes its id into it. The
// kernel gives the lock back however we end.
func (f *folder) lock() error {
	file, err := lockFile(filepath.Join(f.path, "owner"), os.O_CREATE)
	if err != nil {
		return err
	}
	f.owner = file
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// errLocked says that a living process holds the lock.
var errLocked = errors.New("locked by another process")

func lockFile(path string, create int) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|create, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	_ = file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errLocked
	}
	return nil, err
}

// remove deletes everything and gives the lock back. The owner file goes last,
// so that a removal cut short can be finished by a sweep.
func (f *folder) remove() error {
	entries, err := os.ReadDir(f.path)
	for _, e := range entries {
		if e.Name() != "owner" {
			err = errors.Join(err, os.RemoveAll(filepath.Join(f.path, e.Name())))
		}
	}
	err = errors.Join(err, os.RemoveAll(f.path))
	f.unlock()
	if errors.Is(err, os.ErrNotExist) {
		return nil // the guard was faster
	}
	return err
}

func (f *folder) unlock() {
	if f.owner != nil {
		_ = f.owner.Close()
		f.owner = nil
	}
}

// leave ends our use of the folder: a throw-away one is removed.
func (f *folder) leave() error {
	var err error
	if f.spare != nil {
		err = f.spare.remove()
	}
	if f.keep {
		f.unlock()
		return err
	}
	return errors.Join(err, f.remove())
}

func socketFits(run string) bool {
	return len(filepath.Join(run, ".s.PGSQL."+port+".lock")) <= longestSocket
}
