package story

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim/pagetest"
	"snafu/incidents/response"
	"snafu/rollback/approval"
	"snafu/rollback/count"
)

const (
	thread   = `[data-testid="thread"]`
	modal    = `[data-testid="modal"]`
	messages = `[data-testid="messages"]`
	composer = `[data-testid="composer"]`
)

// screened is the story with some of its people in front of a browser.
type screened struct {
	*play
	t *testing.T
}

func (s *screened) page(name, channel string, size pagetest.Size) *pagetest.Page {
	s.t.Helper()
	p := pagetest.Open(s.t, s.sim.PageURL()+"?"+url.Values{"as": {name}, "channel": {strings.TrimPrefix(channel, "#")}}.Encode(), size)
	p.Has("body.ready")
	return p
}

// steps plays parts of the story as the demo does, without a browser.
func (s *screened) steps(parts ...func(*play, context.Context) error) {
	s.t.Helper()
	for _, part := range parts {
		require.NoError(s.t, part(s.play, s.t.Context()))
		require.NoError(s.t, s.beat(s.t.Context()))
	}
}

func (s *screened) rest() {
	s.t.Helper()
	require.NoError(s.t, s.beat(s.t.Context()))
}

// approves is somebody who has the thread open, reads the plan, and types the number.
func (s *screened) approves(p *pagetest.Page, number string) {
	s.t.Helper()
	p.ClickOn(thread+" button", "Review and approve")
	p.Sees(modal, "R1")
	p.Fill(modal+` [data-testid="input-rows"]`, number)
	p.Click(modal + ` [data-testid="input-samples"] input`)
	p.Click(pagetest.ID("modal-submit"))
}

func TestAnIncidentIsPlayedOnThePage(t *testing.T) {
	t.Parallel()
	var told, log bytes.Buffer
	stage, err := Set(t.Context(), Options{
		Speed: 1000, Out: &told, Env: os.LookupEnv, Say: func(s string) { t.Log(s) },
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, stage.Close())
		if t.Failed() {
			t.Logf("%s\n%s", told.String(), log.String())
		}
	})
	s := &screened{t: t, play: onStage(t, stage, &told)}

	maya := s.page("maya", marketing, pagetest.Desk)
	maya.Fill(composer, "/snafu open")
	maya.Press(kb.Escape + kb.Enter)
	maya.Sees(modal, "Open a snafu")
	maya.Fill(pagetest.ID("input-title"), "Leads moved to SQL by mistake")
	maya.Shot("story-1-open")
	maya.Click(pagetest.ID("modal-submit"))
	room := "snafu-1-leads-moved-to-sql-by-mistake"
	maya.Click(pagetest.ID("channel-" + room))
	maya.Sees(messages, "Take a breath", "SNAFU-1", "lead @maya")
	s.id, s.room = 1, "#"+room
	s.rest()

	maya.Fill(composer, "/snafu triage 1 crm.lead")
	maya.Press(kb.Escape + kb.Enter)
	maya.Sees(messages, "Please change nothing in crm for now. Next: which run or list did it?")
	s.rest()
	maya.Click(messages + ` [data-testid="action-triage.open.other"]`)
	maya.ClickOn(pagetest.ID("option"), "3. Is the error still occurring?")
	maya.Sees(modal, "Is the error still occurring?", "How sure?")
	maya.ClickOn(modal+` [data-testid="input-sure"] label`, "Don't know")
	maya.Click(pagetest.ID("modal-submit"))
	maya.HasNone(modal)
	s.rest()
	maya.Sees(messages, "3. Still occurring: Don't know")
	maya.Shot("story-2-triage")
	s.steps(picksRun, grows, stops, calls, answers, decides, corrects, plans)

	for _, name := range []string{"ken", "lena"} {
		require.NoError(t, s.joins(name)(t.Context()))
	}
	s.rest()
	ken, lena := s.page("ken", room, pagetest.Desk), s.page("lena", room, pagetest.Phone)
	ken.Click(messages + ` [data-testid="replies"]`)
	lena.Click(messages + ` [data-testid="replies"]`)

	s.approves(ken, "1176")
	ken.Sees(modal, "R1 writes 1,169 leads; you typed 1,176.")
	ken.Click(pagetest.ID("modal-close"))
	ken.HasNone(modal)
	s.approves(ken, "1169")
	ken.Sees(modal, "Your approval of R1 is counted")
	ken.Click(pagetest.ID("modal-close"))
	ken.Sees(thread, "Approved by @ken · 1 of 2")
	s.rest()

	lena.Shot("story-3-phone-thread")
	s.approves(lena, "1169")
	lena.Sees(modal, "Your approval of R1 is counted")
	lena.Shot("story-4-phone-approved")
	lena.Click(pagetest.ID("modal-close"))
	lena.Sees(thread, "Approved by @ken and @lena · 2 of 2")
	require.LessOrEqual(t, pagetest.Eval[int](lena, `document.documentElement.scrollWidth`), 390)
	s.rest()

	ken.ClickOn(thread+" button", "Run")
	ken.Fill(pagetest.ID("input-ref"), "R1")
	ken.Click(pagetest.ID("modal-submit"))
	ken.Sees(modal, "R1 starts now")
	ken.Click(pagetest.ID("modal-close"))
	ken.Sees(thread, "20 of 1,169 written", "20 written, 20 read back")
	require.Equal(t, 1, bar(ken.Text(thread)))
	s.rest()
	maya.Click(messages + ` [data-testid="replies"]`)
	maya.Sees(thread, "Approved by @ken and @lena · 2 of 2", "20 of 1,169 written")

	lena.ClickOn(thread+" button", "Continue")
	ken.Sees(thread, "1,169 of 1,169 written", "100 %")
	require.Equal(t, 100, bar(ken.Text(thread)))
	ken.Sees(messages, "R1 done: 1,169 written · 7 conflicts left alone · 0 failed")
	s.rest()
	ken.Shot("story-5-done")
	maya.Sees(messages, "1,176 of 2,926 touched leads were wrong: 1,169 fixed, 7 kept as people set them, 0 left.")
	s.picture(maya)
	maya.Click(pagetest.ID("home-tab"))
	maya.Sees(pagetest.ID("home"), "SNAFU-1", "Leads moved to SQL by mistake")
	maya.Shot("story-6-home")
}

