package pagetest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"snafu/bot/slacksim/pagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pagetest.Closing(m)) }

func serve(t *testing.T, html string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><link rel=icon href=data:,>"+html)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAPageIsPlayedAsAPersonWould(t *testing.T) {
	p := pagetest.Open(t, serve(t, `
		<button id=hidden hidden>Send</button>
		<label>Name <input id=name value=old></label>
		<select id=size><option>small<option>big</select>
		<button>Send</button>
		<button disabled>Never</button>
		<p id=said></p>
		<script>
			const said = document.getElementById('said');
			document.addEventListener('keydown', (e) => e.key === 'Enter' && said.append(' entered'));
			const button = document.querySelectorAll('button')[1];
			button.onclick = (e) => { said.append(' ' + document.getElementById('name').value + ' ' + document.getElementById('size').value + ' ' + e.isTrusted); };
		</script>`), pagetest.Desk)
	p.Fill("#name", "ana")
	p.Press(kb.Enter)
	p.Sees("#said", "entered")
	p.Choose("#size", "big")
	p.ClickOn("button", "Send")
	p.Sees("#said", "entered ana big true")
	require.Equal(t, 1280.0, pagetest.Eval[float64](p, "innerWidth"))
	p.HasNone("#hidden")
}

func TestAKeyThatThePageKeepsForItselfTypesNothing(t *testing.T) {
	p := pagetest.Open(t, serve(t, `<textarea id=field></textarea>
		<script>field.addEventListener('keydown', (e) => e.key === 'Enter' && !e.shiftKey && e.preventDefault());</script>`), pagetest.Desk)
	p.Fill("#field", "zwölf")
	p.Press(kb.Enter)
	p.Press(kb.Enter, chromedp.ModifierShift)
	p.Press("b")
	require.Equal(t, "zwölf\nb", pagetest.Eval[string](p, "field.value"))
	p.Fill("#field", "")
	require.Empty(t, pagetest.Eval[string](p, "field.value"))
}

func TestAThingThatMovesIsPressedWhereItComesToRest(t *testing.T) {
	p := pagetest.Open(t, serve(t, `
		<div id=above></div><button id=go>Go</button><button id=wrong>Wrong</button><p id=said></p>
		<script>
			let n = 0;
			const grow = () => { document.getElementById('above').style.height = (n += 7) + 'px'; if (n < 400) requestAnimationFrame(grow); };
			grow();
			document.getElementById('go').onclick = () => said.append('right ');
			document.getElementById('wrong').onclick = () => said.append('wrong ');
		</script>`), pagetest.Desk)
	p.Click("#go")
	p.Sees("#said", "right")
	require.Equal(t, "right", p.Text("#said"))
}

func TestAThingThatMovesUnderThePressIsPressedAgain(t *testing.T) {
	p := pagetest.Open(t, serve(t, `
		<button id=go>Go</button><p id=said></p>
		<script>
			const go = document.getElementById('go');
			go.addEventListener('pointerdown', () => { go.style.marginTop = '300px'; }, { once: true });
			go.onclick = () => said.append('right ');
		</script>`), pagetest.Desk)
	p.Click("#go")
	p.Sees("#said", "right")
	require.Equal(t, "right", p.Text("#said"))
}

func TestWhatAPageComplainsOfIsHeard(t *testing.T) {
	p := pagetest.Open(t, serve(t, `<p id=done></p><img src=/nowhere.png onerror="done.append('missing')">
		<script>console.error('odd', 7); setTimeout(() => { done.append('thrown'); throw new Error('broken'); });</script>`), pagetest.Desk)
	p.Sees("#done", "missing", "thrown")
	heard := p.Faults()
	require.Len(t, heard, 3)
	all := heard[0] + heard[1] + heard[2]
	require.Contains(t, all, "odd")
	require.Contains(t, all, "Error: broken")
	require.Contains(t, all, "/nowhere.png")
}

func TestAPhoneIsNarrowAndHasAFinger(t *testing.T) {
	p := pagetest.Open(t, serve(t, `<meta name=viewport content="width=device-width">`), pagetest.Phone)
	require.Equal(t, 390.0, pagetest.Eval[float64](p, "innerWidth"))
	require.True(t, pagetest.Eval[bool](p, "matchMedia('(pointer: coarse)').matches"))
}

func TestNothingOutsideThisMachineIsReached(t *testing.T) {
	p := pagetest.Open(t, serve(t, ""), pagetest.Desk)
	require.Equal(t, "refused", pagetest.Eval[string](p, `fetch('https://example.com/', {mode: 'no-cors'}).then(() => 'reached', () => 'refused')`))
	p.Faults()
}
