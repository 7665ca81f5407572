package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback/source"
)

func TestWhatWasResolvedAndGrowsAgainIsReopenedByAPress(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(noon))
	w.crm = newCRM(t)
	w.crm.exec(`delete from crm.campaign_member where run = 'weekly-42' and lead_id > 2500`)
	w.reader = func(string) (source.Reader, error) { return here{w.crm.read, w.db.Clock}, nil }
	w.begin()
	joins := func(from, to int) {
		w.crm.exec(`insert into crm.campaign_member (run, lead_id, joined_at) select 'weekly-42', g, now() from generate_series($1::int, $2::int) g`, from, to)
	}
	happened := func(kind string) int { return w.count(`select count(*) from journal where kind = $1`, kind) }
	ch := w.open("ana", "sev1 Leads moved to SQL by mistake --on crm")
	require.NoError(t, w.sim.Advance(time.Minute))
	for _, line := range []string{"triage 2 weekly-42", "contain stopped Weekly stage sync", "triage 3 no", "resolve counted by hand"} {
		w.slash("ana", ch, "/snafu "+line)
		w.quiet()
	}
	calls := happened("called/1")
	joins(2501, 2510)
	w.watches(time.Minute)
	news := w.sees("ana", ch, slacksim.Shows("Reopen"), slacksim.Contains("Still happening: 2,500 -> 2,510 (+10) since 12:01"))
	require.Contains(t, news.Plain, "It was resolved, and stays so until somebody decides.")
	require.Contains(t, news.Plain, "@ana", "the lead is meant")
	require.Equal(t, calls+1, happened("called/1"), "the one on call is called again")
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("Needed from you: a decision: it was resolved, and counts find more."))
	joins(2511, 2520)
	w.watches(time.Minute)
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("Still growing: +20 since 12:01"))
	require.Equal(t, 1, strings.Count(w.sim.Transcript("#"+ch), "stays so until somebody decides"), "growth that goes on is an edit")
	require.Equal(t, calls+1, happened("called/1"), "and wakes nobody again")

	for _, who := range []string{"ben", "chi"} {
		_, err := w.sim.As(who).Joins(w.ctx(), ch)
		require.NoError(t, err)
	}
	w.press("ben", ch, "Reopen")
	form := w.form("ben", "reopen")
	require.NotEmpty(t, w.submit(form, slacksim.Values{"why": ""}).Errors)
	w.submit(form, slacksim.Values{"why": "the sync was switched on at noon"}) // what it is about is chosen: it grows
	w.sees("ana", ch, slacksim.Contains("Reopened by @ben: the error occurs again. the sync was switched on at noon"))
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("SNAFU-1 · Triage · SEV1"), slacksim.Contains("Next: stop the cause: /snafu contain."))
	w.quiet()
	w.press("chi", ch, "Reopen") // the button of the news is there for ever
	late, err := w.sim.As("chi").Modal(w.ctx(), slacksim.Contains("SNAFU-1 is Triage, so there is nothing to reopen."))
	require.NoError(t, err)
	_, err = late.Close(w.ctx())
	require.NoError(t, err)
	require.Equal(t, 1, happened("reopened/1"))
	joins(2521, 2530)
	w.watches(time.Minute) // the watch goes on
	require.Equal(t, calls+1, happened("called/1"))
}

func TestATypedReopeningSaysWhatItIsAboutOrIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	for _, line := range []string{"contain over", "triage 3 no", "triage 9 none", "resolve nothing to count in", "close nobody looked for the cause"} {
		w.slash("ana", ch, "/snafu "+line)
		w.quiet()
	}
	w.slash("ben", "#general", "/snafu reopen SNAFU-1 four more were found")
	form := w.form("ben", "reopen")
	require.NotEmpty(t, w.submit(form, slacksim.Values{}).Errors, "nothing says whether the error occurs again")
	w.submit(form, slacksim.Values{"which": "More records need fixing"})
	w.sees("ana", ch, slacksim.Contains("Reopened by @ben: more records need fixing. four more were found"))
	w.sees("ana", ch, slacksim.IsPinned(), slacksim.Contains("SNAFU-1 · Restoring"))
	w.quiet()
	w.slash("ben", "#general", "/snafu reopen SNAFU-1 more of them")
	w.sees("ben", "#general", slacksim.Contains("SNAFU-1 is Restoring, so there is nothing to reopen."), slacksim.OnlyForMe())
}
