package bot_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhateverAnAdministratorDoesTheIncidentGoesOn(t *testing.T) {
	t.Parallel()
	w := faulty(t)
	admin := w.sim.Admin()
	goesOn := func(ta *tale) {
		w.t.Helper()
		w.settles()
		w.sees("ana", "@snafu", slacksim.Contains(ta.id.String()+": Slack does not let me use"), slacksim.Contains("I go on in #data-incidents"))
	}
	opened := func(name string, play func(*tale)) {
		w.each(name, func(ta *tale) {
			ta.open()
			w.settles()
			ta.channel()
			play(ta)
		})
	}
	opened("the cards are deleted", func(ta *tale) {
		messages, err := w.sim.As("ana").Sees("#" + ta.ch)
		require.NoError(w.t, err)
		for _, m := range messages {
			if m.Bot && m.Subtype == "" && !strings.Contains(m.Plain, "Take a breath") { // nothing of it changes
				require.NoError(w.t, admin.DeleteMessage("#"+ta.ch, m.TS))
			}
		}
		ta.answer()
		ta.note()
	})
	opened("the channel is archived", func(ta *tale) {
		require.NoError(w.t, admin.Channel("#"+ta.ch, slacksim.ChannelChange{Archived: ptr(true)}))
		ta.note()
		ta.answer()
		goesOn(ta)
	})
	opened("the channel is deleted", func(ta *tale) {
		id := w.channelID(ta.ch)
		require.NoError(w.t, admin.Channel(id, slacksim.ChannelChange{Deleted: ptr(true)}))
		ta.note()
		ta.answer()
		goesOn(ta)
		ta.gone = true
	})
	opened("the bot is removed from the channel", func(ta *tale) {
		require.NoError(w.t, admin.Kick("#"+ta.ch, "snafu"))
		ta.note()
		ta.answer()
		goesOn(ta)
	})
	opened("the channel is renamed", func(ta *tale) {
		require.NoError(w.t, admin.Channel("#"+ta.ch, slacksim.ChannelChange{Name: ptr(ta.ch + "-again")}))
		ta.answer()
		ta.note()
		ta.renamed = ta.ch + "-again"
	})
	opened("the channel is shared with strangers", func(ta *tale) {
		require.NoError(w.t, admin.Channel("#"+ta.ch, slacksim.ChannelChange{Shared: ptr("external")}))
		ta.answer()
		ta.note()
	})
	opened("the lead becomes a guest", func(ta *tale) {
		ta.answer()
		ta.note()
		w.settles()
		before := w.count(`select count(*) from journal`)
		require.NoError(w.t, admin.Person("ana", slacksim.PersonChange{Guest: ptr("multi")}))
		w.forget()
		act := w.slash("ana", "#"+ta.ch, "/snafu note I am a guest by now")
		require.Equal(w.t, "acked", act.Deliveries[0].State)
		w.settles()
		w.sees("ana", "#"+ta.ch, slacksim.OnlyForMe(), slacksim.Contains("Only full members of this workspace can do that, and this account is a guest."))
		require.Equal(w.t, before, w.count(`select count(*) from journal`))
		require.NoError(w.t, admin.Person("ana", slacksim.PersonChange{Guest: ptr("none")}))
		w.forget()
	})
	opened("the lead is deactivated", func(ta *tale) {
		ta.answer()
		ta.note()
		w.settles()
		require.NoError(w.t, admin.Person("ana", slacksim.PersonChange{Deactivated: ptr(true)}))
		w.slash("ben", "#general", "/snafu note "+ta.id.String()+" ana has left")
		w.settles()
		ta.once(ta.seen(), "ana has left")
		require.NoError(w.t, admin.Person("ana", slacksim.PersonChange{Deactivated: ptr(false)}))
	})
	for _, scope := range []string{"chat:write", "channels:manage", "pins:write", "channels:read"} {
		w.each("the scope is taken away: "+scope, func(ta *tale) {
			require.NoError(w.t, admin.RevokeScopes(scope))
			ta.all()
			w.waits()
			if scope != "channels:read" { // nothing was asked with it
				require.ErrorContains(w.t, w.bot.Health().Err, "missing_scope")
			}
			require.NoError(w.t, admin.GrantScopes(scope))
		})
	}
	w.each("the token is taken away and given back", func(ta *tale) {
		ta.open()
		w.settles()
		require.NoError(w.t, admin.RevokeToken())
		ta.answer()
		ta.note()
		w.waits()
		require.ErrorContains(w.t, w.bot.Health().Err, "token_revoked")
		require.NoError(w.t, admin.RestoreToken())
	})
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead' and step not similar to '(topic|pin|invite)%'`))
}
