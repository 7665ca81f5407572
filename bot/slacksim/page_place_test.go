package slacksim_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

// held waits until what carries that data-testid has the focus.
func held(p *pagetest.Page, id string) {
	p.Until("focus on "+id, `document.activeElement.dataset.testid === %s`, id)
}

func TestTheFocusGoesBackToWhereItCameFrom(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	general, ctx, ben := d.room("general"), longer(t), d.sim.As("ben")
	d.say(general, "A first word")
	root := d.say(general, "The plan", slack.NewSectionBlock(words("6. When did it begin?"), nil, slack.NewAccessory(button("Change", "change", "6"))))
	_, err := ben.Replies(ctx, "#general", root, "I am looking")
	require.NoError(t, err)
	p := d.page("ana", general, pagetest.Desk)
	p.Has(bubble(root))
	described := pagetest.Eval[string](p, `document.getElementById(document.querySelector('[data-action="change"]').getAttribute('aria-describedby')).innerText`)
	require.Equal(t, "6. When did it begin?", described, "a button is told from others of its name")
	require.NotZero(t, pagetest.Eval[int](p, `pagetest.all('.faces .avatar').length`), "also below another message of the same name")

	p.Until("focus the thread", `(pagetest.find('[data-testid="replies"]').focus(), true)`)
	p.Press(kb.Enter)
	held(p, "thread-composer")
	p.Sees(thread+` [role="separator"]`, "1 reply")
	p.HasNone(thread + ` .cont`)
	p.Press(kb.Escape)
	p.HasNone(thread)
	held(p, "replies")
	require.True(t, pagetest.Eval[bool](p, `(() => {
		const [bar, words] = ['.toolbar', '.message-body'].map((css) => document.querySelector('`+bubble(root)+` > ' + (css === '.toolbar' ? css : '.message-main > ' + css)).getBoundingClientRect());
		return bar.bottom <= words.top + 4;
	})()`), "the bar of a message lies on none of its words")

	for _, id := range []string{"details", "open-traffic", "open-admin"} {
		p.Until("focus "+id, `(pagetest.find(%s).focus(), true)`, pagetest.ID(id))
		p.Press(kb.Enter)
		p.Has("#side, #drawer")
		if id == "details" {
			p.Sees("#side", "members")
			held(p, id) // though its place was drawn anew
			p.Press(kb.Tab)
		} else {
			p.Until("the drawer has the focus", `document.querySelector('#drawer').contains(document.activeElement)`)
		}
		p.Press(kb.Escape)
		p.HasNone("#side, #drawer")
		if id != "details" {
			held(p, id)
		}
	}
}

// covering is what lies over the messages of the pane in the middle.
const covering = `[...document.querySelectorAll('#main .log-pane > :not(.log-scroller)')].filter((e) => e.getClientRects().length)
	.filter((e) => e.getBoundingClientRect().top < document.querySelector('#main .log-scroller').getBoundingClientRect().bottom - 1).map((e) => e.className)`

func TestWhoReadsAboveStaysThereAndNothingCoversTheMessages(t *testing.T) {
	w := slacksim.DefaultWorkspace()
	for n := range 40 {
		w.Channels = append(w.Channels, slacksim.WorkspaceRoom{Name: fmt.Sprintf("room-%02d", n), Members: []string{"ana", "ben"}})
	}
	d := staged(t, w)
	general, ctx, ben := d.room("general"), longer(t), d.sim.As("ben")
	first := ""
	for n := range 90 {
		ts := d.say(general, fmt.Sprintf("Number %d", n+1))
		if n == 9 {
			first = ts
		}
	}
	to, err := d.api.GetPermalink(&slack.PermalinkParameters{Channel: general, Ts: first})
	require.NoError(t, err)
	d.say(general, "It began <"+to+"|here>.")
	p := d.page("ana", general, pagetest.Desk)
	p.ClickOn(messages+" a", "here")
	p.Has(bubble(first) + ".pointed, " + bubble(first) + ":focus")
	p.Sees("#main .log-jump", "Newest")
	require.Empty(t, pagetest.Eval[[]string](p, covering))

	pagetest.Eval[bool](p, `(() => {
		document.querySelector('.side-scroller').scrollTop = 300;
		const place = () => [document.querySelector('`+bubble(first)+`').getBoundingClientRect().top, document.querySelector('.side-scroller').scrollTop];
		const before = place();
		window.strayed = 0;
		window.looking = true;
		const look = () => {
			if (!window.looking) return;
			place().forEach((at, i) => { window.strayed = Math.max(window.strayed, Math.abs(at - before[i])); });
			requestAnimationFrame(look);
		};
		look();
		return true;
	})()`)
	for n := range 5 {
		d.say(general, fmt.Sprintf("Later %d", n+1))
	}
	_, err = ben.Says(ctx, "#room-00", "Something new")
	require.NoError(t, err)
	p.Sees("#main .log-jump", "5 new messages")
	p.Has(`[data-testid="channel-room-00"][data-unread="true"]`)
	require.Less(t, pagetest.Eval[float64](p, `(window.looking = false, window.strayed)`), 2.0, "neither messages nor channels moved, in pixels")
	require.Empty(t, pagetest.Eval[[]string](p, covering))
	p.Click("#main .log-jump")
	p.Sees(messages, "Later 5")
	p.HasNone("#main .log-jump")

	p.Fill(composer, "While writing one looks back")
	p.Press(kb.PageUp)
	p.Has("#main .log-jump")
	p.Press(kb.PageDown + kb.PageDown)
	p.HasNone("#main .log-jump")
	held(p, "composer")
}

