package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/response"
)

// What was asked of people while a snafu was open is asked of nobody once it is
// over: not the answer to a call, not the lead.
func TestOnceItIsOverNobodyIsAskedForAnythingMore(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, withAnnouncements)
	ch := w.open("ana", "sev2 Leads moved to SQL by mistake --on crm")
	w.slash("dev", "#general", "/snafu lead SNAFU-1 I am on shift")
	w.quiet()
	w.slash("ana", ch, "/snafu cancel the test data was meant to be so")
	w.quiet()
	w.sees("ana", ch, slacksim.Contains("Cancelled by @ana"))
	told := map[string]int{}
	for _, who := range everybody {
		told[who] = len(w.direct(who))
	}
	said, err := w.sim.As("ana").Sees(ch)
	require.NoError(t, err)

	require.NoError(t, w.sim.Advance(10*time.Minute))
	w.wake(response.Escalate{Incident: 1, Page: 1, Step: 1})
	w.leadDue(time.Second)
	require.Equal(t, 1, w.count(`select count(*) from lead_offers where state = 'expired'`))
	for _, who := range everybody {
		require.Len(t, w.direct(who), told[who], who)
	}
	now, err := w.sim.As("ana").Sees(ch)
	require.NoError(t, err)
	require.Len(t, now, len(said))
	w.sees("ana", ch, slacksim.Not(slacksim.Shows("Take it")), slacksim.Contains("lead"))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
}
