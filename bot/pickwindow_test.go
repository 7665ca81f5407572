package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestTheWindowInTheFormBelongsToTheRunItWasDrawnFor(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.exec(`update crm.lead_history set at = at + interval '123 milliseconds' where run = 'weekly-42'`)
	w.crm.exec(`update crm.campaign_member set joined_at = joined_at + interval '123 milliseconds' where run = 'weekly-42'`)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	picks := func(filled slacksim.Values) {
		t.Helper()
		w.slash("ana", ch, "/snafu pick")
		w.submit(w.form("ana", "pick"), filled)
		w.quiet()
	}
	w.slash("ana", ch, "/snafu pick weekly-42")
	w.sees("ana", ch, mine, says("2,926 leads touched by weekly-42."))
	w.slash("ana", ch, "/snafu table 1 MQL")
	w.sees("ana", ch, mine, says("Decided for cohort 1: 500 leads. 2,426 are left to decide."))

	picks(nil)
	require.Equal(t, 1, w.count(`select count(*) from scopes`), "nothing was changed, so what was decided still holds")
	picks(slacksim.Values{"run": "crm.lead/weekly-41"})
	w.sees("ana", ch, says("2,426 members"))
	picks(slacksim.Values{"other": "weekly-42"})
	w.sees("ana", ch, mine, says("The start in the form is that of weekly-41. Write when weekly-42 began"))
	require.Equal(t, 2, w.count(`select count(*) from scopes`))

	w.slash("ana", ch, "/snafu table lost rest nobody logged them")
	w.sees("ana", ch, mine, says("Every record that weekly-41 touched has a history, so there is no rest"))
	w.slash("ana", ch, "/snafu uncount")
	w.sees("ana", ch, mine, says("A count that somebody waits for here ends now."))
	w.sound()
}
