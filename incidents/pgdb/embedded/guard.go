//go:build linux || darwin

package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const shell = "/bin/sh"

// script starts the server and outlives us by one shutdown. It hears no signal
// of a terminal, tells the id of the server on descriptor 3, and waits for the
// end of its input, which comes when we close the pipe or die. Descriptor 3 is
// then held by the server alone, so its end is the end of the server.
//
// A shell starts its children deaf to INT, so an INT sent before the server has
// its own handler would be lost; TERM would not, and ends it there. PIPE is
// ignored because we may be dead before the id is told.
const script = `log=$1; shift
remove=$1; shift
"$@" </dev/null >>"$log" 2>&1 &
pid=$!
trap '' INT TERM HUP PIPE
echo "$pid" >&3
exec 3>&-
while read -r word; do [ "$word" = keep ] && remove=; done
kill -TERM "$pid" 2>/dev/null
kill -INT "$pid" 2>/dev/null
wait "$pid"
code=$?
if [ -n "$remove" ]; then
	rm -rf "$remove"/data "$remove"/run "$remove" 2>/dev/null
fi
exit $code`

// Patience of Stop with a server that does not end.
const (
	cleanly = 20 * time.Second // a fast shutdown with its checkpoint, on a busy machine
	firmly  = 2 * time.Second  // an immediate one
)

// guard is the shell that ends the server when we are gone.
type guard struct {
	cmd    *exec.Cmd
	hold   *os.File // its input; closing it asks for the end
	server int      // the postmaster's process id

	gone  chan struct{} // closed when the server and all its children have ended
	ended chan struct{} // closed when the guard itself has ended, after err is set
	err   error

	once    sync.Once
	outcome error
}

// startGuard starts the server. It is not bound to a context: the server lives
// until stop.
func startGuard(f *folder, a account, command []string) (*guard, error) {
	input, hold, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make the guard's pipe: %w", err)
	}
	defer func() { _ = input.Close() }()
	life, lifeEnd, err := os.Pipe()
	if err != nil {
		_ = hold.Close()
		return nil, fmt.Errorf("make the guard's pipe: %w", err)
	}

	remove := ""
	if !f.keep {
		remove = f.path
	}
	cmd := exec.Command(shell, append([]string{"-c", script, "snafu-guard", f.log(), remove}, command...)...) //nolint:noctx // it outlives every context: its parent ends it
	cmd.Env = quietly(f.run())
	cmd.Dir = f.run()
	cmd.Stdin = input
	cmd.ExtraFiles = []*os.File{lifeEnd}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: a.credential()}
	err = cmd.Start()
	_ = lifeEnd.Close()
	if err != nil {
		_ = hold.Close()
		_ = life.Close()
		return nil, fmt.Errorf("start the guard of postgres: %w", err)
	}

	g := &guard{cmd: cmd, hold: hold, gone: make(chan struct{}), ended: make(chan struct{})}
	told := bufio.NewReader(life)
	line, _ := told.ReadString('\n')
	g.server, _ = strconv.Atoi(strings.TrimSpace(line))
	go func() {
		_, _ = io.Copy(io.Discard, told)
		_ = life.Close()
		close(g.gone)
	}()
	go func() {
		g.err = cmd.Wait()
		close(g.ended)
	}()
	return g, nil
}

// keepFiles makes the guard leave the folder alone at the end.
func (g *guard) keepFiles() { _, _ = g.hold.WriteString("keep\n") }

// stop ends the server and waits for the guard and both goroutines.
func (g *guard) stop(ctx context.Context) error {
	g.once.Do(func() { g.outcome = g.end(ctx) })
	return g.outcome
}

func (g *guard) end(ctx context.Context) error {
	early := isClosed(g.gone)
	_ = g.hold.Close()
	how := ""
	if !g.wait(ctx, cleanly) {
		how = "SIGQUIT"
		g.signal(syscall.SIGQUIT)
		if !g.wait(context.WithoutCancel(ctx), firmly) {
			how = "SIGKILL"
			_ = syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL)
		}
	}
	<-g.ended
	<-g.gone

	switch {
	case early:
		return errors.New("postgres had ended before it was stopped")
	case how != "":
		return fmt.Errorf("postgres did not end by itself: it took %s", how)
	case g.killed():
		return errors.New("the guard of postgres had been killed; postgres itself was stopped")
	case g.err != nil:
		return fmt.Errorf("postgres ended badly: %w", g.err)
	}
	return nil
}

// signal reaches the server while it lives: as long as its pipe is open, its
// process id is not given to another.
func (g *guard) signal(sig syscall.Signal) {
	if g.server > 1 && !isClosed(g.gone) {
		_ = syscall.Kill(g.server, sig)
	}
}

// wait says whether guard and server ended within the limit. A server whose
// guard somebody has killed, before or meanwhile, is asked to end in its place.
func (g *guard) wait(ctx context.Context, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for _, end := range []<-chan struct{}{g.ended, g.gone} {
		select {
		case <-end:
		case <-timer.C:
			return false
		case <-ctx.Done():
			return isClosed(g.ended) && isClosed(g.gone)
		}
		if g.killed() {
			g.signal(syscall.SIGINT)
		}
	}
	return true
}

// killed says whether the guard has ended by a signal. By itself it ends only
// after the server.
func (g *guard) killed() bool {
	if !isClosed(g.ended) {
		return false
	}
	status, ok := g.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// lastLine is the last line of a text that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// lastLogLine is the last line of the server's log.
func (f *folder) lastLogLine() string {
	const tail = 64 << 10
	file, err := f.inside(filepath.Join("run", "log"))
	if err != nil {
		return "it wrote no log"
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.Size() > tail {
		_, _ = file.Seek(-tail, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(file, tail))
	if line := lastLine(string(text)); line != "" {
		return line
	}
	return "it wrote no log"
}
