package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestMetricsGoFromActToActAndLeaveDrillsOut(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	w.slash("dev", "#general", "/snafu metrics 30d")
	w.quiet()
	w.slash("dev", "#general", "/snafu open sev3 We practise --drill")
	w.quiet()
	w.slash("ana", "#general", "/snafu open sev2 Leads moved to SQL by mistake --on crm")
	ch, err := w.sim.As("ana").AwaitChannel(w.ctx(), "#snafu-2")
	require.NoError(t, err)
	w.quiet()
	pass := func(minutes int) {
		require.NoError(t, w.sim.Advance(time.Duration(minutes)*time.Minute))
	}
	pass(3)
	w.press("chi", "@snafu", "On it")
	w.quiet()
	pass(17)
	w.slash("ana", ch.Name, "/snafu contain stopped Weekly stage sync")
	w.slash("ana", ch.Name, "/snafu triage 3 no")
	w.quiet()
	pass(600)
	w.slash("ana", ch.Name, "/snafu note change an edit long after")
	w.quiet()
	for _, line := range []string{"/snafu metrics", "/snafu metrics 1y crm", "/snafu metrics 7w"} {
		w.slash("dev", "#general", line)
		w.quiet()
	}
	w.sees("dev", "#general", slacksim.OnlyForMe(), slacksim.Contains("stop: 20 min"))
	w.golden("metrics", "#general")
}
