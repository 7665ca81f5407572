package slacksim_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

// staged is a workspace whose clock stands, so that no trigger and no
// acknowledgement runs out while a busy machine draws a page.
func staged(t *testing.T, w slacksim.Workspace) *desk {
	t.Helper()
	return start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Workspace: w})
}

// page opens the page as somebody, in a channel.
func (d *desk) page(as, channel string, size pagetest.Size) *pagetest.Page {
	d.t.Helper()
	p := pagetest.Open(d.t, d.sim.PageURL()+"?"+url.Values{"as": {as}, "channel": {channel}}.Encode(), size)
	p.Has("body.ready")
	return p
}

// say posts as the app.
func (d *desk) say(channel, text string, blocks ...slack.Block) string {
	d.t.Helper()
	options := []slack.MsgOption{slack.MsgOptionText(text, false)}
	if len(blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(blocks...))
	}
	_, ts, err := d.api.PostMessage(channel, options...)
	require.NoError(d.t, err)
	return ts
}

const (
	messages = `[data-testid="messages"]`
	message  = `[data-testid="message"]`
	composer = `[data-testid="composer"]`
	modal    = `[data-testid="modal"]`
	thread   = `[data-testid="thread"]`
)

func bubble(ts string) string { return message + `[data-ts="` + ts + `"]` }

const hostile = `<img src=x onerror="window.broken='img'"><script>window.broken='script'</script>`

func TestWhatAnybodyWroteIsTextOnThePageAndNeverRuns(t *testing.T) {
	w := slacksim.DefaultWorkspace()
	w.People[1].RealName = `Ben <b onmouseover="window.broken='name'">O</b>`
	w.People[1].Title = hostile
	d := staged(t, w)
	triggers := d.triggered(nil)
	general, ctx, ben := d.room("general"), longer(t), d.sim.As("ben")
	_, err := d.api.SetTopicOfConversation(general, "Topic "+hostile)
	require.NoError(t, err)
	said, err := ben.Says(ctx, "#general", "Said "+hostile+" & [link](javascript:alert(1))")
	require.NoError(t, err)
	_, err = ben.Replies(ctx, "#general", said.TS, "Replied "+hostile)
	require.NoError(t, err)
	file, err := ben.Uploads(ctx, "#general", "", `a"><img src=x onerror=window.broken='file'>.html`, []byte(hostile))
	require.NoError(t, err)
	ts := d.say(general, "Posted "+hostile,
		section("Marked "+hostile+" <javascript:window.broken=1|press me> &lt;i&gt;"),
		slack.NewContextBlock("c", words("Context "+hostile)),
		slack.NewHeaderBlock(words("Header "+hostile)),
		slack.NewActionBlock("b", button("<u>Button</u>", "act", hostile)))
	_, _, err = d.api.PostMessage(general, slack.MsgOptionAttachments(slack.Attachment{
		Text: "Attached " + hostile, Title: "Title " + hostile, AuthorName: "Author " + hostile, Color: `red;}body{display:none`,
		Fields: []slack.AttachmentField{{Title: "Field " + hostile, Value: "Value " + hostile}},
	}))
	require.NoError(t, err)

	p := d.page("ana", general, pagetest.Desk)
	p.Sees("#main .pane-head", "Topic "+hostile)
	p.Sees(bubble(said.TS), "Said "+hostile, `Ben <b onmouseover="window.broken='name'">O</b>`)
	p.Sees(bubble(file.TS), `a"><img src=x onerror=window.broken='file'>.html`)
	p.Sees(bubble(ts), "Marked "+hostile, "Context "+hostile, "Header "+hostile, "<u>Button</u>", "<i>")
	p.Sees(messages, "Attached "+hostile, "Title "+hostile, "Author "+hostile, "Field "+hostile, "Value "+hostile)
	p.Click(bubble(said.TS) + ` [data-testid="replies"]`)
	p.Sees(thread, "Replied "+hostile)

	_, err = d.sim.As("ana").Slash(ctx, "#general", "/snafu form")
	require.NoError(t, err)
	_, err = d.api.OpenView(<-triggers, form(`<b>Title</b>`, section("Form "+hostile), field("b", "Label <s>"+hostile)))
	require.NoError(t, err)
	p.Sees(modal, "<b>Title</b>", "Form "+hostile, "Label <s>"+hostile)

	p.Shot("slack-hostile-text")
	require.Empty(t, pagetest.Eval[[]string](p, `[...document.querySelectorAll('#main img:not(.file-picture), #main script, #main b[onmouseover], #main u, dialog img, dialog b, dialog s')].map((e) => e.outerHTML)`))
	require.Empty(t, pagetest.Eval[[]string](p, `[...document.querySelectorAll('a[href]')].map((a) => a.protocol).filter((s) => !['http:', 'https:', 'mailto:'].includes(s))`))
	require.Equal(t, "undefined", pagetest.Eval[string](p, `typeof window.broken`))
	require.Empty(t, pagetest.Eval[[]string](p, `[...document.querySelectorAll('[style]')].map((e) => e.getAttribute('style')).filter((s) => s.includes('display:none'))`))
}

