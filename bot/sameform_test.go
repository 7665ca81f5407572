package bot_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// choosesSystem picks a system in the form to open a snafu, with some of it filled in.
func (w *workspace) choosesSystem(who, system string, typed slacksim.Values) *slacksim.View {
	w.t.Helper()
	_, err := w.form(who, "open").Press(w.ctx(), "System", slacksim.Choosing(system), slacksim.Filling(typed))
	require.NoError(w.t, err)
	require.Eventually(w.t, func() bool { return slices.ContainsFunc(w.sim.Traffic("api"), drawnAnew) }, patience, 5*time.Millisecond)
	require.NoError(w.t, w.sim.Idle(w.ctx()))
	return w.form(who, "open")
}

func drawnAnew(t slacksim.Traffic) bool { return t.Name == "views.update" }

func TestTheFormShowsWhatIsOpenOnASystemOnceItIsChosenAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ben", "#general", "/snafu open sev3 Salaries were shown --private --on crm --new")
	w.quiet()
	require.NoError(t, w.sim.Advance(3*time.Minute))

	w.slash("chi", "#general", "/snafu open")
	require.NotContains(t, w.form("chi", "open").Plain, "Is it one of these?", "nothing is chosen yet")
	typed := slacksim.Values{"title": "The stages look odd", "still": "yes", "severity": "3", "how": []string{"light"}}
	w.choosesSystem("chi", "The CRM", typed)
	form, err := w.sim.As("chi").Modal(w.ctx(), slacksim.Contains("Is it one of these?"))
	require.NoError(t, err)
	require.Contains(t, form.Plain, "Is it one of these?")
	require.Contains(t, form.Plain, "SNAFU-1, opened 3 min ago on crm")
	require.NotContains(t, form.Plain, "SNAFU-2", "a private one is not shown to whoever is not in it")
	kept := map[string]string{}
	for _, in := range form.Inputs {
		kept[in.BlockID] = in.Value
	}
	require.Equal(t, map[string]string{"title": "The stages look odd", "system": "The CRM", "still": "Yes", "severity": "SEV3", "how": "Light: a thread instead of a channel"}, kept)

	// To send it anyway is asked once; what was typed is what is opened.
	w.submit(form, slacksim.Values{})
	w.quiet()
	w.sees("chi", "#general", slacksim.OnlyForMe(), slacksim.Contains("Is it SNAFU-1, opened 3 min ago on crm?"))
	require.Equal(t, 2, w.count(`select count(*) from incidents`))
	w.settledPress("chi", "#general", "Open a new one")
	require.Equal(t, 1, w.count(`select count(*) from incidents where title = 'The stages look odd' and system = 'crm' and severity = 3 and light`))

	// Who joins from the form opens nothing: the form says where it goes on.
	w.slash("dev", "#general", "/snafu open")
	w.choosesSystem("dev", "The CRM", slacksim.Values{"title": "Leads moved"})
	form, err = w.sim.As("dev").Modal(w.ctx(), slacksim.Contains("SNAFU-1"))
	require.NoError(t, err)
	_, err = form.Press(w.ctx(), "Join it")
	require.NoError(t, err)
	w.quiet()
	told, err := w.sim.As("dev").Modal(w.ctx(), slacksim.Contains("You are in SNAFU-"))
	require.NoError(t, err)
	require.NotContains(t, told.Plain, "What happened?")
	require.Equal(t, 3, w.count(`select count(*) from incidents`))
	seen, err := w.sim.As("dev").Sees(ch)
	require.NoError(t, err)
	require.NotEmpty(t, seen)
	w.sound()
}

func TestAFormThatCannotBeDrawnAnewStaysAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("chi", "#general", "/snafu open")
	w.fault(slacksim.Fault{Kind: "api.error", Error: "fatal_error", Match: slacksim.Match{Method: "views.update"}, Always: true})
	form := w.choosesSystem("chi", "The CRM", slacksim.Values{"title": "The stages look odd"})
	require.NotContains(t, form.Plain, "Is it one of these?")
	w.sim.Unfault("")
	w.submit(form, slacksim.Values{})
	w.quiet()
	w.sees("chi", "#general", slacksim.OnlyForMe(), slacksim.Contains("Is it SNAFU-1"))
}
