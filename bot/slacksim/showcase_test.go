package slacksim_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

// shows is an app that posts every block and element there is. Its form is opened
// by a button, pushes a view, changes when a severity is chosen, and is answered
// as its title says.
type shows struct {
	*desk
	t     *testing.T
	all   map[string]json.RawMessage
	heard inbox
	room  string
}

func showcase(t *testing.T, change func(string) string) *shows {
	t.Helper()
	raw, err := os.ReadFile("testdata/showcase.json")
	require.NoError(t, err)
	s := &shows{desk: start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()}), t: t}
	s.room = s.desk.room("general")
	text := strings.NewReplacer("{ana}", "<@"+s.id("ana")+">", "{ben}", "<@"+s.id("ben")+">", "{general}", "<#"+s.room+">").Replace(string(raw))
	require.NoError(t, json.Unmarshal([]byte(change(text)), &s.all))
	s.connect(s.answer)
	return s
}

func unchanged(s string) string { return s }

// asks makes a call with JSON as it stands, so that all of it arrives.
func (s *shows) asks(method string, body map[string]any) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(s.t, err)
	req, err := http.NewRequestWithContext(s.ctx(), http.MethodPost, s.sim.APIURL()+method, bytes.NewReader(raw))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+s.sim.Tokens().Bot)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	require.Contains(s.t, read(s.t, resp), `"ok":true`, method)
}

func (s *shows) post(which string) {
	s.t.Helper()
	var m map[string]any
	require.NoError(s.t, json.Unmarshal(s.all[which], &m))
	m["channel"] = s.room
	s.asks("chat.postMessage", m)
}

// answer is the app. It runs beside the test, so it asserts nothing.
func (s *shows) answer(sock *socketmode.Client, ev socketmode.Event) {
	in, ok := ev.Data.(slack.InteractionCallback)
	s.heard.mu.Lock()
	s.heard.got = append(s.heard.got, ev)
	s.heard.mu.Unlock()
	if !ok {
		_ = sock.Ack(*ev.Request)
		return
	}
	if in.Type == slack.InteractionTypeViewSubmission {
		title := in.View.State.Values["title"]["v"].Value
		answer := map[string]any{}
		switch title {
		case "bad":
			answer = map[string]any{"response_action": "errors", "errors": map[string]string{"title": "That is no title.", "story": "Too short."}}
		case "wrong":
			answer = map[string]any{"response_action": "errors", "errors": map[string]string{"nowhere": "?"}}
		}
		_ = sock.Ack(*ev.Request, answer)
		return
	}
	_ = sock.Ack(*ev.Request)
	if len(in.ActionCallback.BlockActions) == 0 {
		return
	}
	switch a := in.ActionCallback.BlockActions[0]; {
	case a.ActionID == "open_modal":
		s.does("views.open", map[string]any{"trigger_id": in.TriggerID, "view": s.all["modal"]})
	case a.ActionID == "push":
		s.does("views.push", map[string]any{"trigger_id": in.TriggerID, "view": s.all["pushed"]})
	case a.BlockID == "severity":
		s.does("views.update", map[string]any{"view_id": in.View.ID, "view": s.chosen(a.SelectedOption.Value)})
	}
}

// chosen is the form with one more line.
func (s *shows) chosen(severity string) map[string]any {
	var view map[string]any
	_ = json.Unmarshal(s.all["modal"], &view)
	line := map[string]any{"type": "context", "block_id": "chosen", "elements": []any{map[string]any{"type": "mrkdwn", "text": "Chosen " + severity}}}
	view["blocks"] = append([]any{line}, view["blocks"].([]any)...)
	return view
}

