package bot_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
	"snafu/rollback/source"
)

// trap is a source that breaks down with a record's value in its hand.
type trap struct{ source.Reader }

func TestAPanicIsToldToWhoeverAskedAndTheBotGoesOnWithoutNamingTheValue(t *testing.T) {
	t.Parallel()
	const value = "lead17@customer.example"
	var log logged
	var armed atomic.Bool
	w := quietWorkspace(t, slacksim.FrozenClock(noon), func(o *bot.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Sources = []bot.Source{{Name: "crm", Title: "The CRM", Tables: []bot.Table{{Name: "lead", Unit: "leads", Set: []string{"lead_status"}}}}}
		o.Evidence = func(context.Context, incidents.ID) (incidents.Evidence, error) {
			if armed.Load() {
				panic(value)
			}
			return incidents.Evidence{}, nil
		}
	})
	w.reader = func(string) (source.Reader, error) { return trap{}, nil }
	w.begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")

	// A form whose drawing breaks says so, instead of loading for ever.
	w.slash("ana", ch, "/snafu triage 2")
	told, err := w.sim.As("ana").Modal(w.ctx(), slacksim.Contains("broke on my side"))
	require.NoError(t, err)
	require.NotContains(t, told.Plain, value)

	// An act that breaks is tried again, and then given up in words.
	armed.Store(true)
	w.slash("ana", ch, "/snafu status")
	require.Eventually(t, func() bool {
		return w.count(`select count(*) from receipts where tries > 0 and outcome is null or outcome = 'failed'`) > 0
	}, patience, 10*time.Millisecond)
	armed.Store(false)
	w.quiet()
	w.slash("ana", ch, "/snafu note campaign 7 was copied")
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'noted/1'`))
	require.NotContains(t, log.String(), value)
	require.NotContains(t, w.told(), value)
	require.Contains(t, log.String(), "panicked")
}
