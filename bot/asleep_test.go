package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/response"
	"snafu/incidents/rota"
)

// sleeps lets nobody answer the newest call of the only incident until its next
// step is due, and lets that follow.
func (w *workspace) sleeps() {
	w.t.Helper()
	p := w.newestCall()
	step, _ := p.Step()
	require.NoError(w.t, w.sim.Advance(step.Due.Sub(w.sim.Now())))
	require.False(w.t, awaited(w, w.response.Escalate, response.Escalate{Incident: 1, Page: p.ID, Step: int64(len(p.Steps)) + 1}))
}

func (w *workspace) newestCall() incidents.Page {
	w.t.Helper()
	pages, err := w.response.Pages(w.ctx(), 1)
	require.NoError(w.t, err)
	require.NotEmpty(w.t, pages)
	return pages[len(pages)-1]
}

func TestEverybodyIsAsleepUntilTheSecondCall(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.helped = func(o *response.Options) {
		o.Ladder = response.Ladder{Fallback: "Data hotline, +44 20 7946 0000"}
		o.Sources[0].Admins = []incidents.Person{w.id("dev")}
	}
	w.begin()
	ch := w.open("ana", "sev1 Leads moved to SQL by mistake --on crm")
	for range 3 { // who is on call, the next, the admins
		w.sleeps()
	}
	require.Equal(t, incidents.PageUnanswered, w.newestCall().State)
	w.press("ana", ch, "Call again")
	w.quiet()
	w.sleeps()
	w.press("ben", "@snafu", "On it")
	w.quiet()
	w.slash("ana", ch, "/snafu status")
	w.quiet()
	w.golden("everybody-asleep", ch)
}

func TestNobodyIsOnCallAndTheNextStepFollowsAtOnce(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.helped = func(o *response.Options) {
		none, err := o.Rotas[0].With(rota.Override{From: noon.Add(-time.Hour), To: noon.Add(time.Hour)})
		require.NoError(t, err)
		o.Rotas, o.Ladder.Fallback = []rota.Rota{none}, "Data hotline, +44 20 7946 0000"
		o.Ladder.Steps = []response.Step{{Kind: response.StepOnCall}, {Kind: response.StepAdmins}}
		o.Sources[0].Admins = []incidents.Person{w.id("dev")}
	}
	w.begin()
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu oncall")
	w.quiet()
	w.press("dev", "@snafu", "Can't, next")
	w.quiet()
	w.golden("nobody-on-call", ch)
}

func TestWhoAnsweredAndFallsSilentIsAskedAndThenTheCallGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev1 Leads moved to SQL by mistake --on crm")
	w.press("chi", "@snafu", "On it")
	w.quiet()
	still := response.StillOnIt{Incident: 1, Page: 1, Answer: w.newestCall().AnsweredAt.UnixMicro()}
	require.NoError(t, w.sim.Advance(30*time.Minute))
	require.True(t, awaited(w, w.response.StillOnIt, still))
	w.press("chi", "@snafu", "Still on it")
	w.quiet()
	require.NoError(t, w.sim.Advance(30*time.Minute))
	require.True(t, awaited(w, w.response.StillOnIt, still))
	require.NoError(t, w.sim.Advance(5*time.Minute))
	require.False(t, awaited(w, w.response.StillOnIt, still))
	w.press("ben", "@snafu", "On it")
	w.quiet()
	w.golden("still-on-it", ch)
}

func TestWhoIsOnItSaysWhenTheyAreAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev1 Leads moved to SQL by mistake --on crm")
	w.press("chi", "@snafu", "On it")
	w.quiet()
	still := response.StillOnIt{Incident: 1, Page: 1, Answer: w.newestCall().AnsweredAt.UnixMicro()}
	require.NoError(t, w.sim.Advance(30*time.Minute))
	require.True(t, awaited(w, w.response.StillOnIt, still))
	w.press("chi", "@snafu", "Ask me later")
	w.submit(w.form("chi", "ack"), slacksim.Values{"every": "2h", "why": "the vendor calls back at noon"})
	w.quiet()
	require.False(t, awaited(w, w.response.StillOnIt, still), "another job looks after it")
	for _, line := range []string{"/snafu ack every now", "/snafu ack every off", "/snafu ack every off chi sits beside me"} {
		w.slash("ana", ch, line)
		w.quiet()
	}
	w.golden("asked-later", ch)
}

func TestAHandOverIsToldInTheChannelOfTheRota(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon), func(o *bot.Options) {
		o.RotaChannels = map[string]string{"crm-data": "#data-incidents"}
	})
	w.begin()
	look := func() {
		require.NoError(t, w.response.Handovers(w.ctx()))
		w.quiet()
	}
	does := func(line string) {
		w.slash("chi", "#general", line)
		w.quiet()
	}
	require.NoError(t, w.response.KeepRotas(w.ctx()))
	look()
	w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	does("/snafu cover @dev 13:00 18:00")
	does("/snafu cover add @ben 14:00 18:00")
	for _, at := range []time.Duration{time.Hour, 2 * time.Hour, 6 * time.Hour} {
		require.NoError(t, w.sim.Advance(noon.Add(at).Sub(w.sim.Now())))
		look()
	}
	require.NoError(t, w.sim.Advance(36*time.Hour))
	look()
	does("/snafu oncall")
	does("/snafu oncall crm-data 2036-03-28 14:30")
	does("/snafu oncall crm-data yesterday 10:00")
	w.golden("hand-over-of-the-rota", "#general", "#data-incidents")
}
