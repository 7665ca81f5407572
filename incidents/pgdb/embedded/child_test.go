//go:build linux

package embedded_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"snafu/incidents/pgdb/embedded"
)

// order tells a copy of the test binary what to do instead of testing.
type order struct {
	Dir  string // persistent, if not empty
	Hold bool   // keep the server until killed
}

// told is what the copy answers once its server is up.
type told struct {
	Dir, DSN string
	PID      int
	Refused  string
}

const orderVariable = "SNAFU_EMBEDDED_ORDER"

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(orderVariable); ok {
		obey(text)
		return
	}
	goleak.VerifyTestMain(m)
}

func obey(text string) {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	answer := json.NewEncoder(os.Stdout)
	srv, err := embedded.Start(context.Background(), embedded.Options{Dir: o.Dir})
	if err != nil {
		_ = answer.Encode(told{Refused: err.Error()})
		return
	}
	_ = answer.Encode(told{Dir: srv.Dir, DSN: srv.DSN("postgres"), PID: srv.PID})
	if !o.Hold {
		if err := srv.Stop(context.Background()); err != nil {
			panic(err)
		}
		return
	}
	signal.Reset() // die of a signal as any program does
	_, _ = io.Copy(io.Discard, os.Stdin)
	select {}
}

// who is a user that the copies run as.
type who struct {
	name string
	uid  int
	wrap []string // the command that becomes that user
}

// users are ourselves, and an ordinary user where we are root.
func users(t *testing.T) []who {
	us := []who{{name: "this user", uid: os.Geteuid()}}
	if os.Geteuid() != 0 {
		return us
	}
	_, err := exec.LookPath("setpriv")
	require.NoError(t, err, "as root these tests need setpriv: apt-get install util-linux")
	return append(us, who{name: "an ordinary user", uid: 65534, wrap: become(65534)})
}

func become(uid int) []string {
	id := strconv.Itoa(uid)
	return []string{"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups", "--"}
}

// room is a temporary folder of one user's copies alone, so that nobody else's
// sweep looks into it, and a copy of the test binary that the user can run.
type room struct {
	who
	dir, binary string
}

func newRoom(t *testing.T, w who) room {
	r := room{who: w, dir: folderFor(t, memory(), w.uid)}
	r.binary = filepath.Join(folderFor(t, "/tmp", w.uid), "copy")
	self, err := os.Executable()
	require.NoError(t, err)
	if os.Link(self, r.binary) != nil { // another file system
		binary, err := os.ReadFile(self)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(r.binary, binary, 0o755))
	}
	return r
}

// folderFor makes a folder of a user's that the server's account can enter.
func folderFor(t *testing.T, place string, uid int) string {
	dir, err := os.MkdirTemp(place, "snafu-room-") //nolint:usetesting // the account of the server cannot enter t.TempDir
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))
	if uid != os.Geteuid() {
		require.NoError(t, os.Chown(dir, uid, uid))
	}
	return dir
}

// memory is a place where clusters are made fast, if it is roomy enough.
func memory() string {
	const shm = "/dev/shm"
	var st syscall.Statfs_t
	if syscall.Statfs(shm, &st) == nil && st.Bavail*uint64(st.Bsize) > 1<<30 {
		return shm
	}
	return "/tmp"
}

// copied is a running copy.
type copied struct {
	told
	cmd   *exec.Cmd
	stdin io.Closer
}

func (r room) run(t *testing.T, o order) copied {
	c, stdout := r.begin(t, o)
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(line, &c.told))
	if !o.Hold {
		require.NoError(t, c.cmd.Wait())
	}
	return c
}

// begin does not wait for the answer of the copy.
func (r room) begin(t *testing.T, o order) (copied, io.Reader) {
	text, err := json.Marshal(o)
	require.NoError(t, err)
	args := append(slices.Clone(r.wrap), r.binary)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = []string{orderVariable + "=" + string(text), "TMPDIR=" + r.dir, "HOME=" + r.dir, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}
	cmd.Dir = "/"
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := copied{cmd: cmd, stdin: stdin}
	t.Cleanup(func() { c.end(syscall.SIGKILL) })
	return c, stdout
}

// end kills the copy and waits until the kernel has let go of it.
func (c copied) end(sig syscall.Signal) {
	if c.cmd.ProcessState == nil {
		_ = c.cmd.Process.Signal(sig)
		_ = c.cmd.Wait()
	}
}

// folders are the throw-away folders in the room.
func (r room) folders(t *testing.T) []string {
	found, err := filepath.Glob(filepath.Join(r.dir, "snafu-pg-*"))
	require.NoError(t, err)
	return found
}

// at are the processes that work in a folder or were started with its name.
func at(dir string) []int {
	var pids []int
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range procs {
		line, _ := os.ReadFile(filepath.Join(p, "cmdline"))
		cwd, _ := os.Readlink(filepath.Join(p, "cwd"))
		if strings.Contains(string(line), dir) || strings.HasPrefix(cwd, dir) {
			pid, _ := strconv.Atoi(filepath.Base(p))
			pids = append(pids, pid)
		}
	}
	return pids
}

// guardOf is the process that started the server.
func guardOf(t *testing.T, server int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", server))
	require.NoError(t, err)
	after := string(text[strings.LastIndexByte(string(text), ')')+1:])
	parent, err := strconv.Atoi(strings.Fields(after)[1])
	require.NoError(t, err)
	return parent
}

func soon(t *testing.T, so func() bool, what string) {
	t.Helper()
	require.Eventually(t, so, time.Minute, 5*time.Millisecond, what)
}