func (s *shows) does(method string, body map[string]any) {
	raw, _ := json.Marshal(body)
	req, err := http.NewRequest(http.MethodPost, s.sim.APIURL()+method, bytes.NewReader(raw))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Authorization", "Bearer "+s.sim.Tokens().Bot)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

// open shows the page to ana in #general.
func (s *shows) open(size pagetest.Size, more url.Values) *pagetest.Page {
	s.t.Helper()
	q := url.Values{"as": {"ana"}, "channel": {s.room}}
	for k, v := range more {
		q[k] = v
	}
	return pagetest.Open(s.t, s.sim.PageURL()+"?"+q.Encode(), size)
}

func block(id string) string { return `[data-block="` + id + `"]` }

func action(id string) string { return pagetest.ID("action-" + id) }

// chooses opens a select and takes the option of that value.
func chooses(p *pagetest.Page, css, value string) {
	p.Click(css)
	p.Click(`[data-testid="option"][data-value="` + value + `"]`)
}

// settled waits until no element waits for the app any more.
func settled(p *pagetest.Page) { p.HasNone(".bk-pending") }

func TestEveryBlockAndElementIsDrawn(t *testing.T) {
	t.Parallel()
	s := showcase(t, unchanged)
	s.post("message")
	s.post("attachments")
	p := s.open(pagetest.Desk, nil)

	p.Sees(block("words"), "Bold, italic, struck, code, a link with words", "A quote with bold in it", "MQL SQL MQL", "<script>alert(1)</script> <img src=x onerror=alert(1)>")
	p.Sees(block("who"), "For @ana and @ben, in #general, for @data-oncall and @here, since Today at 10:02, 2 hours ago.")
	p.Sees(block("fields"), "Plain *stars* stay", "1,169")
	p.Sees(block("picture"), "Image: A chart: leads fell from 900 to 12 on Saturday")
	p.Sees(block("rich"), "one further in", "second", "update leads set stage = 'MQL'", "Saturday, March 28th, 2026 at 10:02")
	p.Sees(block("table"), "MQL became SQL", "1,169", "fixed")
	p.Sees(block("markdown"), "Standard Markdown", "<b>no HTML</b>", "inside", "select 1")
	p.Sees(block("context"), "counts of 10:02, from crm.leads")
	p.Sees(pagetest.ID("unsupported"), "video")
	p.Sees(".at", "Before it", "Ran twice on Saturday", "Blocks in an attachment, bold too")
	for _, id := range []string{"beside", "more", "plain", "primary", "danger", "away", "one", "person", "channel", "conversation", "date", "time", "checks", "radios"} {
		p.Has(action(id))
	}
	require.Equal(t, 1.0, pagetest.Eval[float64](p, `document.querySelectorAll('[data-testid="unsupported"]').length`), "only the video is not drawn")
	require.Zero(t, pagetest.Eval[float64](p, `document.querySelectorAll('.bk-body img, .bk-body script').length`), "nothing outside is asked for")
	p.Shot("showcase-message")
}

func TestHostileTextInEveryFieldIsTextOnly(t *testing.T) {
	t.Parallel()
	const bad = `<img src=x onerror='window.ran=1'><svg onload='window.ran=1'>`
	s := showcase(t, func(text string) string {
		quoted, err := json.Marshal(bad)
		require.NoError(t, err)
		inside := strings.Trim(string(quoted), `"`)
		return strings.NewReplacer(`"A quote`, `"`+inside, `"Choose one"`, `"`+inside+`"`, `"Answer"`, `"`+inside+`"`, `"a grey cat"`, `"`+inside+`"`, `"MQL became SQL"`, `"`+inside+`"`,
			`"Leads"`, `"`+inside+`"`, `## Standard`, `## `+inside, `"Stage sync"`, `"`+inside+`"`, `"#25693f"`, `"red;background:url(https://example.com)"`, `https://example.com/manual`, `javascript:window.ran=1`,
			`"https://example.com", "text": "a link"`, `"javascript:window.ran=1", "text": "a link"`, `](https://example.com)`, `](javascript:window.ran=1)`).Replace(text)
	})
	s.post("message")
	s.post("attachments")
	p := s.open(pagetest.Desk, nil)
	p.Sees(block("beside_button"), bad)
	p.Sees(block("table"), bad)
	p.Sees(block("markdown"), bad)
	p.Click(action("one"))
	p.Sees(pagetest.ID("picker"), bad)
	p.Press(kb.Escape)
	require.Equal(t, "nothing ran", pagetest.Eval[string](p, `window.ran ? 'it ran' : 'nothing ran'`))
	require.Zero(t, pagetest.Eval[float64](p, `document.querySelectorAll('.bk-body img, .bk-body svg[onload], .bk-body script, a[href^="javascript"]').length`))
}

func TestElementsOfAMessageActOnceAndShowWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	s := showcase(t, unchanged)
	s.post("message")
	p := s.open(pagetest.Desk, nil)

	chooses(p, action("one"), "deals")
	p.Sees(action("one"), "Deals")
	settled(p)
	p.Click(action("more"))
	p.Has(pagetest.ID("picker"))
	p.Press(kb.ArrowDown)
	p.Press(kb.Enter)
	settled(p)
	chooses(p, action("person"), s.id("ben"))
	p.Sees(action("person"), "Ben")
	settled(p)

	p.Click(action("danger"))
	p.Sees(pagetest.ID("confirm"), "Abort the run?", "What is written stays written.")
	p.Press(kb.Escape)
	p.HasNone(pagetest.ID("confirm"))
	require.Equal(t, "action-danger", pagetest.Eval[string](p, `document.activeElement.dataset.testid`), "the focus is given back")
	p.Click(action("danger"))
	p.Click(pagetest.ID("confirm-yes"))

	settled(p)
	got := s.heard.interactions()
	want := []string{"one", "more", "person", "danger"}
	require.Len(t, got, len(want))
	for i, in := range got {
		require.Equal(t, want[i], in.ActionCallback.BlockActions[0].ActionID)
	}
	require.Equal(t, "deals", got[0].ActionCallback.BlockActions[0].SelectedOption.Value)
	require.Equal(t, "copy", got[1].ActionCallback.BlockActions[0].SelectedOption.Value)
	require.Equal(t, s.id("ben"), got[2].ActionCallback.BlockActions[0].SelectedUser)
}

