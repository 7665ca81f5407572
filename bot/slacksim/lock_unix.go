//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package slacksim

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes a state file for this process. The system gives it back when the
// process ends, however it ends.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errInUse
	}
	return err
}
