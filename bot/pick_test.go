package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhatToCountIsPickedInAFormAndWhatDoesNotMatchHasItsOwnLine(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	says := slacksim.Contains

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu table")
	form := w.form("ana", "pick")
	require.Contains(t, form.Plain, "Which run did it?")
	bad := w.submit(form, slacksim.Values{"field": "crm.lead/lead_status", "list": "all", "other": "weekly-43", "to": "half past"})
	require.Equal(t, "errors", bad.Result)
	require.Contains(t, bad.Errors["from"], "needs its start")
	require.Contains(t, bad.Errors["to"], "is not a time")
	w.submit(form, slacksim.Values{"run": "crm.lead/weekly-42", "other": "", "to": "", "field": "crm.lead/lead_status", "list": "crm.lead/weekly"})
	w.sees("ana", ch, says("2,895"), says("history expires in 89 days"))
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from scopes where scope->>'list' = 'weekly'`), "only those still on the list")

	w.slash("ana", ch, "/snafu pick weekly-42")
	w.sees("ana", ch, says("2,926 members, all with history. The static list holds 2,895: 31 left it."))
	w.slash("ana", ch, "/snafu table 1 MQL")
	w.slash("ana", ch, "/snafu table 4 nochange")
	w.sees("ana", ch, says("500 wrong · 750 already right"), says("1,676 to decide"))
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id in (1, 2, 3, 501, 502)`)
	w.slash("ana", ch, "/snafu count")
	card := w.sees("ana", ch, says("Does not match what the run left"), says("3 Prospect → SQL, now Disqualified: changed since (1, 3)"))
	require.Contains(t, card.Plain, "2 Nurturing → SQL, now Disqualified: changed since (501, 502)")
	w.quiet()
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