func TestAPressThatTheAppDoesNotHearSaysSoBesideTheButton(t *testing.T) {
	t.Parallel()
	s := &shows{desk: start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()}), t: t}
	s.room = s.desk.room("general")
	_, _, err := s.api.PostMessage(s.room, slack.MsgOptionText("press", false), slack.MsgOptionBlocks(slack.NewActionBlock("b", button("Go", "go", "1"))))
	require.NoError(t, err)
	p := s.open(pagetest.Desk, nil)
	p.Click(action("go"))
	p.Sees(pagetest.ID("message"), "The app is not connected, so it was not told.")
}

func TestAFormKeepsWhatWasTypedAndLeadsToWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := showcase(t, unchanged)
	s.post("message")
	p := s.open(pagetest.Desk, nil)
	p.Click(action("open_modal"))
	p.Sees(pagetest.ID("modal"), "Every input")
	focus := func(want string) {
		t.Helper()
		p.Until("focus "+want, `document.activeElement?.dataset.testid === %s`, want)
	}
	focus("input-title")

	p.Click(pagetest.ID("modal-submit"))
	p.Sees(pagetest.ID("error-title"), "Please complete this required field.")
	focus("input-title")
	p.Press("bad" + kb.Enter)
	p.Sees(pagetest.ID("error-title"), "That is no title.")
	p.Sees(pagetest.ID("error-story"), "Too short.")
	p.Fill(pagetest.ID("input-title"), "wrong")
	p.HasNone(pagetest.ID("error-title"))
	p.Click(pagetest.ID("modal-submit"))
	p.Sees(pagetest.ID("modal"), "We had some trouble connecting. Try again?")

	p.Fill(pagetest.ID("input-title"), "Leads moved")
	chooses(p, pagetest.ID("input-severity"), "2")
	p.Sees(block("chosen"), "Chosen 2")
	require.Equal(t, "Leads moved", pagetest.Eval[string](p, `document.querySelector('[data-testid="input-title"]').value`), "the app's update keeps what was typed")

	p.Click(pagetest.ID("input-systems"))
	p.Press("bil" + kb.Enter + kb.Escape)
	p.Sees(pagetest.ID("input-systems"), "Billing")
	p.Click(action("push"))
	p.Sees(pagetest.ID("modal"), "This one only tells.")
	p.Press(kb.Escape)
	p.Sees(pagetest.ID("modal"), "Every input")
	p.Shot("showcase-modal")
	p.Click(pagetest.ID("modal-submit"))
	p.HasNone(pagetest.ID("modal"))
	focus("action-open_modal")

	var sent *slack.InteractionCallback
	for _, in := range s.heard.interactions() {
		if in.Type == slack.InteractionTypeViewSubmission {
			sent = &in
		}
	}
	require.NotNil(t, sent)
	values := sent.View.State.Values
	require.Equal(t, "Leads moved", values["title"]["v"].Value)
	require.Equal(t, "It began on Saturday.", values["story"]["v"].Value)
	require.Equal(t, "2", values["severity"]["v"].SelectedOption.Value)
	require.Equal(t, "billing", values["systems"]["v"].SelectedOptions[0].Value)
	require.Equal(t, "2026-03-28", values["date"]["v"].SelectedDate)
	require.Equal(t, int64(1774688520), values["moment"]["v"].SelectedDateTime)
}

