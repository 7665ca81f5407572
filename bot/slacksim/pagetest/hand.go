package pagetest

import (
	"context"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// ID is the selector of what carries a data-testid.
func ID(id string) string { return `[data-testid="` + id + `"]` }

// Sees waits until every text can be read in what the selector finds.
func (p *Page) Sees(css string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Until("see "+text+" in "+css, `pagetest.text(%s).replace(/\s+/g, ' ').includes(%s)`, css, strings.Join(strings.Fields(text), " "))
	}
}

// Lacks waits until a text cannot be read there.
func (p *Page) Lacks(css, text string) {
	p.t.Helper()
	p.Until("no longer see "+text+" in "+css, `!pagetest.text(%s).replace(/\s+/g, ' ').includes(%s)`, css, text)
}

// Has waits until the selector finds something that can be seen.
func (p *Page) Has(css string) {
	p.t.Helper()
	p.Until("see "+css, `pagetest.find(%s)`, css)
}

// HasNone waits until the selector finds nothing that can be seen.
func (p *Page) HasNone(css string) {
	p.t.Helper()
	p.Until("see no "+css, `!pagetest.find(%s)`, css)
}

// Text is what can be read there now.
func (p *Page) Text(css string) string {
	p.t.Helper()
	return Eval[string](p, format(`pagetest.text(%s)`, css))
}

// Click presses the last thing that the selector finds, with the mouse, once it
// can be pressed.
func (p *Page) Click(css string) {
	p.t.Helper()
	p.ClickOn(css, "")
}

// ClickOn is Click for what is called name: its label, or all that is written on it.
func (p *Page) ClickOn(css, name string) {
	p.t.Helper()
	type point struct{ X, Y float64 }
	var before *point
	err := p.poll("press "+css+" "+name, func(ctx context.Context) (bool, error) {
		at, err := chromedp.Run(ctx, chromedp.Evaluate[*point](format(`pagetest.spot(%s, %s)`, css, name)))
		if err != nil || at == nil || before == nil || *at != *before {
			before = at
			return false, err
		}
		before = nil
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](format(`pagetest.aim(%s, %s)`, css, name))); err != nil {
			return false, err
		}
		if err := chromedp.Do(ctx, chromedp.MouseClickXY(at.X, at.Y)); err != nil {
			return false, err
		}
		// A press that leads to another page has met what it was meant for.
		return chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.pagetest.disarm || pagetest.met === null || pagetest.disarm()`))
	})
	require.NoError(p.t, err)
}

// Away takes the mouse to where it rests on nothing.
func (p *Page) Away() {
	p.t.Helper()
	p.do("take the mouse away", func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, 1, 1)(ctx, tab)
		return err
	})
}

// Fill puts the cursor into a field, and types instead of what it holds.
func (p *Page) Fill(css, text string) {
	p.t.Helper()
	p.Until("put the cursor into "+css, `(() => {
		const e = pagetest.find(%s);
		if (!e || e.disabled || e.readOnly) return false;
		e.focus();
		e.select?.();
		return document.activeElement === e;
	})()`, css)
	if text == "" {
		p.Press("\b")
		return
	}
	p.Press(text)
}

// Press types keys into what has the focus: text, or keys of package kb.
func (p *Page) Press(keys string, with ...chromedp.Modifier) {
	p.t.Helper()
	p.do("type "+keys, func(ctx context.Context, tab *chromedp.Target) error {
		for _, r := range keys {
			for _, event := range strokes(r, with) {
				if _, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, *event); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// strokes are a key going down and up. Its letter goes with the first: sent on its
// own it would be typed even where the page keeps the key for itself.
func strokes(r rune, with []chromedp.Modifier) []*input.DispatchKeyEventParams {
	events := kb.Encode(r)
	down, up := events[0], events[len(events)-1]
	for _, m := range with {
		down.Modifiers |= int64(m)
		up.Modifiers |= int64(m)
	}
	if len(events) == 3 && down.Modifiers&^int64(chromedp.ModifierShift) == 0 {
		down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
	}
	return []*input.DispatchKeyEventParams{down, up}
}

// Choose takes the option of that name in a select element.
func (p *Page) Choose(css, name string) {
	p.t.Helper()
	p.Until("choose "+name+" in "+css, `(() => {
		const e = pagetest.find(%s);
		const o = e && [...e.options].find((o) => o.label === %s || o.value === %s);
		if (!o || e.disabled) return false;
		e.focus();
		if (e.value !== o.value || !o.selected) {
			e.value = o.value;
			e.dispatchEvent(new Event('input', { bubbles: true }));
			e.dispatchEvent(new Event('change', { bubbles: true }));
		}
		return true;
	})()`, css, name, name)
}

// Reload loads the page anew.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reload", func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Reload()(ctx, tab)
		return err
	})
}

// TabTo goes forward with the Tab key until something of that name has the focus.
func (p *Page) TabTo(name string) {
	p.t.Helper()
	for range 200 {
		p.Press(kb.Tab)
		if Eval[string](p, `pagetest.called(document.activeElement)`) == name {
			return
		}
	}
	p.t.Fatalf("Tab does not lead to %q", name)
}
