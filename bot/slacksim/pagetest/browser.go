// Package pagetest opens pages in a real browser, for tests.
//
// One Chromium serves a test binary, and each page has a window, cookies and a
// cache of its own. What the page is doing is waited for by its state: nothing
// here sleeps for a guessed time. Without a Chromium the tests are skipped,
// except where CI is set, so that a green gate always ran them.
package pagetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long a page, or the browser itself, may take for one thing on
// a machine that has much else to do.
const patience = 90 * time.Second

// browser is the Chromium of this binary.
type browser struct {
	mu   sync.Mutex
	ctx  context.Context // nil until the first page is opened
	err  error
	said said
	end  func()
}

var here browser

// Closing ends the browser after the tests of a package, before anybody looks
// for what they left behind:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(pagetest.Closing(m)) }
func Closing(m interface{ Run() int }) interface{ Run() int } { return closing{m} }

type closing struct{ tests interface{ Run() int } }

func (c closing) Run() int {
	defer here.stop()
	return c.tests.Run()
}

// chromium is the program, or "".
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// start returns the context of the browser, which it starts at the first call.
func (b *browser) start(t testing.TB) context.Context {
	t.Helper()
	path := chromium()
	if path == "" {
		const say = "There is no Chromium on PATH: install Debian's package chromium."
		if os.Getenv("CI") != "" {
			t.Fatal(say)
		}
		t.Skip(say)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx == nil && b.err == nil {
		b.err = b.launch(path)
	}
	if b.err != nil {
		t.Fatalf("start %s: %v\n%s", path, b.err, b.said.String())
	}
	return b.ctx
}

// launch starts Chromium with an empty profile in a folder that goes with it.
// Names other than those of this machine lead nowhere: a page that asked for
// something outside would fail its test.
func (b *browser) launch(path string) error {
	// Crash reports and caches of the desktop would be left in the real home.
	home, err := os.MkdirTemp("", "pagetest")
	if err != nil {
		return fmt.Errorf("make a home: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-field-trial-config", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
		chromedp.Flag("lang", "en-GB"),
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home),
		chromedp.CombinedOutput(&b.said),
	)
	allocator, free := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	// The browser lives as long as the context that starts it, so the limit of
	// the start is a timer beside it.
	late := time.AfterFunc(patience, cancel)
	err = chromedp.Do(ctx)
	if !late.Stop() && err != nil {
		err = fmt.Errorf("it was not there after %s: %w", patience, err)
	}
	if err != nil {
		cancel()
		free()
		_ = os.RemoveAll(home)
		return err
	}
	b.ctx, b.end = ctx, func() {
		polite, done := context.WithTimeout(ctx, 20*time.Second)
		defer done()
		_ = chromedp.Cancel(polite)
		cancel()
		free()
		_ = os.RemoveAll(home)
	}
	return nil
}

func (b *browser) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end != nil {
		b.end()
	}
	b.ctx, b.end = nil, nil
}

// said keeps the end of what Chromium wrote on its standard error.
type said struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const saidKept = 16 << 10

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buf.Write(p)
	if over := s.buf.Len() - saidKept; over > 0 {
		s.buf.Next(over)
	}
	return len(p), nil
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}
