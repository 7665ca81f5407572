package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// switchState asks the source of the workspace.
func (w *workspace) switchState(ctx context.Context, source, name string) (rollback.SwitchState, error) {
	r, err := w.reader(source)
	if err != nil {
		return "", err
	}
	now, err := r.Automation(ctx, name)
	return now.After, err
}

func TestTheFormShowsWhatWorksNowAndASecondPersonConfirmsWhatIsRisky(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), func(o *bot.Options) { o.StateWithin = patience })
	w.crm = newCRM(t)
	w.crm.exec(`create table crm.flow (id int primary key, active boolean); insert into crm.flow values (7, true)`)
	flow := func(id string) rollback.SwitchColumn {
		return rollback.SwitchColumn{Relation: "crm.flow", Key: map[string]string{"id": id}, Column: "active", On: "true", Off: "false"}
	}
	w.crm.opt.Automations = []rollback.Automation{
		{Name: "weekly-sync", Title: "Weekly stage sync", Dependents: []string{"Scoring", "Routing"}, Switch: flow("7"), Risky: true},
		{Name: "gone", Title: "Lost sync", Switch: flow("8")},
		{Name: "map-push", Title: "MAP push", Manual: true, Admin: w.id("ben").User()},
	}
	w.crm.exec(postgres.SetupSQL(w.crm.opt))
	w.crm.reopen()
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.enter(ch, "ben", "chi", "dev")
	w.quiet()

	w.slash("ana", ch, "/snafu contain")
	form := w.form("ana", "contain")
	for _, line := range []string{
		"Weekly stage sync (crm): on now · with it stands still: Scoring, Routing · risky: a second person confirms it",
		"Lost sync (crm): not known now · what stands still with it is not declared", "MAP push (crm): its owner switches it",
	} {
		require.Contains(t, form.Plain, line)
	}
	w.submit(form, slacksim.Values{"how": "switch", "automation": "crm/weekly-sync"})
	w.sees("dev", ch, says("@ana wants Weekly stage sync (crm) switched off. It is declared risky"), says("@chi"))
	w.quiet()
	w.settledPress("ana", ch, "Confirm: Weekly stage sync")
	w.sees("ana", ch, mine, says("You asked for Weekly stage sync to be switched off"))
	w.settledPress("ben", ch, "Confirm: Weekly stage sync")
	w.sees("ben", ch, mine, says("Only the lead or an approver of crm can switch"))
	require.EqualValues(t, 1, w.crm.number(`select count(*) from crm.flow where active`))

	w.settledPress("chi", ch, "Confirm: Weekly stage sync")
	w.sees("dev", ch, says("@chi confirmed what @ana asked for: Weekly stage sync (crm) is switched off now."))
	w.sees("dev", ch, says("Weekly stage sync (crm) is off: written and read back."))
	require.Zero(t, w.crm.number(`select count(*) from crm.flow where active`))
	w.settledSlash("dev", ch, "/snafu contain second weekly-sync")
	w.sees("dev", ch, mine, says("waits for nobody's confirmation"))
	w.sound()
}
