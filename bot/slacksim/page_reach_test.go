package slacksim_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

func TestAStoryIsPlayedByKeyboardAlone(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	d.connect(d.approver)
	ana := d.page("ana", "general", pagetest.Desk)
	ana.Until("the cursor waits in the composer", `document.activeElement.dataset.testid === 'composer'`)
	ana.Press("/snafu open sev2 MQLs became SQLs")
	ana.Press(kb.Escape + kb.Enter)
	ana.Has(pagetest.ID("channel-snafu-42-mqls-became-sqls"))

	ana.Press("k", chromedp.ModifierCtrl)
	ana.Has(pagetest.ID("jump-dialog"))
	ana.Press("snafu-42")
	ana.Sees(pagetest.ID("jump-dialog"), "snafu-42-mqls-became-sqls")
	ana.Press(kb.Enter)
	ana.Sees(messages, "SEV2", "R1 r1 by @ana waits for 2 of 2 approvals")
	ana.TabTo("Review and approve")
	ana.Press(kb.Enter)
	ana.Sees(message+".ephemeral", "You asked for R1, so your approval cannot count.")

	_, err := d.sim.As("ana").Invites(longer(t), "#snafu-42-mqls-became-sqls", "ben")
	require.NoError(t, err)
	ben := d.page("ben", "snafu-42-mqls-became-sqls", pagetest.Desk)
	ben.TabTo("Review and approve")
	ben.Press(" ")
	ben.Has(modal)
	ben.Until("the cursor waits in the first field", `document.activeElement.dataset.testid === 'input-rows'`)
	ben.Press("2926" + kb.Enter)
	ben.Sees(pagetest.ID("error-rows"), "R1 writes 1,169 leads; you typed 2926.")
	for range 8 {
		ben.Press(kb.Tab)
		ben.Until("the form holds the focus", `document.querySelector('[data-testid="modal"]').contains(document.activeElement)`)
	}
	ben.Fill(pagetest.ID("input-rows"), "1169")
	ben.Press(kb.Enter)
	ben.HasNone(modal)
	ben.Sees(messages, "R1 is approved by @ben")
	ben.Has(`button[data-action="plan.run"]`)
}

func TestEscapeClosesAFormAndGivesTheFocusBack(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	triggers := d.triggered(nil)
	p := d.page("ana", "general", pagetest.Desk)
	p.Fill(composer, "/snafu form")
	p.Press(kb.Escape + kb.Enter)
	_, err := d.api.OpenView(<-triggers, form("A form", field("b", "Words")))
	require.NoError(t, err)
	p.Has(modal)
	p.Press("typed" + kb.Escape)
	p.HasNone(modal)
	p.Until("the composer has the focus", `document.activeElement.dataset.testid === 'composer'`)
}

// sideways are the things that stick out at the right of the window.
const sideways = `[document.documentElement, document.body, ...document.querySelectorAll('#shell > *, dialog')].filter((e) => e.getClientRects().length && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)).map((e) => e.tagName + '#' + e.id + ' ' + e.scrollWidth + ' of ' + e.clientWidth)`

// small are the controls that a finger would miss. What the topic leads to, the
// button beside it does too.
const small = `[...document.querySelectorAll('button:not(.topic), select, summary, input:not([type=checkbox]):not([type=radio]):not(.unseen), textarea, [role=option]')]
	.filter((e) => e.getClientRects().length && e.checkVisibility({ visibilityProperty: true }))
	.filter((e) => e.getBoundingClientRect().height < 43.5)
	.map((e) => (e.getAttribute('aria-label') || e.innerText || e.className) + ' ' + Math.round(e.getBoundingClientRect().height))`

func fits(t *testing.T, p *pagetest.Page, where string) {
	t.Helper()
	p.Shot("phone-" + where)
	assert.Empty(t, pagetest.Eval[[]string](p, sideways), "%s scrolls sideways", where)
	assert.Empty(t, pagetest.Eval[[]string](p, small), "%s has things too small for a finger", where)
}