// onStage is a play that reads what the bot has stored.
func onStage(t *testing.T, stage *Stage, out *bytes.Buffer) *play {
	t.Helper()
	p := &play{Stage: stage, tell: newNarrator(stage.sim, out), t0: stage.world.t0, leads: map[string]bool{}}
	p.count = count.New(count.Options{DB: stage.app.DB()})
	p.approval = approval.New(approval.Options{DB: stage.app.DB()})
	var err error
	p.response, err = response.New(response.Options{DB: stage.app.DB()})
	require.NoError(t, err)
	return p
}

var percent = regexp.MustCompile(`[█░]+ (\d+) %`)

// bar is how far the newest progress bar has come, in percent; -1 without one.
func bar(text string) int {
	found := percent.FindAllStringSubmatch(text, -1)
	if len(found) == 0 {
		return -1
	}
	n := 0
	for _, r := range found[len(found)-1][1] {
		n = 10*n + int(r-'0')
	}
	return n
}

// picture saves the picture of the README, if screenshots are asked for: the
// Summary, and beside it the thread of the plan.
func (s *screened) picture(p *pagetest.Page) {
	s.t.Helper()
	p.Resize(pagetest.Size{Width: 1440, Height: 960})
	defer p.Resize(pagetest.Desk)
	p.Away()
	require.True(s.t, pagetest.Eval[bool](p, `(() => {
		document.activeElement.blur();
		document.querySelector('#main .message.pinned').scrollIntoView({ block: 'start' });
		document.querySelector('#side .log-scroller').scrollTop = 1e6;
		return true;
	})()`))
	p.Until("all of the Summary is in sight", `(() => {
		const [card, pane] = ['#main .message.pinned', '#main .log-scroller'].map((css) => document.querySelector(css).getBoundingClientRect());
		return card.top >= pane.top && card.bottom <= pane.bottom;
	})()`)
	file := p.Shot("screenshot")
	if file == "" {
		return
	}
	png, err := os.ReadFile(file)
	require.NoError(s.t, err)
	shown := filepath.Join("..", "..", "..", ".github")
	require.NoError(s.t, os.MkdirAll(shown, 0o755))
	require.NoError(s.t, os.WriteFile(filepath.Join(shown, "screenshot.png"), png, 0o644))
}
