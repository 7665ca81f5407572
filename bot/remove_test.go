package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

func TestRecordsAreRemovedOnlyInTheNumberThatSomebodyMeant(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.exec(`alter table crm.lead add column archived text`)
	w.crm.opt.Tables[0].Archive = rollback.Archive{Column: "archived", Value: "yes"}
	w.crm.reopen()
	w.begin()
	says := slacksim.Contains
	ch := w.open("ana", "sev3 The import made leads up --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"), slacksim.Shows("Remove"))
	w.quiet()
	w.slash("ana", ch, "/snafu remove 1")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Say how many leads you mean to remove"))
	w.slash("ana", ch, "/snafu remove 1 expect=226 they are not real")
	w.sees("ana", ch, says("Remove R1"), says("You meant 226 and the freeze found 500. Nothing was frozen."))
	w.quiet()

	w.crm.exec(`update crm.lead set lead_status = 'Customer' where id in (select lead_id from crm.lead_history where run = 'weekly-42' and old = 'Prospect' order by lead_id limit 12)`)
	w.press("ana", ch, "Remove")
	res := w.submit(w.form("ana", "remove"), slacksim.Values{"cohort": "1", "expect": "some", "why": "they are not real"})
	require.Contains(t, res.Errors["expect"], "is not a number of records")
	w.submit(w.form("ana", "remove"), slacksim.Values{"cohort": "1", "expect": "500", "why": "they are not real"})
	w.sees("ana", ch, says("Remove R2"), slacksim.Shows("Ask for approvals"))
	w.quiet()
	w.slash("ana", ch, "/snafu contain stopped The import (was on, now off)")
	w.quiet()
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 made up")
	w.slash("ana", ch, "/snafu triage 7 script the import")
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R2")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("would fire. Choose fire, guc or hold: plan effects R2 hold."))
	w.slash("ana", ch, "/snafu plan effects R2 fire")
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R2")
	w.sees("ana", ch, says("archived := yes"), says("Cohort 1, meant: at most 500 leads."), says("500 to write"),
		says("12 of them hold another value since; they are marked as removed all the same."))
	w.quiet()
	require.Zero(t, w.crm.number(`select count(*) from crm.lead where archived is not null`))
	w.sound()
}
