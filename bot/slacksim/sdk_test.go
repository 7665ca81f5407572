package slacksim_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// Slack's own SDKs for Node, unchanged, with their default options apart from the
// API URL. The programs are in testdata/sdk/node; .ci/run installs what they need.
const (
	nodeFolder   = "SNAFU_TEST_NODE"
	nodePrograms = "testdata/sdk/node"
)

// node is a folder with the programs and what they import, or skips the test.
func node(t *testing.T) string {
	t.Helper()
	installed := os.Getenv(nodeFolder)
	if installed == "" {
		t.Skip("Copy bot/slacksim/" + nodePrograms + " somewhere, run `npm ci --ignore-scripts` there, and set " + nodeFolder + " to that folder.")
	}
	installed, err := filepath.Abs(filepath.Join(installed, "node_modules"))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(nodePrograms)))
	require.NoError(t, os.Symlink(installed, filepath.Join(dir, "node_modules")))
	return dir
}

// telling is a line that a program tells the test.
type telling struct {
	Told string `json:"told"`
	line []byte
}

// program is a program that runs as the app.
type program struct {
	t     *testing.T
	mu    sync.Mutex
	wake  chan struct{}
	told  []telling
	said  strings.Builder // what the SDKs log
	quiet bool            // they have no reason to log anything
	ended bool
}

// aLongWhile is how long a test waits on a busy machine before it gives up.
const aLongWhile = 90 * time.Second

func longer(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), aLongWhile)
	t.Cleanup(cancel)
	return ctx
}

// run starts a program as the app of the workspace. Where the clock stands, no
// acknowledgement is late, however busy the machine. It is asked to end when the
// test ends, and has to do so without an error.
func (d *desk) run(name string) *program { return d.runIn(node(d.t), name) }

func (d *desk) runIn(dir, name string) *program {
	t := d.t
	t.Helper()
	p := &program{t: t, wake: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "node", name)
	tokens := d.sim.Tokens()
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SLACK_API_URL="+d.sim.APIURL(), "SLACK_BOT_TOKEN="+tokens.Bot,
		"SLACK_APP_TOKEN="+tokens.App, "SLACK_SIGNING_SECRET="+tokens.SigningSecret)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = p
	require.NoError(t, cmd.Start())
	read := make(chan struct{})
	go func() { defer close(read); p.read(stdout) }()
	t.Cleanup(func() {
		defer cancel()
		stop := time.AfterFunc(aLongWhile, cancel)
		defer stop.Stop()
		require.NoError(t, stdin.Close())
		<-read
		err := cmd.Wait()
		if t.Failed() {
			t.Logf("%s told %s and said:\n%s", name, p.everything(), p.said.String())
		}
		require.NoError(t, err, "%s said:\n%s", name, p.said.String())
		if p.quiet {
			require.Empty(t, p.said.String(), "what %s logs", name)
		}
	})
	return p
}

// Write takes what the program logs.
func (p *program) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(line)
}

// read sorts the output of the program.
func (p *program) read(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		next := telling{line: append([]byte(nil), lines.Bytes()...)}
		if json.Unmarshal(next.line, &next) == nil && next.Told != "" {
			p.change(func() { p.told = append(p.told, next) })
			continue
		}
		_, _ = p.Write(append(next.line, '\n'))
	}
	p.change(func() { p.ended = true })
}

func (p *program) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.wake)
	p.wake = make(chan struct{})
}

// hears waits until the program has told something, and reads it into v unless
// that is nil.
func (p *program) hears(told string, v any) {
	p.t.Helper()
	p.hearsTimes(told, 1)
	if v != nil {
		p.nth(told, 0, v)
	}
}

// hearsTimes waits until the program has told something so often.
func (p *program) hearsTimes(told string, times int) {
	p.t.Helper()
	ctx := longer(p.t)
	for {
		p.mu.Lock()
		met, ended, wake := p.count(told) >= times, p.ended, p.wake
		p.mu.Unlock()
		if met {
			return
		}
		require.False(p.t, ended, "the program ended and never told %s", told)
		select {
		case <-wake:
		case <-ctx.Done():
			require.FailNow(p.t, "the program never told "+told)
		}
	}
}

// nth reads what the program told at the nth time, the first being 0.
func (p *program) nth(told string, n int, v any) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.told {
		if x.Told != told {
			continue
		}
		if n == 0 {
			require.NoError(p.t, json.Unmarshal(x.line, v))
			return
		}
		n--
	}
}

func (p *program) everything() string {
	var lines []string
	for _, x := range p.told {
		lines = append(lines, string(x.line))
	}
	return strings.Join(lines, "\n")
}

func (p *program) count(told string) int {
	n := 0
	for _, x := range p.told {
		if x.Told == told {
			n++
		}
	}
	return n
}

// logsNothing fails the test if the SDKs find anything to warn of.
func (p *program) logsNothing() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.quiet = true
}

