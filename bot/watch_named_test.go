package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/rollback/count"
)

func TestANamedCountIsWatchedAndTheChannelHearsOfItsChanges(t *testing.T) {
	t.Parallel()
	w, ch := countingWorkspace(t)
	says := slacksim.Contains
	beat := func() {
		t.Helper()
		_, err := w.counts.Beat(w.ctx())
		require.NoError(t, err)
		w.quiet()
	}
	w.slash("ana", ch, "/snafu watch customers every 5m for 2h")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Watched: customers every 5 min until "), says("/snafu unwatch customers ends it."))
	w.slash("ana", ch, "/snafu watch leads_above status=SQL every 5m")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("leads_above needs above."))
	w.quiet()
	beat()
	w.sees("ben", ch, says("74 leads"), says("customers"), says("asked by snafu"))
	w.sees("ben", ch, slacksim.IsPinned(), says("watched: customers every 5 min until "))

	w.crm.exec(`update crm.lead set lead_status = 'SQL' where id between 2927 and 2930`)
	for range 2 {
		require.NoError(t, w.sim.Advance(5*time.Minute))
		beat()
	}
	w.sees("ben", ch, says("customers: 74 -> 70 leads (-4) since "))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'named-changed/1'`), "once")

	w.slash("ana", ch, "/snafu unwatch customers")
	w.sees("ben", ch, says("The watch of customers was ended by @ana."), says("Start it again: /snafu watch customers."))
	w.slash("ana", ch, "/snafu unwatch customers")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Nothing is watched here."))
	w.quiet()
}

func TestForAndEveryInQuotesBelongToAValue(t *testing.T) {
	t.Parallel()
	got, err := bot.ReadSchedule(`leads_above status="Waiting for every call" above=7 for 2h`)
	require.NoError(t, err)
	require.Equal(t, count.Schedule{Run: `leads_above status="Waiting for every call" above=7`, For: 2 * time.Hour}, got)
}
