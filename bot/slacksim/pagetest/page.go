package pagetest

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

//go:embed find.js
var find string

// Size is that of a window, in CSS pixels. A phone also has a finger.
type Size struct {
	Width, Height int64
	Phone         bool
}

// The sizes at which the page is looked at.
var (
	Desk  = Size{Width: 1280, Height: 800}
	Phone = Size{Width: 390, Height: 844, Phone: true}
)

// Page is one page in a window of its own. Its methods fail the test.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu     sync.Mutex
	faults []string // exceptions and errors of the console
}

// Open opens an address and closes it when the test ends. An exception in the
// page, an address that it may not load, or any other error of its console fails
// the test.
func Open(t testing.TB, url string, size Size) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(here.start(t), chromedp.WithNewBrowserContext())
	p := &Page{t: t, ctx: ctx}
	t.Cleanup(func() {
		p.report()
		cancel()
	})
	// The first call makes the window, which lives as long as its context.
	late := time.AfterFunc(patience, cancel)
	err := chromedp.Do(ctx)
	late.Stop()
	require.NoError(t, err, "open a window: %s", here.said.String())
	require.NoError(t, chromedp.Listen(ctx, p.hear))
	p.do("show "+url, func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: find}); err != nil {
			return err
		}
		if err := size.set(ctx, tab); err != nil {
			return err
		}
		_, err := chromedp.Navigate(url)(ctx, tab)
		return err
	})
	return p
}

func (s Size) set(ctx context.Context, tab *chromedp.Target) error {
	how := []chromedp.EmulateViewportOption{}
	if s.Phone {
		how = append(how, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	_, err := chromedp.EmulateViewport(s.Width, s.Height, how...)(ctx, tab)
	return err
}

// Resize gives the window another size.
func (p *Page) Resize(size Size) {
	p.t.Helper()
	p.do("resize", size.set)
}

// hear keeps what the page complains of.
func (p *Page) hear(ev any) {
	said := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		d := ev.ExceptionDetails
		said = fmt.Sprintf("exception: %s (%s:%d)", d.Text, d.URL, d.LineNumber+1)
		if d.Exception != nil {
			said += " " + d.Exception.Description
		}
	case *log.EventEntryAdded:
		// A refusal of the control API is an answer, which the page shows.
		e := ev.Entry
		refused := e.Source == log.EntrySourceNetwork && strings.Contains(e.URL, "/sim/")
		if e.Level == log.EntryLevelError && !refused {
			said = fmt.Sprintf("%s (%s)", e.Text, e.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError {
			words := []string{}
			for _, a := range ev.Args {
				words = append(words, a.Description+string(a.Value))
			}
			said = "console: " + strings.Join(words, " ")
		}
	}
	if said != "" {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.faults = append(p.faults, said)
	}
}

// Faults takes what the page has complained of so far: a test that provokes
// errors looks at them here.
func (p *Page) Faults() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.faults
	p.faults = nil
	return out
}

func (p *Page) report() {
	for _, f := range p.Faults() {
		p.t.Errorf("the page complains: %s", f)
	}
	if !p.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
	defer cancel()
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + '\n' + document.body.innerText`))
	p.t.Logf("The page at the end (%v):\n%.6000s", err, seen)
	p.shoot(ctx, "failed-"+strings.NewReplacer("/", "-", "#", "-").Replace(p.t.Name()))
}

// do runs something in the tab, with a limit.
func (p *Page) do(what string, f func(ctx context.Context, tab *chromedp.Target) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Func(f))
	require.NoError(p.t, err, "%s\n%s", what, here.said.String())
}

// Eval computes an expression of JavaScript in the page; a promise is awaited.
func Eval[T any](p *Page, js string) T {
	p.t.Helper()
	var out T
	p.do(js, func(ctx context.Context, tab *chromedp.Target) (err error) {
		out, err = chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise)(ctx, tab)
		return err
	})
	return out
}

// Until waits until an expression of JavaScript, or what it promises, is true. An
// argument is put in as JSON for each %s.
func (p *Page) Until(what, js string, args ...any) {
	p.t.Helper()
	js = format(js, args...)
	err := p.poll(what, func(ctx context.Context) (bool, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[bool]("(async () => Boolean(await ("+js+")))()", chromedp.EvalAwaitPromise))
	})
	require.NoError(p.t, err, "%s\n%s", what, js)
}

// poll asks until the answer is yes. An error, such as of a page that is just
// being left, is an answer of no.
func (p *Page) poll(what string, ask func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var last error
	for {
		yes, err := ask(ctx)
		if yes && err == nil {
			return nil
		}
		if err != nil && ctx.Err() == nil {
			last = err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: not so after %s: %w", what, patience, errors.Join(ctx.Err(), last))
		}
	}
}

// format puts values into JavaScript as JSON.
func format(js string, args ...any) string {
	texts := []any{}
	for _, a := range args {
		raw, err := json.Marshal(a)
		if err != nil {
			panic(err)
		}
		texts = append(texts, string(raw))
	}
	return fmt.Sprintf(js, texts...)
}

// Shot saves what is to be seen as NAME.png into the folder that
// SNAFU_SCREENSHOTS names, if it names one. It returns the file, or "".
func (p *Page) Shot(name string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return p.shoot(ctx, name)
}

func (p *Page) shoot(ctx context.Context, name string) string {
	dir := os.Getenv("SNAFU_SCREENSHOTS")
	if dir == "" {
		return ""
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	file := filepath.Join(dir, name+".png")
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		p.t.Logf("no screenshot: %v", err)
	}
	return file
}
