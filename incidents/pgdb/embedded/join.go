//go:build linux || darwin

package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// Join returns the persistent server that another process runs in dir. Its Stop
// does nothing. It refuses with NotRunning if there is none; then Start with
// MustExist is the next thing to try.
func Join(dir string) (*Server, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{path: path, keep: true}
	n, err := f.postmaster()
	if errors.Is(err, os.ErrPermission) {
		return nil, refused(NotRunning, err, "I may not look into %s. Run me as the user who runs the bot.", path)
	}
	if err != nil || n.pid <= 1 || !n.ready || !serves(n.pid, f.data(), n.uid) {
		return nil, refused(NotRunning, err, "No Postgres of mine runs in %s.", path)
	}
	major, err := f.major()
	if err != nil {
		return nil, err
	}
	return &Server{
		Version: strconv.Itoa(major), Source: Joined, Dir: path, PID: n.pid, socket: n.socket,
		stop: func(context.Context) error { return nil },
	}, nil
}
