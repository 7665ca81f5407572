package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
)

func TestACoverIsAskedForTakenAndShown(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, func(o *bot.Options) {
		o.RotaChannels = map[string]string{"crm-data": "#data-incidents"}
	})
	type deed struct{ who, types string }
	for _, d := range []deed{
		{"ana", "/snafu oncall"},
		{"chi", "/snafu cover anyone 13:00 18:00"},
		{"dev", ""},
		{"ana", "/snafu oncall crm-data 14:00"},
		{"chi", "/snafu cover @ben friday 18:00 monday 9:00 crm-data"},
		{"ben", "/snafu cover cancel C2"},
		{"ana", "/snafu cover @ana 13:00 14:00"},
		{"chi", "/snafu cover @gus 13:00 14:00"},
		{"chi", "/snafu cover 13:00"},
		{"chi", "/snafu cover nobody 13:00 14:00"},
		{"chi", "/snafu oncall sales"},
	} {
		if d.types == "" {
			w.press(d.who, "#data-incidents", "I'll take it")
		} else {
			w.slash(d.who, "#general", d.types)
		}
		w.quiet()
	}
	w.golden("cover", "#general", "#data-incidents")
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	require.Contains(t, w.sim.Transcript(ch), "Calling @chi (crm-data). Next: @dev at 12:10.", "who is on call now; then who covers")
}

func TestTheFormOfACoverAsksForTheSame(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.slash("chi", "#general", "/snafu cover")
	form := w.form("chi", "cover")
	res := w.submit(form, slacksim.Values{"rota": "crm-data", "from": "soon", "to": "18:00"})
	require.Equal(t, map[string]string{"from": "Write 18:00, tomorrow 9:00, friday 18:00 or 2026-03-28 18:00."}, res.Errors)
	w.submit(form, slacksim.Values{"rota": "crm-data", "who": "ben", "from": "13:00", "to": "18:00", "why": "dentist"})
	w.quiet()
	dm, err := w.sim.As("ben").Await(w.ctx(), "@snafu", slacksim.Contains("ben"))
	require.NoError(t, err)
	require.Contains(t, dm.Plain, "dentist")
}
