//go:build linux || darwin

package embedded

import (
	"os"
	"path/filepath"
)

// short is the temporary folder whose name leaves room for a socket.
const short = "/tmp"

// roomy is how much memory a throw-away server wants before it moves there; a
// container's default is 64 MB.
const roomy = 1 << 30

// place is where a throw-away folder is made.
func place(o Options, a account) string {
	if o.Tmpfs && free(shm) >= roomy && a.closed(shm) == "" {
		return shm
	}
	tmp := filepath.Clean(os.TempDir())
	if !socketFits(filepath.Join(tmp, prefix+"0123456789", "run")) || a.closed(tmp) != "" {
		return short
	}
	return tmp
}

// places are all folders in which an earlier start may have left something.
func places() []string {
	all := []string{shm, short}
	if tmp := filepath.Clean(os.TempDir()); tmp != short && tmp != shm {
		all = append(all, tmp)
	}
	return all
}
