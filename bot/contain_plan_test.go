package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

// parkable is the sample CRM with a column that parks a lead, and a run whose
// history was lost for every tenth of its leads.
func parkable(t *testing.T) *crm {
	t.Helper()
	c := newCRM(t)
	c.exec(`alter table crm.lead add column parked boolean not null default false;
		delete from crm.lead_history h using crm.campaign_member m where m.run = 'weekly-42' and m.lead_id = h.lead_id and h.lead_id % 10 = 0`)
	c.opt.Tables[0].Settable = []string{"lead_status", "parked"}
	c.reopen()
	return c
}

// unexplained is a snafu of ana's whose table is decided, but for the leads of
// which nothing says what they were.
func (w *workspace) unexplained() (ch string) {
	w.t.Helper()
	ch = w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, slacksim.Contains("without history: contain those"), slacksim.Shows("Park"))
	w.slash("ana", ch, "/snafu contain stopped Weekly stage sync (was on, now off)")
	w.quiet()
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all became SQL")
	w.slash("ana", ch, "/snafu triage 7 workflow the weekly sync")
	w.slash("ana", ch, "/snafu table")
	w.submit(w.form("ana", "table"), slacksim.Values{"cohort-1": "v:MQL", "cohort-2": "v:MQL", "cohort-3": "nochange", "cohort-4": "nochange"})
	w.quiet()
	return ch
}

// reopen lets snafu into the tables as they are declared now.
func (c *crm) reopen() {
	c.t.Helper()
	c.exec(postgres.SetupSQL(c.opt))
	r, err := postgres.OpenReader(c.t.Context(), c.opt)
	require.NoError(c.t, err)
	c.t.Cleanup(r.Close)
	c.read = r
}

func TestWhatNobodyCanPutBackIsParkedBeforeAnythingElseIsWritten(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = parkable(t)
	w.begin()
	says := slacksim.Contains
	lost := w.crm.number(`select count(*) from crm.campaign_member where run = 'weekly-42' and lead_id % 10 = 0`)
	require.Greater(t, lost, int64(100))

	ch := w.unexplained()
	w.slash("ana", ch, "/snafu park rest")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Say whom to park, and how"))
	w.slash("ana", ch, "/snafu park 9 parked=true")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("The state table has 4 cohorts"))
	w.slash("ana", ch, "/snafu park rest phone=1")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("phone is not settable"))
	w.slash("ana", ch, "/snafu remove 1 expect=3")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("crm.lead declares no archive column, so nothing of it can be removed"))
	w.press("ana", ch, "Park")
	w.submit(w.form("ana", "park"), slacksim.Values{"who": []string{"rest"}, "column": "parked", "value": "true", "why": "nothing says what they were"})
	w.sees("ana", ch, says("Contain R1"))
	w.propose(ch, 2)

	// The plan that puts back is approved, and waits.
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": rollback.Number(int64(w.count(`select writes from revisions r join plans p on p.id = r.plan where p.number = 2`))), "samples": []string{"looked"}})
		w.quiet()
	}
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R2"})
	_, err := w.sim.As("chi").Modal(w.ctx(), says("R1 must park "+rollback.Number(lost)+" leads before R2 can run"))
	require.NoError(t, err)
	require.Zero(t, w.crm.number(`select count(*) from crm.lead where parked`))
	w.slash("chi", "#general", "/snafu waive SNAFU-1 R1 they may wait")
	w.sees("chi", "#general", slacksim.OnlyForMe(), says("Only the lead can let other plans run before R1"))

	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("would fire. Choose fire, guc or hold: plan effects R1 hold."))
	w.slash("ana", ch, "/snafu plan effects R1 fire")
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, says("parked := true"), says(rollback.Number(lost)+" to write"))
	w.quiet()
	w.carriesOut(ch, "R1", rollback.Number(lost))
	require.Equal(t, lost, w.crm.number(`select count(*) from crm.lead where parked`))
	require.Equal(t, lost, w.crm.number(`select count(*) from crm.lead where parked and id % 10 = 0`))

	w.slash("chi", "#general", "/snafu run SNAFU-1 R2")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R2"})
	w.sees("dev", ch, says("20 written, 20 read back"), slacksim.Shows("Continue"))
	w.quiet()
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, says("R2 done: "))
	w.quiet()
	require.Equal(t, lost, w.crm.number(`select count(*) from crm.lead where parked`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	w.sound()
}
