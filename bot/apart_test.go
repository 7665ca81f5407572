package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// Of two private snafus each has members who may not know that there is the other.
func TestTwoRelatedPrivateSnafusNameEachOtherToMembersOfBothAlone(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	one := w.open("ana", "sev3 Salaries were shown to everyone --private")
	w.settledSlash("ana", "#general", "/snafu open sev3 A former colleague reads mail --private --new")
	other := "#snafu-2-a-former-colleague-reads-mail"
	_, err := w.sim.As("ana").Invites(w.ctx(), one, "ben")
	require.NoError(t, err)
	_, err = w.sim.As("ana").Invites(w.ctx(), other, "chi")
	require.NoError(t, err)
	w.quiet()
	w.settledSlash("ben", one, "/snafu relate SNAFU-2 see")
	w.sees("ben", one, mine, says("There is no SNAFU-2 that you can see"))
	w.settledSlash("ana", one, "/snafu relate SNAFU-2 cause")
	w.sees("ben", one, says("@ana related it to a private snafu."))
	w.sees("chi", other, says("@ana related it to a private snafu."))

	w.settledSlash("ana", one, "/snafu status")
	w.sees("ana", one, mine, says("Related, for members of both alone: caused by SNAFU-2."))
	w.settledSlash("ben", one, "/snafu status")
	w.settledSlash("ben", one, "/snafu timeline")
	w.settledSlash("chi", other, "/snafu status")
	for _, reader := range []struct{ who, in, key string }{{"ben", one, "SNAFU-2"}, {"chi", other, "SNAFU-1"}} {
		seen, err := w.sim.As(reader.who).Sees(reader.in)
		require.NoError(t, err)
		for _, m := range seen {
			if reader.who != "ben" || m.Plain != w.refusedKey("SNAFU-2") {
				require.NotContains(t, m.Plain+m.Text, reader.key, reader.who)
			}
		}
	}
	require.Equal(t, 2, w.happened("related-apart/1"))
	require.Zero(t, w.happened("related/1"))
	w.sound()
}

// refusedKey is what somebody reads of a key that they typed themselves.
func (w *workspace) refusedKey(key string) string {
	return "There is no " + key + " that you can see. /snafu list shows the open ones."
}

// That somebody is in a private channel is believed for a moment, but not once they
// have left it.
func TestWhoLeavesAPrivateChannelIsForgottenAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Salaries were shown to everyone --private")
	_, err := w.sim.As("ana").Invites(w.ctx(), ch, "ben")
	require.NoError(t, err)
	w.quiet()
	w.settledSlash("ben", "#general", "/snafu status SNAFU-1")
	w.sees("ben", "#general", mine, says("Salaries"))
	_, err = w.sim.As("ben").Leaves(w.ctx(), ch)
	require.NoError(t, err)
	w.quiet()
	w.settledSlash("ben", "#general", "/snafu status SNAFU-1")
	w.sees("ben", "#general", mine, says("There is no SNAFU-1 that you can see"))
}
