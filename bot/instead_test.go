package bot_test

import (
	"encoding/csv"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

func TestWhatNobodyCanPutBackIsListedOrContainedWhileItsCauseIsOff(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = parkable(t)
	w.crm.opt.Tables[0].Settable = []string{"lead_status"} // nothing says of a lead that it is parked
	w.crm.exec(`create table crm.flow (id int primary key, active boolean); insert into crm.flow values (7, true)`)
	w.crm.opt.Automations = []rollback.Automation{
		{Name: "mailer", Title: "Welcome mails", Switch: rollback.SwitchColumn{Relation: "crm.flow", Key: map[string]string{"id": "7"}, Column: "active", On: "true", Off: "false"}},
	}
	w.crm.reopen()
	w.begin()
	says := slacksim.Contains
	lost := rollback.Number(w.crm.number(`select count(*) from crm.campaign_member where run = 'weekly-42' and lead_id % 10 = 0`))
	before := w.crm.number(`select sum(hashtext(l::text)) from crm.lead l`)
	ch := w.unexplained()

	w.slash("ana", ch, "/snafu park rest switch=nothing they would get a second mail")
	w.sees("ana", ch, slacksim.OnlyForMe(), says(`"nothing" is none of the declared automations. Those are: crm/mailer.`))
	w.slash("ana", ch, "/snafu park 9 switch=mailer they would get a second mail")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("The state table has 4 cohorts"))
	require.EqualValues(t, 1, w.crm.number(`select count(*) from crm.flow where active`), "nothing is switched for a plan that cannot be")
	w.slash("ana", ch, "/snafu park rest list expect=3 nobody knows what they were")
	w.sees("ana", ch, says("You meant 3 and the freeze found "+lost))
	w.slash("ana", ch, "/snafu park rest list nobody knows what they were")
	w.sees("dev", ch, says("R2 lists "+lost+" leads. None of them was written"))
	w.sees("dev", ch, says("R2 r1: "+lost+" leads are listed · nothing was written, nobody was asked"), says("stays until somebody puts it right by hand"))
	w.slash("ana", ch, "/snafu plan propose R2")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R2 is done"))
	w.press("dev", ch, "Their list")
	told := w.sees("dev", ch, slacksim.OnlyForMe(), says("R2 contains "+lost+" leads and wrote none of them. The list lies at"))
	path := regexp.MustCompile("`(/[^`]+)`").FindStringSubmatch(told.Text)
	require.Len(t, path, 2, told.Text)
	file, err := os.Open(path[1])
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	require.Equal(t, lost, rollback.Number(int64(len(rows)-1)))
	require.Equal(t, []string{"id", "email", "crm_id", "lead_status_before", "lead_status_after", "lead_status_holds", "at", "batch", "outcome", "note"}, rows[0])
	require.Equal(t, "SQL", rows[1][5], "what it holds is on it")
	require.Equal(t, "listed, not written", rows[1][9])

	w.press("ana", ch, "Park")
	w.submit(w.form("ana", "park"), slacksim.Values{"who": []string{"rest"}, "column": "=switch:crm/mailer", "why": "they would get a second mail"})
	w.sees("dev", ch, says("R3 contains "+lost+" leads while Welcome mails is off. None of them was written."))
	w.sees("dev", ch, says("Welcome mails (crm) is off: written and read back."))
	w.quiet()
	require.Zero(t, w.crm.number(`select count(*) from crm.flow where active`))
	w.slash("ana", ch, "/snafu release mailer the filter is right again")
	w.sees("dev", ch, says("Welcome mails (crm) is on again"))
	w.sees("dev", ch, says("R3 r1: "+lost+" leads are contained no longer: Welcome mails was released"), slacksim.Shows("Waive"))
	w.quiet()
	require.Equal(t, before, w.crm.number(`select sum(hashtext(l::text)) from crm.lead l`), "no lead was written")
	require.Zero(t, w.count(`select count(*) from executions`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