func TestAPhoneShowsOnePaneAtATimeAndNeverScrollsSideways(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	triggers := d.triggered(nil)
	general, ctx := d.room("general"), longer(t)
	long := strings.Repeat("incidents_and_accidents_", 12)
	said, err := d.sim.As("ben").Says(ctx, "#general", "See https://example.com/"+long+" and `"+long+"`\n```\n"+long+"\n```")
	require.NoError(t, err)
	_, err = d.sim.As("ben").Replies(ctx, "#general", said.TS, "Reply "+long)
	require.NoError(t, err)
	_, err = d.sim.As("ben").Uploads(ctx, "#general", "", long+".csv", []byte("a,b\n"))
	require.NoError(t, err)
	d.say(general, "plan", section("*R1* "+long), slack.NewActionBlock("b",
		button("Review and approve", "plan.review", "R1"), button("Reject", "plan.reject", "R1"), button("Show everything that was found", "plan.show", "R1")))

	p := d.page("ana", "", pagetest.Phone)
	p.Has(pagetest.ID("sidebar"))
	require.Greater(t, pagetest.Eval[float64](p, `document.querySelector('.who-name').getBoundingClientRect().width`), 60.0, "also while no app is connected")
	p.HasNone(messages)
	fits(t, p, "channels")
	p.Click(pagetest.ID("channel-general"))
	p.Sees(messages, "Review and approve")
	p.HasNone(pagetest.ID("sidebar"))
	fits(t, p, "messages")

	p.Click(bubble(said.TS) + ` [data-testid="replies"]`)
	p.Sees(thread, "Reply incidents")
	p.HasNone(messages)
	fits(t, p, "thread")
	p.Click(thread + " " + pagetest.ID("back"))
	p.Has(messages)
	p.Click(pagetest.ID("details"))
	p.Sees("#side", "members")
	fits(t, p, "details")
	p.Click("#side " + pagetest.ID("back"))

	_, err = d.sim.As("ana").Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	view := form("A form on a phone", section("Words "+long), field("b", "Label "+long))
	_, err = d.api.OpenView(<-triggers, view)
	require.NoError(t, err)
	p.Has(modal)
	fits(t, p, "form")
	p.Click(pagetest.ID("modal-close"))
	p.HasNone(modal)

	for _, name := range []string{"traffic", "faults", "admin"} {
		p.Click(pagetest.ID("open-" + name))
		p.Has(pagetest.ID("drawer-" + name))
		p.HasNone(messages)
		if name == "traffic" {
			p.Click(item + " > summary")
		}
		if name == "faults" {
			p.Click(pagetest.ID("fault-kind-api.error") + " > summary")
			p.Has(pagetest.ID("fault-add"))
		}
		fits(t, p, name)
		p.Click("#drawer " + pagetest.ID("back"))
	}
	p.Has(messages)
	p.Click("#main " + pagetest.ID("back"))
	p.Has(pagetest.ID("sidebar"))
}

func TestFiftyMessagesASecondAreAllShownWhileAPersonTypes(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	general := d.room("general")
	p := d.page("ana", general, pagetest.Desk)
	pagetest.Eval[bool](p, `(() => {
		window.shown = new Set();
		const list = document.querySelector('[data-testid="messages"]');
		const look = () => { for (const m of list.querySelectorAll('[data-testid="message"]')) window.shown.add(m.dataset.ts); };
		new MutationObserver(look).observe(list, { childList: true, subtree: true });
		return true;
	})()`)

	const posts = 250
	flood := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	sent := make([]string, 0, posts)
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := range posts {
			_, ts, err := d.api.PostMessageContext(ctx, general, slack.MsgOptionText(fmt.Sprintf("Number %d", i+1), false))
			if err != nil {
				flood <- err
				return
			}
			sent = append(sent, ts)
			<-tick.C
		}
		flood <- nil
	}()
	words := "typed while much is said"
	p.Fill(composer, words)
	p.Press(kb.Enter)
	p.Until("it was sent", `document.querySelector(%s).value === ''`, composer)
	require.NoError(t, <-flood)
	p.Sees(messages, fmt.Sprintf("Number %d", posts))
	p.Until("all were shown", `%s.every((ts) => window.shown.has(ts))`, sent)
	require.LessOrEqual(t, pagetest.Eval[int](p, `document.querySelectorAll('[data-testid="messages"] [data-testid="message"]').length`), 200)
	_, err := d.sim.As("ben").Await(longer(t), "#general", slacksim.Contains(words))
	require.NoError(t, err)
	require.True(t, pagetest.Eval[bool](p, `[...document.querySelectorAll('[data-testid="message"]')].every((m, i, all) => i === 0 || all[i - 1].dataset.ts < m.dataset.ts)`), "in order")
}
