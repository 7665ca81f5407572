package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/incidents/response"
)

// The admins of the whole hear of an old calendar, and put others on call.
func TestTheAdminsOfTheWholeAreToldAndMayCover(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon), func(o *bot.Options) {
		o.Evidence = func(context.Context, incidents.ID) (incidents.Evidence, error) {
			return incidents.Evidence{Tally: &incidents.Tally{Unit: "leads", Run: "weekly-42", At: noon, Touched: 7, Wrong: 1, Left: 1, AsIntended: 3}}, nil
		}
	})
	w.helped = func(o *response.Options) {
		o.Admins = []incidents.Person{w.id("dev")}
		o.Sources[0].Admins = []incidents.Person{w.id("ana")}
	}
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	require.NoError(t, w.bot.TellOldCalendar(w.ctx(), response.OldCalendar{Rota: "crm-data", Good: noon.Add(-25 * time.Hour), Problem: "it is away"}))
	w.sees("dev", "@snafu", says("crm-data"))
	told, err := w.sim.As("ana").Sees("@snafu")
	require.NoError(t, err)
	require.Empty(t, told)
	ch := w.open("ben", "sev3 Leads moved to SQL by mistake")
	w.sees("dev", "@snafu", says("SNAFU-1: the counts do not add up"))

	// Of a private one they learn nothing.
	w.open("ben", "sev3 Somebody was paid twice --private")
	w.sees("ben", "@snafu", says("SNAFU-2 needs you"))
	told, err = w.sim.As("dev").Sees("@snafu")
	require.NoError(t, err)
	for _, m := range told {
		require.NotContains(t, m.Plain, "SNAFU-2")
	}

	w.settledSlash("dev", "#general", "/snafu cover @ana tomorrow 9:00 tomorrow 18:00 crm-data")
	require.Equal(t, 1, w.count(`select count(*) from covers where cancelled_at is null`))
	w.settledSlash("dev", "#general", "/snafu cover cancel C1")
	require.Zero(t, w.count(`select count(*) from covers where cancelled_at is null`))

	// Adding a system offers its admin, also with the first answer.
	w.settledSlash("ben", ch, "/snafu triage 1 crm")
	w.sees("ben", ch, mine, says("@ana"), slacksim.Shows("Call ana"))
}
