package bot_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/bot/view"
)

// Guests, bots, deactivated accounts and people of another company act on nothing:
// by no verb, no form and no button, wherever it came from.
func TestWhoIsNoFullMemberChangesNothingByAnyVerbFormOrButton(t *testing.T) {
	t.Parallel()
	w := workspaceLike(t, slacksim.FrozenClock(time.Now()), slacksim.Workspace{}, func(o *bot.Options) {
		o.Log = slog.New(slog.DiscardHandler)
		o.PerPerson = bot.Rate{PerMinute: 60_000, Burst: 10_000}
		o.PerWorkspace = bot.Rate{PerMinute: 60_000, Burst: 10_000}
	})
	w.crm = newCRM(t)
	w.crm.also = []string{"ana"}
	w.joinedBy(strangers...).begin()
	ch, stamp := w.proposed()
	w.quiet()
	changed := func() int {
		return w.count(`select (select count(*) from journal where kind not like '%-refused/1') + (select count(*) from incidents) + (select count(*) from covers)`)
	}
	before := changed()
	room := w.channelID(ch)
	meta := view.Stamp{Incident: 1, Channel: room, Ref: "R1", Plan: stamp.Plan, Opened: w.now()}.String()
	fields := map[string]string{"title": "A look", "text": "a look", "why": "to have a look at it", "ref": "R1", "rows": "1176", "severity": "1", "to": w.id("ana").User()}
	for n, who := range []string{"gus", "zoe", "snafu"} {
		by := w.id(who)
		for _, verb := range bot.VerbNames() {
			for i, text := range []string{bot.VerbExample(verb), strings.Replace(bot.VerbExample(verb), verb, verb+" SNAFU-1", 1)} {
				key := fmt.Sprintf("outsider-%d-%s-%d", n, verb, i)
				_, err := w.bot.Hear(w.ctx(), "slash_commands", map[string]any{
					"command": "/snafu", "text": text, "team_id": by.Team(), "user_id": by.User(), "channel_id": room, "trigger_id": key,
				})
				require.NoError(t, err)
			}
			w.sends(verb, forgery{by: by, meta: meta, fields: fields})
		}
		for _, action := range bot.ActionNames() {
			w.presses(action, forgery{by: by, meta: meta, channel: room})
		}
		w.quiet()
		require.Equal(t, before, changed(), who)
	}
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.slash("ana", ch, "/snafu note a full member can")
	w.quiet()
	require.Equal(t, before+1, changed())
}
