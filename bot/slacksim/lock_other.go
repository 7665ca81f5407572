//go:build !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd

package slacksim

import "os"

// lockFile takes a state file for this process where the system can do that.
func lockFile(*os.File) error { return nil }
