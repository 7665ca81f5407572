package embedded

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

const shm = "/dev/shm"

// free is the room left on the file system of path in bytes, 0 if unknown.
func free(path string) uint64 {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil || st.Bsize <= 0 {
		return 0
	}
	return st.Bavail * uint64(st.Bsize)
}

// serves says whether the process is a postmaster of exactly this data folder
// that runs as uid. A dead process, even one not yet reaped, serves nothing.
func serves(pid int, data string, uid uint32) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	if err != nil {
		return false
	}
	args := bytes.Split(line, []byte{0})
	i := slices.IndexFunc(args, func(a []byte) bool { return string(a) == "-D" })
	if i < 1 || i+1 >= len(args) || string(args[i+1]) != data {
		return false
	}
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return false
	}
	for l := range bytes.Lines(status) {
		if f := bytes.Fields(l); len(f) > 2 && string(f[0]) == "Uid:" {
			return string(f[1]) == strconv.FormatUint(uint64(uid), 10)
		}
	}
	return false
}
