package slacksim_test

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/bot/slacksim/pagetest"
)

const (
	traffic = `[data-testid="drawer-traffic"]`
	item    = traffic + ` [data-testid="traffic-item"]`
	faults  = `[data-testid="drawer-faults"]`
	desks   = `[data-testid="drawer-admin"]`
)

// drawer opens the page with a drawer.
func (d *desk) drawer(name string, size pagetest.Size) *pagetest.Page {
	d.t.Helper()
	p := d.page("ana", "general", size)
	p.Click(pagetest.ID("open-" + name))
	p.Has(pagetest.ID("drawer-" + name))
	return p
}

func TestTheTrafficDrawerShowsBothSidesOfEveryExchange(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	var in inbox
	d.connect(in.handle)
	general := d.room("general")
	p := d.drawer("traffic", pagetest.Desk)
	d.say(general, "Seen in the drawer "+hostile, section("In a block"))
	p.Sees(item, "chat.postMessage")
	p.Choose(pagetest.ID("traffic-kind"), "Web API")
	p.Fill(pagetest.ID("traffic-text"), "seen in the drawer")
	p.Until("one exchange is left", `pagetest.all(%s).length === 1`, item)
	p.Click(item + " > summary")
	p.Sees(item, `"channel": "`+general+`"`, `"ok": true`, "The app said", "The workspace answered", "(redacted)")
	require.Zero(t, pagetest.Eval[int](p, `document.querySelectorAll('#drawer pre *').length`), "JSON is text")
	require.Contains(t, pagetest.Eval[string](p, `document.querySelector('#drawer pre').innerText`), `"type": "section"`, "what came as JSON text is read as JSON")
	p.Shot("slack-traffic")

	p.Fill(pagetest.ID("traffic-text"), "")
	_, err := d.sim.As("ana").Slash(longer(t), "#general", "/snafu status")
	require.NoError(t, err)
	p.Choose(pagetest.ID("traffic-kind"), "envelope")
	p.Sees(item, "/snafu")
	p.Until("only envelopes are left", `pagetest.all(%s).every((e) => e.dataset.kind === 'envelope')`, item)
	p.Choose(pagetest.ID("traffic-kind"), "All kinds")

	p.Click(pagetest.ID("traffic-pause"))
	d.say(general, "Said during the pause")
	p.Sees(pagetest.ID("traffic-tally"), "paused,", "more since")
	p.Fill(pagetest.ID("traffic-text"), "said during the pause")
	p.Until("nothing of the pause is shown", `pagetest.all(%s).length === 0`, item)
	p.Click(pagetest.ID("traffic-pause"))
	p.Has(item)

	p.Fill(pagetest.ID("traffic-text"), "")
	_, _, err = d.api.PostMessage("C0NOWHERE00", slack.MsgOptionText("lost", false))
	require.EqualError(t, err, "channel_not_found")
	p.Click(pagetest.ID("traffic-failed"))
	p.Sees(item, "channel_not_found")
	p.Until("only failures are left", `pagetest.all(%s).every((e) => e.matches('.bad, .struck, .warned'))`, item)
}

func TestTheTrafficDrawerKeepsTheDocumentSmall(t *testing.T) {
	d := staged(t, slacksim.Workspace{})
	p := d.drawer("traffic", pagetest.Desk)
	for range 620 {
		_, err := d.api.AuthTest()
		require.NoError(t, err)
	}
	p.Until("the newest five hundred are shown", `document.querySelectorAll(%s).length === 500 && pagetest.text(%s).includes('500 of ')`, item, pagetest.ID("traffic-tally"))
}

func TestAFaultIsMadeSeenToStrikeAndTakenAwayInTheDrawer(t *testing.T) {
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	general := d.room("general")
	p := d.drawer("faults", pagetest.Desk)
	p.Sees(faults, "Nothing goes wrong.")
	kind := pagetest.ID("fault-kind-api.error")
	p.Click(kind + " > summary")
	p.Fill(kind+` [name="method"]`, "chat.postMessage")
	p.Fill(kind+` [name="error"]`, "no_such_error")
	p.Click(kind + ` [data-testid="fault-add"]`)
	p.Sees(kind, `Slack does not document the error "no_such_error"`)
	p.Fill(kind+` [name="error"]`, "is_archived")
	p.Fill(kind+` [name="times"]`, "2")
	p.Choose(kind+` [name="channel"]`, "#general")
	p.Click(kind + ` [data-testid="fault-add"]`)
	p.Sees(pagetest.ID("fault"), "api.error", "method chat.postMessage", "channel #general", "error is_archived", "struck 0 of 2")

	_, _, err := d.api.PostMessage(general, slack.MsgOptionText("refused", false))
	require.EqualError(t, err, "is_archived")
	p.Sees(pagetest.ID("fault"), "struck 1 of 2")
	p.Shot("slack-faults")
	p.ClickOn(pagetest.ID("fault-remove"), "Remove api.error")
	p.Sees(faults, "Nothing goes wrong.")
	d.say(general, "Not refused")

	p.Click(pagetest.ID("open-traffic"))
	p.Click(pagetest.ID("traffic-failed"))
	p.Sees(item+".struck", "chat.postMessage", "api.error", "is_archived")
}

