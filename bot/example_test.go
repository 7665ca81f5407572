package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestExamplesAreReadByWhoAskedAloneWithTheirHistoryAndWhereItBroke(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu example")
	w.sees("ana", ch, mine, says("There is no state table yet"))
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"))

	// There are four cohorts, so 7 is a key and 2 is not.
	w.slash("ana", ch, "/snafu example 7")
	seven := w.sees("ana", ch, mine, says("Prospect → SQL"), says("weekly-42 · the run"))
	require.Contains(t, seven.Plain, "decide", "nobody has said what it should be")
	require.NotContains(t, seven.Plain, "broke here")
	require.NotContains(t, seven.Plain, "lead7@", "the e-mail is masked")

	w.slash("ana", ch, "/snafu table")
	w.submit(w.form("ana", "table"), slacksim.Values{"cohort-1": "v:MQL", "cohort-2": "v:MQL", "cohort-3": "nochange", "cohort-4": "nochange"})
	w.sees("ana", ch, says("1,176"))
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id = 501`)
	w.quiet()

	w.slash("ana", ch, "/snafu example 2 changed")
	broke := w.sees("ana", ch, mine, says("broke here: expected MQL"))
	require.Contains(t, broke.Plain, "501 ")
	require.Contains(t, broke.Plain, "is now Disqualified")
	require.Contains(t, broke.Plain, "changed since")

	w.press("ana", ch, "Examples")
	others := w.sees("ana", ch, mine, slacksim.Shows("Others"), says("cohort 4"))
	w.press("ana", ch, "Others")
	w.sees("ana", ch, mine, slacksim.Shows("Others"), slacksim.After(others.TS))
	w.quiet()

	w.slash("ana", ch, "/snafu example key 2999")
	w.sees("ana", ch, mine, says("No record of lead with that key was touched by weekly-42"))
	w.slash("ana", ch, "/snafu example cohort 9")
	w.sees("ana", ch, mine, says("The state table has 4 cohorts"))
	w.quiet()

	history, err := w.sim.As("dev").Sees(ch)
	require.NoError(t, err)
	for _, m := range history {
		require.NotContains(t, m.Plain, "broke here", "nobody else reads an example")
	}
	require.Equal(t, 4, w.count(`select count(*) from journal where kind = 'example-shown/1'`), "that somebody looked stays known")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
