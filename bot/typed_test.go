package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

// Nothing but to approve and to start needs a button: each decision about a plan
// can be typed. The source is busy meanwhile, so that the run is still there.
func TestEveryDecisionAboutARunCanBeTyped(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.busy = rollback.Query{Source: "crm", Name: "busy", Unit: "leads", Text: "select count(*) from crm.lead where lead_status = 'Busy'"}
	w.begin()
	mine, says := slacksim.OnlyForMe(), slacksim.Contains
	ch := w.decided()
	w.propose(ch, 1)
	w.slash("ana", ch, "/snafu reject R1 the counts look too high")
	w.sees("ana", ch, mine, says("You asked for R1"))
	w.slash("chi", "#general", "/snafu reject SNAFU-1 R1 the counts look too high")
	w.sees("ana", ch, says("rejected"), says("the counts look too high"))

	w.propose(ch, 2)
	w.slash("chi", "#general", "/snafu continue SNAFU-1 R2")
	w.sees("chi", "#general", mine, says("R2 is proposed"))
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": "1176", "samples": []string{"looked"}})
		w.quiet()
	}
	w.slash("chi", "#general", "/snafu run SNAFU-1 R2")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R2"})
	w.sees("dev", ch, says("20 written, 20 read back"))
	w.reachesState("paused")
	w.quiet()

	w.crm.exec(`update crm.lead set lead_status = 'Busy' where id = (select max(id) from crm.lead)`)
	w.slash("dev", "#general", "/snafu continue SNAFU-1 R2")
	w.sees("ana", ch, says("@dev continued R2"))
	w.slash("ana", ch, "/snafu pause R2 support wants to look")
	w.reachesState("paused")
	w.slash("chi", "#general", "/snafu resume SNAFU-1 R2")
	w.sees("ana", ch, says("@chi resumed R2"))
	w.slash("dev", "#general", "/snafu abort SNAFU-1 R2 the cause is on again")
	w.reachesState("aborted")
	w.quiet()
	for kind, times := range map[string]int{
		"plan-rejected/1": 1, "run-claimed/1": 1, "run-continued/1": 1, "run-paused/1": 2, "run-resumed/1": 1, "run-aborted/1": 1,
	} {
		require.Equal(t, times, w.happened(kind), kind)
	}
	require.Equal(t, int64(20), w.crm.number(`select count(*) from crm.lead where lead_status = 'MQL'`))
	w.slash("dev", "#general", "/snafu resume SNAFU-1 R2")
	w.sees("dev", "#general", mine, says("R2 is aborted"))
	w.sound()
}