// Each form of the drawer makes a fault that the control API takes.
func TestEveryKindOfFaultHasAFormThatMakesIt(t *testing.T) {
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	p := d.drawer("faults", pagetest.Desk)
	kinds := pagetest.Eval[[]string](p, `[...document.querySelectorAll('.desk-kind')].map((e) => e.dataset.testid)`)
	require.Len(t, kinds, len(slacksim.FaultKinds()))
	for _, kind := range slacksim.FaultKinds() {
		require.Contains(t, kinds, "fault-kind-"+kind)
		form := pagetest.ID("fault-kind-" + kind)
		p.Click(form + " > summary")
		p.Click(form + ` [data-testid="fault-add"]`)
		p.Until("the form of "+kind+" is answered", `pagetest.text(%s) !== ''`, form+" .desk-outcome")
		require.Regexp(t, `^(Done|It waits for what it fits)\.$`, p.Text(form+" .desk-outcome"), kind)
	}
}

func TestAnAdministratorsActsAreDoneInTheDrawer(t *testing.T) {
	d := start(t, slacksim.Options{Clock: slacksim.FrozenClock(noon), Log: quiet()})
	general, ctx := d.room("general"), longer(t)
	said, err := d.sim.As("ben").Says(ctx, "#general", "Deleted in a moment")
	require.NoError(t, err)
	p := d.drawer("admin", pagetest.Desk)

	p.Sees(desks, "2026-03-28 12:00:00 UTC · frozen")
	p.Fill(pagetest.ID("clock-by"), "31m")
	p.Click(pagetest.ID("clock-advance"))
	p.Sees(desks, "2026-03-28 12:31:00 UTC · frozen")
	require.Equal(t, noon.Add(31*time.Minute), d.sim.Now().UTC())

	p.Choose(pagetest.ID("admin-person"), "Ben Okafor")
	p.Until("his zone is shown", `document.querySelector('[name="tz"]').value === 'Europe/London'`)
	p.Fill(desks+` [name="tz"]`, "Nowhere/Land")
	p.Click(pagetest.ID("admin-person-save"))
	p.Sees(desks, `"Nowhere/Land" is no time zone`)
	p.Fill(desks+` [name="tz"]`, "Asia/Tokyo")
	p.Choose(desks+` [name="guest"]`, "single")
	p.Click(desks + ` [name="stranger"]`)
	p.Click(desks + ` [name="deactivated"]`)
	p.Click(pagetest.ID("admin-person-save"))
	p.Sees(desks, "Ben Okafor is changed.")
	ben, err := d.sim.As("ben").Profile()
	require.NoError(t, err)
	require.Equal(t, []any{"Asia/Tokyo", "single", true, true}, []any{ben.TZ, ben.Guest, ben.Stranger, ben.Deactivated})
	p.Click(desks + ` [name="stranger"]`)
	p.Click(pagetest.ID("admin-person-save"))
	p.Until("he is of the team again", `fetch('/sim/people').then((r) => r.json()).then((a) => a.people.find((p) => p.name === 'ben').stranger === false)`)

	p.Choose(pagetest.ID("admin-channel"), "#general")
	p.Until("its name is shown", `document.querySelector('[data-testid="drawer-admin"] [name="name"]').value === 'general'`)
	p.Click(desks + ` [name="archived"]`)
	p.Click(pagetest.ID("admin-channel-save"))
	p.Sees("#main", "This channel is archived")
	p.Click(desks + ` [name="archived"]`)
	p.Click(pagetest.ID("admin-channel-save"))
	p.Has(composer)

	p.Has(bubble(said.TS))
	p.Fill(pagetest.ID("admin-ts"), said.TS)
	p.Click(pagetest.ID("admin-message-delete"))
	p.HasNone(bubble(said.TS))

	p.Click(pagetest.ID("token-revoke"))
	p.Sees(desks, "The tokens are worthless now.")
	_, err = d.api.AuthTest()
	require.EqualError(t, err, "token_revoked")
	p.Click(pagetest.ID("token-restore"))
	p.Sees(desks, "The tokens are valid.")
	d.say(general, "Before the reset")
	p.Sees(messages, "Before the reset")
	p.Shot("slack-administration")

	p.Click(pagetest.ID("reset"))
	p.Click(pagetest.ID("confirm-deny"))
	p.Click(pagetest.ID("reset"))
	p.Click(pagetest.ID("confirm-yes"))
	p.Lacks(messages, "Before the reset")
}
