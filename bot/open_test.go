package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestATitleIsEnoughToOpen(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	_, err := w.sim.As("ana").Await(w.ctx(), "#general", slacksim.OnlyForMe(), slacksim.Contains("you lead it"))
	require.NoError(t, err)
	w.quiet()
	w.golden("open", ch, "#general")
}

func TestAnUnknownWordIsAnsweredWithTheNearestOne(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	act := w.slash("ana", "#general", "/snafu aprove R1")
	require.Contains(t, act.Shown, "Did you mean approve?")
	w.slash("ana", "#general", "/snafu frobnicate")
	w.quiet()
	w.golden("unknown-verb", "#general")
}
