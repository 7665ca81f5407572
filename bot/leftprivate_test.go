package bot_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/bot/view"
	"snafu/incidents"
)

// Who reported a private snafu and was taken out of its channel since, because
// they had a part in it for one, knows no more of it than anybody else.
func TestWhoIsNoLongerInTheChannelOfAPrivateSnafuKnowsNothingOfIt(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	general := slacksim.OnlyForMe()
	w.looks("ana")
	ch := w.open("ana", "sev2 Salaries were shown to everyone --on crm --private")
	w.home("ana", slacksim.Contains("Salaries"))
	w.press("chi", "@snafu", "On it")
	w.quiet()
	w.slash("ana", ch, "/snafu lead @chi")
	w.quiet()
	w.slash("chi", ch, "/snafu lead accept")
	w.quiet()
	w.slash("ana", "#general", "/snafu metrics")
	w.quiet()
	w.sees("ana", "#general", general, slacksim.Contains("1 snafu"))

	require.NoError(t, w.sim.Admin().Kick(ch, "ana"))
	w.forget()
	w.slash("ana", "#general", "/snafu status SNAFU-1")
	w.quiet()
	w.sees("ana", "#general", general, slacksim.Contains("There is no SNAFU-1 that you can see"))
	w.slash("ana", "#general", "/snafu list mine")
	w.quiet()
	w.slash("chi", ch, "/snafu note they are out")
	w.quiet()
	w.looks("ana")
	w.home("ana", slacksim.Not(slacksim.Contains("Salaries")))
	for _, who := range []string{"ana", "dev"} {
		w.slash(who, "#general", "/snafu metrics")
		w.quiet()
		heard := w.whispers(who, "general")
		require.Contains(t, heard[len(heard)-1], "No snafu", "figures of one snafu are its own")
	}
	for _, words := range w.whispers("ana", "general") {
		require.NotContains(t, words, "Salaries")
	}
}

// Who was taken out between the press and its answer is not told elsewhere what was
// meant for a member.
func TestAnAnswerThatComesTooLateForAMemberIsNotWrittenToThemDirectly(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Salaries were shown to everyone --on crm --private")
	room := w.channelID(ch)
	stamp := view.Stamp{Incident: 1, Channel: room}.String()
	before := len(w.direct("dev"))
	require.Equal(t, "effect", w.ended(w.presses("status.show", forgery{by: w.id("dev"), meta: stamp, channel: room})))
	w.quiet()
	require.Len(t, w.direct("dev"), before)
}

// The same words within a minute are the same snafu, unless one of the two is to
// be private: who goes on in the other would tell everybody.
func TestTheSameTitleInPrivateIsAnotherSnafu(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	w.open("ana", "sev3 Salaries were shown to everyone")
	w.slash("ana", "#general", "/snafu open sev3 Salaries were shown to everyone --private")
	w.quiet()
	w.slash("ana", "#general", "/snafu open sev3 Salaries were shown to everyone --private")
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from incidents where private`))
	require.Equal(t, 2, w.count(`select count(*) from incidents`))
}

func TestCountsOfAPrivateSnafuThatDoNotAddUpAreNotToldByDirectMessage(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, func(o *bot.Options) {
		o.Evidence = func(context.Context, incidents.ID) (incidents.Evidence, error) {
			return incidents.Evidence{Tally: &incidents.Tally{
				Unit: "leads", Run: "weekly-42", At: noon, Touched: 2926, Wrong: 1176, Left: 1176, AsIntended: 1700,
			}}, nil
		}
	})
	ch := w.open("ana", "sev3 Salaries were shown to everyone --on crm --private")
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("The counts do not add up"))
	told := w.direct("ana")
	require.Len(t, told, 1)
	require.Contains(t, told[0].Plain, "SNAFU-1 needs you")
	require.NotContains(t, told[0].Plain+told[0].Text, "1,176")
}