func TestThePageOutlivesARestartOfTheWorkspace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "slack.jsonl")
	first, err := slacksim.Start(slacksim.Options{StateFile: file, Clock: slacksim.FrozenClock(noon), Log: logTo(t)})
	require.NoError(t, err)
	where, err := url.Parse(first.PageURL())
	require.NoError(t, err)
	d := &desk{t: t, sim: first}
	p := d.page("ana", "nowhere", pagetest.Desk)
	p.Until("why one is elsewhere", `document.getElementById('toast')?.textContent === 'Ana Ruiz sees no channel called nowhere.'`)
	p.Fill(composer, "half typed")
	require.NoError(t, first.Close())
	p.Sees(pagetest.ID("notice"), "The simulated Slack does not answer.", "start it again")
	p.Press(kb.Enter)
	p.Sees(pagetest.ID("composer-error"), "does not answer")
	p.Until("the words are back", `document.querySelector(%s).value === 'half typed'`, composer)

	again, err := slacksim.Start(slacksim.Options{StateFile: file, Listen: where.Host, Clock: slacksim.FrozenClock(noon), Log: logTo(t)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, again.Close()) })
	_, err = again.As("ben").Says(longer(t), "#general", "Said meanwhile")
	require.NoError(t, err)
	p.Sees(messages, "Said meanwhile")
	p.Lacks(pagetest.ID("notice"), "does not answer")
	p.Fill(composer, "typed anew")
	p.Press(kb.Enter)
	p.Sees(messages, "typed anew")

	off := true
	require.NoError(t, again.Admin().Person("ana", slacksim.PersonChange{Deactivated: &off}))
	p.Sees(pagetest.ID("notice"), "Ana Ruiz is deactivated", "Act as somebody else")
	for _, f := range p.Faults() {
		require.True(t, strings.Contains(f, "WebSocket"), f)
	}
}

func TestAPhonesKeyboardLeavesTheComposerInSight(t *testing.T) {
	const long = "snafu-1-leads-moved-to-sql-by-mistake-and-back-again"
	w := slacksim.DefaultWorkspace()
	w.Channels = append(w.Channels, slacksim.WorkspaceRoom{Name: long, Members: []string{"ana"}})
	d := staged(t, w)
	d.say(d.room("general"), "A word")
	p := d.page("ana", "", pagetest.Phone)
	p.Click(pagetest.ID("channel-general"))
	p.Until("the pane that is shown has the focus", `document.activeElement.matches('#main h1')`)
	keyboard := func(height int) {
		pagetest.Eval[bool](p, fmt.Sprintf(`(Object.defineProperty(visualViewport, 'height', { value: %d, configurable: true }), visualViewport.dispatchEvent(new Event('resize')))`, height))
	}
	keyboard(460)
	p.Fill(composer, "Hello")
	p.Until("all of it stands above the keyboard", `document.querySelector('.composer').getBoundingClientRect().bottom <= 460`)
	p.Sees(messages, "A word")
	keyboard(844)
	p.Until("it stands at the bottom again", `document.querySelector('.composer').getBoundingClientRect().bottom > 800`)
	p.Click("#main " + pagetest.ID("back"))
	p.Click(pagetest.ID("channel-" + long))
	p.Until("one line says where one writes", `document.querySelector(%s)?.getAttribute('aria-label') === %s`, composer, "Message #"+long)
	require.LessOrEqual(t, pagetest.Eval[int](p, `document.querySelector('`+composer+`').scrollHeight`), 50)
}