func TestAnEphemeralIsMarkedAndSeenByOnePersonAlone(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	general := d.room("general")
	p := d.page("ana", general, pagetest.Desk)
	other := d.page("ben", general, pagetest.Desk)
	_, err := d.api.PostEphemeral(general, d.id("ana"), slack.MsgOptionText("Your approval cannot count.", false))
	require.NoError(t, err)
	ts := d.say(general, "For everybody")
	p.Sees(messages, "Your approval cannot count.", "For everybody")
	p.Sees(message+".ephemeral", "Only visible to you", "Your approval cannot count.")
	p.HasNone(bubble(ts) + ".ephemeral")
	other.Sees(messages, "For everybody")
	other.Lacks(messages, "Your approval cannot count.")
}

func TestThreadsEditsReactionsAndDeletionsAreSeenAsTheyHappen(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	general, ctx, ben := d.room("general"), longer(t), d.sim.As("ben")
	p := d.page("ana", general, pagetest.Desk)

	p.Fill(composer, "2,926 leads moved")
	p.Press(kb.Enter)
	p.Sees(message, "2,926 leads moved")
	mine := pagetest.Eval[string](p, `document.querySelector('[data-testid="message"]:last-of-type').dataset.ts`)

	_, err := ben.Replies(ctx, "#general", mine, "I am looking")
	require.NoError(t, err)
	p.Sees(bubble(mine), "1 reply")
	p.Click(bubble(mine) + ` [data-testid="replies"]`)
	p.Sees(thread, "2,926 leads moved", "I am looking")
	p.Fill(`[data-testid="thread-composer"]`, "Thank you")
	p.Press(kb.Enter)
	p.Sees(thread, "Thank you")
	p.Sees(bubble(mine), "2 replies")
	p.Lacks(messages, "Thank you")

	_, err = ben.Reacts(ctx, "#general", mine, "eyes")
	require.NoError(t, err)
	p.Click(bubble(mine) + ` .reaction`)
	p.Has(bubble(mine) + ` .reaction[aria-pressed="true"]`)
	p.Sees(bubble(mine)+` .reaction`, "2")
	p.HasNone(pagetest.ID("toast")) // no app heard of it, which is not for her to know

	p.Click(composer)
	p.Press(kb.ArrowUp) // edits the newest of one's own
	p.Fill(`[data-testid="edit-field"]`, "1,169 leads moved")
	p.Press(kb.Enter)
	p.Sees(bubble(mine), "1,169 leads moved", "(edited)")
	p.Sees(thread, "1,169 leads moved")

	other, err := ben.Says(ctx, "#general", "Said in error")
	require.NoError(t, err)
	p.Has(bubble(other.TS))
	_, err = ben.Deletes(ctx, "#general", other.TS)
	require.NoError(t, err)
	p.HasNone(bubble(other.TS))
	p.Shot("slack-thread")
}

func TestAFileIsSharedAndFetchedAgain(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	general := d.room("general")
	p := d.page("ana", general, pagetest.Desk)
	require.True(t, pagetest.Eval[bool](p, `(() => {
		const files = new DataTransfer();
		files.items.add(new File(['lead,status\n1,SQL\n'], 'leads.csv', { type: 'text/csv' }));
		const input = document.querySelector('#main input[type=file]');
		input.files = files.files;
		return input.dispatchEvent(new Event('change', { bubbles: true }));
	})()`))
	p.Sees(message, "leads.csv")
	require.Equal(t, "lead,status\n1,SQL\n", pagetest.Eval[string](p, `fetch(document.querySelector('.file-get').href).then((r) => r.text())`))
	p.Has(message + ` .file-get[download="leads.csv"]`)
}