func TestAnOpenListOutlivesAnUpdateOfItsForm(t *testing.T) {
	t.Parallel()
	s := showcase(t, unchanged)
	s.post("message")
	p := s.open(pagetest.Desk, nil)
	p.Click(action("open_modal"))
	p.Fill(pagetest.ID("input-title"), "Leads moved")
	p.Click(pagetest.ID("input-systems"))
	p.Has(pagetest.ID("picker"))
	id := pagetest.Eval[string](p, `document.querySelector('[data-testid="modal"]').dataset.view`)
	s.asks("views.update", map[string]any{"view_id": id, "view": s.chosen("nothing yet")})
	p.Sees(block("chosen"), "Chosen nothing yet")
	p.Press("ware" + kb.Enter + kb.Escape)
	p.Sees(pagetest.ID("input-systems"), "Warehouse")
	require.Equal(t, "Leads moved", pagetest.Eval[string](p, `document.querySelector('[data-testid="input-title"]').value`))
}

func TestALinkToAMessageLeadsToItsChannelOnThePage(t *testing.T) {
	t.Parallel()
	s := &shows{desk: start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon)}), t: t}
	s.room = s.desk.room("general")
	_, ts, err := s.api.PostMessage(s.room, slack.MsgOptionText("first", false))
	require.NoError(t, err)
	to, err := s.api.GetPermalink(&slack.PermalinkParameters{Channel: s.room, Ts: ts})
	require.NoError(t, err)
	_, _, err = s.api.PostMessage(s.room, slack.MsgOptionText("see <"+to+"|there> or <https://example.com|outside>", false))
	require.NoError(t, err)
	p := s.open(pagetest.Desk, nil)
	p.Sees(pagetest.ID("message"), "see there or outside")
	links := pagetest.Eval[[]string](p, `[...document.querySelectorAll('.bk-body a')].map((a) => a.getAttribute('href') + ' ' + a.target + ' ' + a.rel)`)
	require.Equal(t, []string{"/?as=ana&channel=" + s.room + " ", "https://example.com _blank noopener noreferrer"}, []string{strings.TrimRight(links[0], " ") + " ", links[1]})
}

func TestAFormFillsAPhoneAndItsTargetsFitAFinger(t *testing.T) {
	t.Parallel()
	s := showcase(t, unchanged)
	s.post("message")
	p := s.open(pagetest.Phone, nil)
	p.Click(action("open_modal"))
	p.Sees(pagetest.ID("modal"), "Every input")
	require.Equal(t, []float64{0, 0, 390, 844}, pagetest.Eval[[]float64](p, `(() => { const r = document.querySelector('[data-testid="modal"]').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`))
	require.Empty(t, pagetest.Eval[[]string](p, `[...document.querySelectorAll('dialog button, dialog .bk-field, .bk-body .bk-button, .bk-body .bk-select, .bk-tick')]
		.filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 44).map((e) => e.className + ' ' + e.getBoundingClientRect().height)`))
	require.LessOrEqual(t, pagetest.Eval[float64](p, `document.documentElement.scrollWidth`), 390.0)
	p.Click(pagetest.ID("input-people"))
	p.Sees(pagetest.ID("picker"), "Who helps", "Ben")
	p.Shot("showcase-phone")
}
