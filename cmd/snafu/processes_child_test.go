package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
)

// childVariable turns a copy of the test binary into snafu itself: the same
// code, with the race detector if the tests have it.
const childVariable = "SNAFU_TEST_IS_SNAFU"

func TestMain(m *testing.M) {
	if _, ok := os.LookupEnv(childVariable); ok {
		go func() { // a copy ends with the tests, however they end
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(99)
		}()
		main()
	}
	// Tests with processes of their own wait more than they work.
	flag.Parse()
	_ = flag.Set("test.parallel", "8")
	pgtest.Main(m)
}

// child is a snafu process of its own.
type child struct {
	t    *testing.T
	cmd  *exec.Cmd
	hold io.Closer // its standard input: closed, it ends
	said *output
	gone chan struct{}
}

// snafu starts a process with nothing in its environment but what is given.
func snafu(t *testing.T, env map[string]string, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := &child{t: t, cmd: exec.Command(self, args...), said: &output{woken: make(chan struct{})}, gone: make(chan struct{})}
	c.cmd.Env = []string{childVariable + "=1", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "GORACE=" + os.Getenv("GORACE")}
	for name, value := range env {
		c.cmd.Env = append(c.cmd.Env, name+"="+value)
	}
	c.cmd.Stdout, c.cmd.Stderr = c.said, c.said
	c.hold, err = c.cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, c.cmd.Start())
	go func() {
		_ = c.cmd.Wait() // the state says how it ended
		close(c.gone)
	}()
	t.Cleanup(func() {
		c.kill()
		_ = c.hold.Close()
		require.NotContains(t, c.said.text(), "panic:")
		require.NotContains(t, c.said.text(), "DATA RACE")
		if t.Failed() {
			t.Logf("snafu %s said:\n%s", strings.Join(args, " "), c.said.text())
		}
	})
	return c
}

const patience = 90 * time.Second

// hears waits until the process has said the words.
func (c *child) hears(words string) {
	c.t.Helper()
	limit := time.After(patience)
	for {
		text, woken := c.said.now()
		if strings.Contains(text, words) {
			return
		}
		select {
		case <-woken:
		case <-c.gone:
			if text, _ := c.said.now(); !strings.Contains(text, words) {
				require.Fail(c.t, "the process ended", "before it said %q:\n%s", words, text)
			}
		case <-limit:
			require.Fail(c.t, "the process is silent", "it never said %q:\n%s", words, text)
		}
	}
}

// kill ends the process as a power cut would, and waits until it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Signal(syscall.SIGKILL) // it may be gone
	<-c.gone
}

func (c *child) terminate() {
	err := c.cmd.Process.Signal(syscall.SIGTERM)
	if !errors.Is(err, os.ErrProcessDone) {
		require.NoError(c.t, err)
	}
}

// ends waits until the process has ended and returns its exit code.
func (c *child) ends() int {
	c.t.Helper()
	select {
	case <-c.gone:
	case <-time.After(patience):
		require.Fail(c.t, "the process does not end", "%s", c.said.text())
	}
	return c.cmd.ProcessState.ExitCode()
}

// output is what a process has said so far.
type output struct {
	mu    sync.Mutex
	all   bytes.Buffer
	woken chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.woken)
	o.woken = make(chan struct{})
	return o.all.Write(p)
}

// now is the text, and a channel that is closed when there is more.
func (o *output) now() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String(), o.woken
}

func (o *output) text() string {
	text, _ := o.now()
	return text
}
