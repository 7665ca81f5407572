package bot_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/incidents"
)

func TestCountsThatDoNotAddUpAlarmOnceAndNeverBecomeANumber(t *testing.T) {
	t.Parallel()
	var right atomic.Int64
	right.Store(1700)
	w := newWorkspace(t, func(o *bot.Options) {
		o.Evidence = func(context.Context, incidents.ID) (incidents.Evidence, error) {
			return incidents.Evidence{Tally: &incidents.Tally{
				Unit: "leads", Run: "weekly-42", At: noon, Touched: 2926, Wrong: 1176, Left: 1176, AsIntended: right.Load(),
			}}, nil
		}
	})
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	const both = "the counts do not add up: touched 2,926, but wrong 1,176 + as intended 1,700 + undecided 0 = 2,876."
	card, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.IsPinned())
	require.NoError(t, err)
	require.Contains(t, card.Plain, "The"+both[len("the"):])
	require.NotContains(t, card.Plain, "were wrong")
	alarms := func() (n int) {
		messages, err := w.sim.As("ana").Sees("@snafu")
		require.NoError(t, err)
		for _, m := range messages {
			if strings.Contains(m.Plain, "SNAFU-1: "+both) {
				n++
			}
		}
		return n
	}
	require.Equal(t, 1, alarms())
	w.slash("ana", ch, "/snafu triage 9 none")
	w.quiet()
	require.Equal(t, 1, alarms(), "the Summary is drawn again and again, and the alarm is not")
	right.Store(1701)
	w.slash("ana", ch, "/snafu triage 4 lead_status is SQL")
	w.quiet()
	_, err = w.sim.As("ana").Await(w.ctx(), "@snafu", slacksim.Contains("as intended 1,701"))
	require.NoError(t, err, "another contradiction is news")
}
