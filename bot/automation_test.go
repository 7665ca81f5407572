package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

func TestTheCauseIsSwitchedOffFromSlackAndReleasedToWhatItWas(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.exec(`create table crm.flow (id int primary key, active boolean); insert into crm.flow values (7, true)`)
	w.crm.opt.Automations = []rollback.Automation{
		{Name: "weekly-sync", Title: "Weekly stage sync", Dependents: []string{"Scoring"}, Switch: rollback.SwitchColumn{Relation: "crm.flow", Key: map[string]string{"id": "7"}, Column: "active", On: "true", Off: "false"}},
		{Name: "scoring", Title: "Scoring", Switch: rollback.SwitchColumn{Relation: "crm.flow", Key: map[string]string{"id": "8"}, Column: "active", On: "true", Off: "false"}},
		{Name: "map-push", Title: "MAP push", Manual: true, Admin: w.id("ben").User()},
	}
	w.crm.exec(postgres.SetupSQL(w.crm.opt))
	w.begin()
	says := slacksim.Contains
	active := func() int64 { return w.crm.number(`select count(*) from crm.flow where active`) }
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	for _, who := range []string{"ben", "chi", "dev"} {
		if _, err := w.sim.As("ana").Invites(w.ctx(), ch, who); err != nil {
			t.Log(err) // is in it already
		}
	}
	w.quiet()

	w.slash("ben", ch, "/snafu contain switch weekly-sync")
	w.sees("ben", ch, slacksim.OnlyForMe(), says("Only the lead or an approver of crm can switch Weekly stage sync. The lead is "))
	require.EqualValues(t, 1, active())
	w.slash("ana", ch, "/snafu contain")
	w.submit(w.form("ana", "contain"), slacksim.Values{"how": "switch", "automation": "crm/weekly-sync"})
	w.sees("dev", ch, says("Weekly stage sync (crm) is off: written and read back. What it was before, on, it gets back by /snafu release weekly-sync WHY."))
	w.sees("dev", ch, says("Stopped by "), says("Weekly stage sync (was on, now off)"), slacksim.Shows("Release: Weekly stage sync"))
	w.quiet()
	require.Zero(t, active())
	w.sees("dev", ch, says("switched off: Weekly stage sync (crm)"))

	w.slash("ana", ch, "/snafu contain switch scoring")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Nobody has declared what stands still with scoring. Ask who looks after it"))
	w.slash("dev", ch, "/snafu contain switch map-push")
	w.sees("ben", ch, says("stop MAP push (crm), then press Stopped. Asked by "))
	w.quiet()
	w.press("ana", ch, "Stopped: MAP push")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Only who looks after MAP push can say that."))
	w.press("ben", ch, "Was off: MAP push")
	w.sees("ana", ch, says("MAP push (crm) was off already, and stays off until it is released."))
	w.quiet()

	w.press("ben", ch, "Release: Weekly stage sync")
	w.submit(w.form("ben", "release"), slacksim.Values{"why": "I think it is fine"})
	w.sees("ben", ch, slacksim.OnlyForMe(), says("Only the lead or an approver of crm can switch Weekly stage sync."))
	w.press("chi", ch, "Release: Weekly stage sync")
	w.submit(w.form("chi", "release"), slacksim.Values{"why": "the filter is right again"})
	w.sees("ana", ch, says("Weekly stage sync (crm) is on again (it was on before): written and read back. Released by "), says("the filter is right again"))
	w.quiet()
	require.EqualValues(t, 1, active())
	w.slash("ana", ch, "/snafu release map-push the push was not it")
	w.sees("ana", ch, says("MAP push (crm) stays off, as it was before. Released by "))
	w.slash("ana", ch, "/snafu release map-push again")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Nothing was switched off for this incident."))
	w.quiet()
	require.Equal(t, 2, w.happened("automation-released/1"))
	require.Zero(t, w.count(`select count(*) from holds where released_at is null`))
	w.sound()
}
