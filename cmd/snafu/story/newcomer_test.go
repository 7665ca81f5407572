package story

import (
	"bytes"
	"log/slog"
	"os"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim/pagetest"
)

// TestWhoHasNeverSeenItComesThroughWithButtonsAlone plays somebody on a phone who
// knows one word, "/snafu": they open, answer, stop the cause, call for help, tell
// where it stands and resolve, and type nothing else but what forms ask for.
func TestWhoHasNeverSeenItComesThroughWithButtonsAlone(t *testing.T) {
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
			t.Log(log.String())
		}
	})
	s := &screened{t: t, play: onStage(t, stage, &told)}
	p := s.page("maya", marketing, pagetest.Phone)
	in := func(name string) string { return pagetest.ID("input-" + name) }
	press := func(label string) { p.ClickOn(messages+` button`, label) }
	choose := func(name, option string) {
		p.Click(in(name))
		p.ClickOn(pagetest.ID("option"), option)
		p.HasNone(pagetest.ID("picker"))
	}
	send := func() {
		p.Click(pagetest.ID("modal-submit"))
		p.HasNone(modal)
		s.rest()
	}
	snafu := func(press string) {
		p.Fill(composer, "/snafu")
		p.Press(kb.Escape + kb.Enter)
		p.Has(messages + ` [data-testid^="action-` + press + `"]`)
	}

	snafu("home.open")
	press("Open a snafu")
	p.Sees(modal, "What happened?")
	p.Fill(in("title"), "Leads are SQL")
	send()
	p.Sees(messages, "SNAFU-1 is open, and you lead it:")
	p.ClickOn(messages+` a`, "#snafu-1-leads-are-sql")
	p.Sees(messages, "Triage 0 of 11", "Next: 1. Which system and table?", "nobody was called")
	s.id, s.room = 1, "#snafu-1-leads-are-sql"
	s.rest()

	press("Don't know")
	p.Sees(messages, "Triage 1 of 11", "Next: 2. Which run")
	s.rest()
	press("Don't know")
	p.Sees(messages, "Next: 3. Is the error still occurring?")
	s.rest()
	press("Yes")
	p.Sees(messages, "Still occurring: Yes", "Next: stop the cause")
	s.rest()
	p.Shot("newcomer-1-stop")
	press("Stop the cause")
	p.Sees(modal, "What was done?")
	choose("how", "Stopped")
	p.Fill(in("what"), "Weekly stage sync")
	send()
	p.Sees(messages, "Stopped by @maya: Weekly stage sync")

	press("Call somebody")
	p.Sees(modal, "Whom?")
	choose("who", "crm-data")
	send()
	p.Sees(messages, "Calling @tom")

	p.Click(messages + ` [data-testid="action-triage.open.other"]`)
	p.ClickOn(pagetest.ID("option"), "3. Still occurring: Yes")
	p.Sees(modal, "Is the error still occurring?")
	choose("choice", "No")
	send()
	p.Sees(messages, "3. Still occurring: No")

	snafu("update.open")
	p.Click(messages + ` [data-testid^="action-update.open."]`)
	p.Sees(modal, "What changed?")
	p.Fill(in("changed"), "The sync is off")
	send()
	p.Sees(messages, "Update by @maya")

	snafu("resolve.open")
	press("Resolve")
	p.Sees(modal, "Not yet: nothing was counted.", "nobody has said what keeps it from happening again", "Why can it do without?")
	p.Fill(in("why"), "Put back by hand")
	send()
	p.Sees(messages, "Resolved")
	require.LessOrEqual(t, pagetest.Eval[int](p, `document.documentElement.scrollWidth`), 390)
	p.Shot("newcomer-2-resolved")
}