func TestTheComposerCompletesCommandsVerbsPeopleAndChannels(t *testing.T) {
	d := staged(t, slacksim.Workspace{App: slacksim.WorkspaceApp{Manifest: []byte(`{
		"features": {"slash_commands": [{"command": "/snafu", "description": "Data incidents", "usage_hint": "open <title> | status | triage", "should_escape": true}]}
	}`)}})
	var in inbox
	d.connect(in.handle)
	p := d.page("ana", "general", pagetest.Desk)
	proposals := pagetest.ID("proposals")

	p.Fill(composer, "/sn")
	p.Sees(proposals, "/snafu", "Data incidents")
	p.Press(kb.Tab)
	p.Sees(proposals, "open", "status", "triage")
	p.Press("o")
	p.Lacks(proposals, "triage")
	p.Press(kb.Tab)
	p.Press("Leads moved to @b")
	p.Sees(proposals, "Ben Okafor")
	p.Press(kb.Enter + "#ran")
	p.Sees(proposals, "random")
	p.Press(kb.Tab)
	require.Equal(t, "/snafu open Leads moved to @ben #random ", pagetest.Eval[string](p, `document.activeElement.value`))
	p.HasNone(proposals)
	p.Press(kb.Enter)
	p.Until("the field is empty", `document.querySelector(%s).value === ''`, composer)
	// The field is emptied before the command is on its way.
	require.Eventually(t, func() bool { return len(in.commands()) > 0 }, time.Minute, 5*time.Millisecond)
	got := in.commands()
	require.Len(t, got, 1)
	require.Regexp(t, `^open Leads moved to <@U\w+\|ben> <#C\w+\|random>$`, got[0].Text)

	p.Fill(composer, "/nonsense now")
	p.Press(kb.Enter)
	p.Sees(pagetest.ID("composer-error"), "/nonsense", "is not a command")
	require.Equal(t, "/nonsense now", pagetest.Eval[string](p, `document.querySelector('[data-testid="composer"]').value`))
}

func TestACommandThatNobodyAnswersShowsSlacksError(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	p := d.page("ana", "general", pagetest.Desk)
	p.Sees(pagetest.ID("notice"), "0 apps connected", d.sim.APIURL(), d.sim.Tokens().Bot)
	p.Fill(composer, "/snafu open")
	p.Press(kb.Escape + kb.Enter)
	p.Sees(pagetest.ID("composer-error"), "/snafu failed with the error", "dispatch_failed")

	d.connect(func(*socketmode.Client, socketmode.Event) {})
	p.HasNone(pagetest.ID("notice"))
}

func TestSomebodyElseIsPlayedByTheAddressAndByTheSwitch(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	general, ctx := d.room("general"), longer(t)
	p := d.page("ben", general, pagetest.Desk)
	p.Has(pagetest.ID("person-switch") + `[data-person="ben"]`)
	p.Fill(composer, "By ben")
	p.Press(kb.Enter)
	p.Sees(message, "By ben")

	_, err := d.sim.As("dev").Says(ctx, "#random", "Something new")
	require.NoError(t, err)
	p.Has(pagetest.ID("channel-random") + `[data-unread="true"]`)

	p.Click(pagetest.ID("person-switch"))
	p.Click(pagetest.ID("person-chi"))
	p.Has(pagetest.ID("person-switch") + `[data-person="chi"]`)
	p.Until("the address names her", `new URLSearchParams(location.search).get('as') === 'chi'`)
	p.Fill(composer, "By chi")
	p.Press(kb.Enter)
	p.Sees(message, "By ben", "By chi")
	p.Reload()
	p.Has(pagetest.ID("person-switch") + `[data-person="chi"]`)
	seen, err := d.sim.As("ana").Await(ctx, "#general", slacksim.Contains("By chi"))
	require.NoError(t, err)
	require.Equal(t, d.id("chi"), seen.User)
}
