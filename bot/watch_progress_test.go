package bot_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/rollback"
	"snafu/rollback/source"
)

// long is a source that counts until it is let go or cancelled.
type long struct {
	here
	let       chan struct{}
	cancelled *atomic.Int64
}

func (l long) StateTable(ctx context.Context, s rollback.Scope) (rollback.StateTable, error) {
	select {
	case <-l.let:
		return l.here.StateTable(ctx, s)
	case <-ctx.Done():
		l.cancelled.Add(1)
		return rollback.StateTable{}, ctx.Err()
	}
}

func TestALongCountIsShownAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon), func(o *bot.Options) { o.CountShown = 100 * time.Millisecond })
	w.crm = newCRM(t)
	l := long{let: make(chan struct{}), cancelled: &atomic.Int64{}}
	l.here = here{w.crm.read, w.db.Clock}
	var slow atomic.Bool
	w.reader = func(string) (source.Reader, error) {
		if slow.Load() {
			return l, nil
		}
		return l.here, nil
	}
	w.begin()
	says := slacksim.Contains
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	require.NoError(t, w.sim.Advance(time.Minute))
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.quiet()
	require.NoError(t, w.sim.Advance(time.Minute))
	slow.Store(true)
	shown := w.count(`select count(*) from messages where kind like 'counting:%'`)

	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says("so far"))
	w.press("ana", ch, "Cancel the count")
	w.sees("ana", ch, says("the count ended without a result after"), says("The count was cancelled by @ana."))
	w.quiet()
	require.EqualValues(t, 1, l.cancelled.Load(), "the source was told to stop")
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'measured/1'`))

	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says("so far"))
	close(l.let)
	w.sees("ana", ch, says("SNAFU-1: counted in "))
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'measured/1'`))
	require.Equal(t, shown+2, w.count(`select count(*) from messages where kind like 'counting:%'`), "one message each, edited")
}
