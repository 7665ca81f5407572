package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func (w *workspace) reacts(who, in, ts, emoji string, away bool) {
	w.t.Helper()
	do := w.sim.As(who).Reacts
	if away {
		do = w.sim.As(who).Unreacts
	}
	_, err := do(w.ctx(), in, ts, emoji)
	require.NoError(w.t, err)
	w.quiet()
}

func TestAPinnedMessageStandsInTheTimelineUntilThePinIsTakenOff(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	w.fault(slacksim.Fault{Kind: "event.duplicate", Copies: 10, Match: slacksim.Match{Event: "reaction_added"}, Always: true})

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	_, err := w.sim.As("ana").Invites(w.ctx(), ch, "ben", "gus")
	require.NoError(t, err)
	said, err := w.sim.As("ben").Says(w.ctx(), ch, "@chi the sync was switched on at 08:40")
	require.NoError(t, err)
	file, err := w.sim.As("ben").Uploads(w.ctx(), ch, said.TS, "list-7.csv", []byte("id\n1\n"))
	require.NoError(t, err)
	require.NoError(t, w.sim.Advance(5*time.Minute))

	w.reacts("gus", ch, said.TS, "pushpin", false)
	require.Zero(t, w.count(`select count(*) from journal where kind = 'pinned/1'`), "a guest puts nothing on the timeline")
	w.reacts("ana", ch, said.TS, "tada", false)
	w.reacts("ana", ch, said.TS, "pushpin", false)
	w.reacts("ben", ch, said.TS, "pushpin", false)
	w.reacts("ana", ch, file.TS, "pushpin", false)
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'pinned/1'`), "ten deliveries and two people are one entry")
	require.Equal(t, "eyes", w.sees("ana", ch, says("the sync was switched on")).Reactions[2].Name)

	w.slash("ana", ch, "/snafu timeline")
	w.quiet()
	list := w.sees("ana", ch, mine, says("pinned by @ana: @ben wrote: @chi the sync was switched on at 08:40"))
	require.Contains(t, list.Plain, "12:00", "the message's own time")
	require.Contains(t, list.Plain, "list-7.csv")

	w.reacts("gus", ch, said.TS, "pushpin", true)
	w.reacts("ana", ch, said.TS, "pushpin", true)
	require.Zero(t, w.count(`select count(*) from journal where kind = 'entry-withdrawn/1'`), "ben's pin is still there")
	w.reacts("ben", ch, said.TS, "pushpin", true)
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'entry-withdrawn/1'`))
	w.slash("ana", ch, "/snafu timeline")
	w.quiet()
	w.sees("ana", ch, mine, says("withdrawn by @ben"))

	elsewhere, err := w.sim.As("ben").Says(w.ctx(), "#data-incidents", "not here")
	require.NoError(t, err)
	w.reacts("ben", "#data-incidents", elsewhere.TS, "pushpin", false)
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'pinned/1'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
	w.golden("pinned-and-withdrawn", ch, "#data-incidents")

	w.reacts("ana", ch, said.TS, "clipboard", false)
	w.sees("ana", ch, mine, says("A follow-up of this message?"))
	w.press("ana", ch, "Make a follow-up")
	require.Equal(t, "@chi the sync was switched on at 08:40", input(t, w.form("ana", "todo"), "text"))
}
