package embedded

import (
	"os/exec"
	"strconv"
	"strings"
)

// shm does not exist here: a throw-away server lives on disk.
const shm = "/dev/shm"

func free(string) uint64 { return 0 }

// serves says whether the process is a postmaster of exactly this data folder
// that runs as uid.
func serves(pid int, data string, uid uint32) bool {
	out, err := exec.Command("/bin/ps", "-o", "uid=,stat=,command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	f := strings.Fields(string(out))
	return len(f) > 2 && f[0] == strconv.FormatUint(uint64(uid), 10) && !strings.HasPrefix(f[1], "Z") &&
		strings.Contains(string(out), " -D "+data+" ")
}
