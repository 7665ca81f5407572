package bot_test

import (
	"strings"
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

func TestARecordIsSharedOnPurposeAndWithoutWhatIsPersonal(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	table := w.sees("ana", ch, says("2,926 members"))
	w.slash("ana", ch, "/snafu table 2 MQL")
	w.quiet()
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id = 501`)
	w.slash("ana", ch, "/snafu example 2 changed")
	looked := w.sees("ana", ch, mine, says("501 · Nurturing → SQL"), slacksim.Shows("Share"))
	require.Contains(t, looked.Plain, "crm_id")

	w.press("ana", ch, "Share")
	shared := w.sees("ben", ch, says("E1 · 501 · Nurturing → SQL · cohort 2 · is now Disqualified · should be MQL · changed since"))
	require.Contains(t, shared.Plain, "weekly-42 · broke here: expected MQL")
	require.Contains(t, shared.Plain, "shared by @ana")
	require.Equal(t, table.TS, shared.ThreadTS, "it stands under the state table")
	for _, hidden := range []string{"email", "crm_id", "00Q", "@example"} {
		require.NotContains(t, shared.Plain, hidden)
	}
	w.quiet()

	// The same record under the same mark is another record once it has changed.
	w.crm.exec(`update crm.lead set lead_status = 'Customer' where id = 501`)
	w.press("ana", ch, "Share")
	w.sees("ana", ch, mine, says("That record has changed since you looked at it, so it was not shared"))

	// A record that was asked for by its key is shared by words.
	w.slash("ana", ch, "/snafu example 7 share")
	w.sees("ben", ch, says("E2 · 7 · Prospect → SQL"))

	// Where another company reads along, nothing is.
	require.NoError(t, w.sim.Admin().Channel(ch, slacksim.ChannelChange{Shared: ptr("external")}))
	w.slash("ana", ch, "/snafu example 8 share")
	w.sees("ana", ch, mine, says("This channel is shared with another company"))
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from examples`))
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'example-shared/1'`))
	require.Zero(t, w.count(`select count(*) from examples where shown::text like '%00Q%' or shown::text like '%example.test%'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}

func TestASharedRecordWhoseAnswerIsLostStandsThereOnce(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, slacksim.Contains("2,926 members"))
	w.quiet()
	w.fault(slacksim.Fault{Kind: "api.lost_reply", Match: slacksim.Match{Method: "chat.postMessage"}, Times: 1})
	w.slash("ana", ch, "/snafu example 7 share")
	w.advanceUntilQuiet()
	require.Equal(t, 1, strings.Count(w.sim.Transcript(ch), "E1 · 7"))
}
