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

func TestAFormThatWasRefusedKeepsWhatWasTypedAndSaysWhy(t *testing.T) {
	t.Parallel()
	w, ch := countingWorkspace(t)
	says := slacksim.Contains
	w.slash("ana", ch, `/snafu count leads_above status="SQL"`)
	w.submit(w.form("ana", "count"), slacksim.Values{"param-above": "ten", "param-status": "SQL"})
	again, err := w.sim.As("ana").Modal(w.ctx(), slacksim.Callback("count"), says(`leads_above cannot take "ten" as above, which is a whole number.`))
	require.NoError(t, err)
	w.submit(again, slacksim.Values{"param-above": "2000"}) // the other one is still there
	_, err = w.sim.As("ana").Modal(w.ctx(), says("926 leads (leads_above above=2000 status=SQL)."))
	require.NoError(t, err)

	// A count that was told leads to the others.
	w.quiet()
	w.press("ana", ch, "Another count")
	w.submit(w.form("ana", "count"), slacksim.Values{"query": "crm.leads_above", "params": "status=SQL"})
	again, err = w.sim.As("ana").Modal(w.ctx(), slacksim.Callback("count"), says("leads_above needs above."))
	require.NoError(t, err)
	w.submit(again, slacksim.Values{"params": "status=SQL\nabove=2900"})
	_, err = w.sim.As("ana").Modal(w.ctx(), says("26 leads (leads_above above=2900 status=SQL)."))
	require.NoError(t, err)
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from counted`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
}

func TestAllCountsOfAnIncidentAreAskedAtOnceAndOneThatIsRefusedStopsNoOther(t *testing.T) {
	t.Parallel()
	w, ch := countingWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	w.slash("ana", ch, "/snafu count all")
	w.sees("ana", ch, mine, says("74 leads (customers)."), says("Not counted: leads_of_run needs run."), says("Not counted: leads_above needs above."))
	w.quiet()
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926 to decide"))
	w.quiet()
	w.slash("ana", ch, "/snafu count all")
	w.sees("ana", ch, mine, says("2,926 leads touched by weekly-42."), says("74 leads (customers)."), says("1 group of leads (leads_of_run run=weekly-42)."))
	w.sees("ben", ch, says("1 group of leads · leads_of_run"))
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'measured/1'`))
	require.Equal(t, 5, w.count(`select count(*) from counted`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome <> 'effect'`))
	w.sound()
}

// slowly is a source whose questions take until they are let go.
type slowly struct {
	source.Reader
	let       chan struct{}
	at        *atomic.Int64 // questions at work
	most      *atomic.Int64
	cancelled *atomic.Int64
}

func (s slowly) Count(ctx context.Context, q rollback.Question) (rollback.Found, error) {
	s.most.Store(max(s.most.Load(), s.at.Add(1)))
	defer s.at.Add(-1)
	select {
	case <-s.let:
		return s.Reader.Count(ctx, q)
	case <-ctx.Done():
		s.cancelled.Add(1)
		return rollback.Found{}, ctx.Err()
	}
}

func TestANamedCountThatTakesLongIsShownCanBeCancelledAndIsAskedAlone(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), func(o *bot.Options) { o.CountShown = 100 * time.Millisecond })
	w.crm = newCRM(t)
	w.crm.asks = crmQueries()
	s := slowly{Reader: w.crm.read, let: make(chan struct{}), at: &atomic.Int64{}, most: &atomic.Int64{}, cancelled: &atomic.Int64{}}
	w.reader = func(string) (source.Reader, error) { return s, nil }
	w.begin()
	says := slacksim.Contains
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")

	w.slash("ana", ch, "/snafu count customers")
	w.sees("ana", ch, says("so far"))
	w.press("ana", ch, "Cancel the count")
	w.sees("ana", ch, says("the count ended without a result after"), says("The count was cancelled by @ana."))
	w.quiet()
	require.EqualValues(t, 1, s.cancelled.Load(), "the source was told to stop")
	require.Zero(t, w.count(`select count(*) from counted`))

	w.slash("ana", ch, "/snafu count customers")
	w.slash("ana", ch, "/snafu count addresses")
	w.sees("ana", ch, says("so far"))
	close(s.let)
	w.sees("ana", ch, says("74 leads"))
	w.sees("ben", ch, says("2 groups of leads"))
	w.quiet()
	require.EqualValues(t, 1, s.most.Load(), "a source counts one thing at a time")
	require.Equal(t, 2, w.count(`select count(*) from counted`))
}
