package bot_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/count"
	"snafu/rollback/source"
	"snafu/rollback/source/postgres"
)

// here is the sample source as it would be if its clock were that of the test,
// so that every time in a transcript is the same each day.
type here struct {
	source.Reader
	now func() time.Time
}

func (h here) Runs(ctx context.Context, table string, _ time.Time) ([]rollback.RunSeen, error) {
	return h.Reader.Runs(ctx, table, time.Now().Add(-24*time.Hour))
}

func (h here) StateTable(ctx context.Context, s rollback.Scope) (rollback.StateTable, error) {
	t, err := h.Reader.StateTable(ctx, s)
	t.At = h.now()
	return t, err
}

func (h here) Members(ctx context.Context, s rollback.Scope) (int64, time.Time, error) {
	n, _, err := h.Reader.Members(ctx, s)
	return n, h.now(), err
}

// watches moves the clock on and lets the metronome beat once.
func (w *workspace) watches(after time.Duration) {
	w.t.Helper()
	require.NoError(w.t, w.sim.Advance(after))
	asked, err := w.counts.Beat(w.ctx())
	require.NoError(w.t, err)
	require.Equal(w.t, 1, asked, "one count is due")
	w.quiet()
}

func TestAWatchSpeaksOnlyWhenSomethingChanges(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.crm = newCRM(t)
	w.crm.exec(`delete from crm.campaign_member where run = 'weekly-42' and lead_id > 2500`)
	nobody := w.crm.opt
	nobody.CountURL = "postgres://snafu_count@127.0.0.1:1/crm"
	away, err := postgres.OpenReader(t.Context(), nobody)
	require.NoError(t, err)
	t.Cleanup(away.Close)
	var reads atomic.Value
	reads.Store(w.crm.read)
	w.reader = func(string) (source.Reader, error) { return here{reads.Load().(source.Reader), w.db.Clock}, nil }
	w.begin()
	joins := func(from, to int) {
		w.crm.exec(`insert into crm.campaign_member (run, lead_id, joined_at) select 'weekly-42', g, now() from generate_series($1::int, $2::int) g`, from, to)
	}

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	require.NoError(t, w.sim.Advance(time.Minute))
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.quiet()
	joins(2501, 2926)
	w.watches(15 * time.Minute) // it grows
	joins(2927, 2930)
	w.watches(15 * time.Minute) // and grows: an edit
	w.slash("ana", ch, "/snafu contain stopped Weekly stage sync (was on, now off)")
	w.quiet()
	w.watches(time.Minute) // nothing new, once
	w.watches(time.Minute) // twice: it has stopped
	w.watches(time.Minute) // nothing to say
	reads.Store(away)
	w.watches(time.Minute) // crm is away
	w.watches(time.Minute) // still: nothing to say
	reads.Store(w.crm.read)
	w.watches(time.Minute) // it is back
	// Not typed: whether she is answered before the Summary is edited is chance.
	require.NoError(t, w.counts.Watch(w.ctx(), journal.Act{By: w.id("ana").Actor(), Key: "receipt:ana-watches"}, 1, count.Schedule{Every: 30 * time.Minute, For: time.Hour}))
	w.quiet()
	w.watches(time.Minute) // for ten minutes after the act it counts each minute
	w.slash("ana", ch, "/snafu watch weekly-99")
	w.quiet()
	require.NoError(t, w.sim.Advance(58*time.Minute))
	w.watches(time.Minute) // its time is up
	w.slash("ana", ch, "/snafu unwatch")
	w.quiet()
	w.golden("watch", "#"+ch)

	w.slash("ana", ch, "/snafu watch every 45m for 2h")
	w.sees("ana", ch, slacksim.OnlyForMe(), slacksim.Contains("weekly-42 is watched every 45 min until "), slacksim.Contains("/snafu unwatch ends it."))
	w.quiet()
}

func TestTheWordsBehindWatchAreRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]count.Schedule{
		"":                                    {},
		"weekly-42":                           {Run: "weekly-42"},
		"every 15m for 24h":                   {Every: 15 * time.Minute, For: 24 * time.Hour},
		"weekly-42 every 15 min for 2 days":   {Run: "weekly-42", Every: 15 * time.Minute, For: 48 * time.Hour},
		"for 1h30m every hour Weekly stage 7": {Run: "Weekly stage 7", Every: time.Hour, For: 90 * time.Minute},
	} {
		got, err := bot.ReadSchedule(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"every", "every now", "for ever", "every 0m", "every -5m", "every 99999999999h"} {
		_, err := bot.ReadSchedule(text)
		require.ErrorContains(t, err, "is not a length of time", text)
	}
}