// The repair desk of testdata/sdk/node/repairs.mjs, from what people see. Both
// receivers of bolt have to pass it.
func (d *desk) playRepairs() {
	t, ctx := d.t, longer(d.t)
	ana, ben, chi := d.sim.As("ana"), d.sim.As("ben"), d.sim.As("chi")

	act, err := ana.Slash(ctx, "#general", "/repair")
	require.NoError(t, err)
	require.Equal(t, "acked", act.Deliveries[0].State)
	require.Empty(t, act.Shown)
	form, err := ana.Modal(ctx)
	require.NoError(t, err)
	res, err := form.Submit(ctx, slacksim.Values{"Table": "crm.lead", "Rows to write": "many"})
	require.NoError(t, err)
	require.Equal(t, "errors", res.Result)
	require.Equal(t, map[string]string{"rows": `"many" is no number.`}, res.Errors)
	res, err = form.Submit(ctx, slacksim.Values{"Rows to write": "1169"})
	require.NoError(t, err)
	require.Equal(t, "closed", res.Result)

	asked, err := ben.Await(ctx, "#general", slacksim.Shows("Approve"))
	require.NoError(t, err)
	require.Contains(t, asked.Plain, "Repair of crm.lead: 1169 rows, asked by @ana · 0 of 2 approvals")
	_, err = ana.Press(ctx, "#general", "Approve")
	require.NoError(t, err)
	own, err := ana.Await(ctx, "#general", slacksim.OnlyForMe(), slacksim.Contains("cannot count"))
	require.NoError(t, err)
	require.Equal(t, "You asked for it, so your approval cannot count.", own.Plain)
	_, err = ben.Press(ctx, "#general", "Approve")
	require.NoError(t, err)
	_, err = chi.Await(ctx, "#general", slacksim.Contains("1 of 2 approvals"))
	require.NoError(t, err)
	_, err = chi.Press(ctx, "#general", "Approve")
	require.NoError(t, err)
	done, err := ana.Await(ctx, "#general", slacksim.Contains("approved by"))
	require.NoError(t, err)
	require.Equal(t, "Repair of crm.lead approved by @ben and @chi", done.Plain)
	require.Equal(t, asked.TS, done.TS, "the message was replaced, not posted again")
	require.NotEmpty(t, done.EditedTS)

	d.playMessages(ctx)
	d.playHome(ctx)
	d.playShortcuts(ctx)
	require.NoError(t, d.sim.Idle(ctx))
}

// playMessages has the app answer what is said, in a thread and with a file, and
// open a room.
func (d *desk) playMessages(ctx context.Context) {
	t := d.t
	ana := d.sim.As("ana")
	said, err := ana.Says(ctx, "#general", "A report, please")
	require.NoError(t, err)
	answer, err := ana.Await(ctx, "#general", slacksim.InThread(said.TS), slacksim.Contains("Written for"))
	require.NoError(t, err)
	require.Equal(t, "Written for Ana Ruiz, Europe/Madrid", answer.Plain)
	file, err := ana.Await(ctx, "#general", slacksim.InThread(said.TS), slacksim.Contains("Rows"))
	require.NoError(t, err)
	require.Len(t, file.Files, 1)

	_, err = ana.Says(ctx, "#general", "@snafu are you there")
	require.NoError(t, err)
	_, err = ana.Await(ctx, "#general", slacksim.Contains("I heard: are you there"))
	require.NoError(t, err)

	act, err := ana.Slash(ctx, "#general", "/room repair-7")
	require.NoError(t, err)
	require.Equal(t, "Opening a room", act.Shown)
	room, err := ana.AwaitChannel(ctx, "#repair-7")
	require.NoError(t, err)
	require.Equal(t, "private", room.Kind)
	_, err = ana.Await(ctx, "#general", slacksim.OnlyForMe(), slacksim.Contains("Read back: five four | three two | one"))
	require.NoError(t, err)
}

func (d *desk) playHome(ctx context.Context) {
	t := d.t
	ben := d.sim.As("ben")
	_, err := ben.OpensHome(ctx)
	require.NoError(t, err)
	home, err := ben.Home(ctx, slacksim.Contains("Nothing waits for @ben"))
	require.NoError(t, err)
	_, err = home.Press(ctx, "Look again")
	require.NoError(t, err)
	_, err = ben.Home(ctx, slacksim.Contains("Still nothing"))
	require.NoError(t, err)
}

func (d *desk) playShortcuts(ctx context.Context) {
	t := d.t
	chi := d.sim.As("chi")
	_, err := chi.Shortcut(ctx, "repair.new", "", "")
	require.NoError(t, err)
	form, err := chi.Modal(ctx)
	require.NoError(t, err)
	require.Equal(t, "Ask for a repair", form.Title)
	_, err = form.Close(ctx)
	require.NoError(t, err)

	said, err := chi.Says(ctx, "#general", "It began at nine")
	require.NoError(t, err)
	_, err = chi.Shortcut(ctx, "repair.note", "#general", said.TS)
	require.NoError(t, err)
	_, err = chi.Await(ctx, "#general", slacksim.InThread(said.TS), slacksim.Contains("Noted: It began at nine"))
	require.NoError(t, err)
	_, err = chi.Await(ctx, "#general", slacksim.OnlyForMe(), slacksim.Contains("Only you read this"))
	require.NoError(t, err)
}
