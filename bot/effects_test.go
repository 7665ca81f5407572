package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/rollback"
)

func TestASyncThatCopiesBothWaysIsStoppedByItsOwnerBeforeAPlanWrites(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.opt.Tables[0].Syncs = []rollback.Sync{{Name: "map_push", Direction: "both", Owner: w.id("ben").User()}}
	w.begin()
	says := slacksim.Contains
	ch := w.decided()
	w.quiet()
	w.slash("ana", ch, "/snafu plan new")
	res := w.submit(w.form("ana", "plan"), slacksim.Values{"why": "put the stages back"})
	require.NotEmpty(t, res.Errors["effects"], "no choice is made for them")
	require.Zero(t, w.count(`select count(*) from plans`))
	w.submit(w.form("ana", "plan"), slacksim.Values{"effects": "fire", "why": "put the stages back"})
	w.sees("ana", ch, slacksim.Shows("Side effects"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Sync map_push copies both ways and could bring the error back"))
	w.slash("ana", ch, "/snafu plan effects R1 off")
	w.sees("ana", ch, slacksim.OnlyForMe(), says(`"off" is no choice`))
	w.slash("ana", ch, "/snafu plan effects R1 guc nobody")
	w.sees("ana", ch, slacksim.OnlyForMe(), says(`"nobody" is nothing that R1 sets off. That is: trigger lead_log, trigger lead_touch, sync map_push.`))

	w.press("ana", ch, "Side effects")
	w.submit(w.form("ana", "plan"), slacksim.Values{"effects": "hold"})
	w.sees("ana", ch, says("stop map_push"), slacksim.Shows("Stopped: map_push"))
	w.quiet()
	w.press("ana", ch, "Ask for approvals")
	w.quiet()
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": "1176", "samples": []string{"looked"}})
		w.quiet()
	}
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.quiet()
	require.Equal(t, 1, w.happened("run-refused/1"), "it does not start while the sync runs")

	w.press("ana", ch, "Stopped: map_push")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Only who looks after sync map_push can say that"))
	w.slash("ben", ch, "/snafu status") // who was asked was brought here
	w.press("ben", ch, "Stopped: map_push")
	w.sees("ana", ch, says("holds sync map_push for R1"))
	w.slash("ana", ch, "/snafu plan held R1") // who leads looks after what is nobody's
	w.sees("ana", ch, says("holds trigger lead_log for R1"))
	w.quiet()
	require.Equal(t, 3, w.happened("hold-confirmed/1"))
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("dev", ch, says("20 written, 20 read back"), slacksim.Shows("Continue"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan release R1")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 is paused, so it can't be released"))
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, says("R1 done: "))
	w.quiet()
	w.sees("ana", ch, says("☑ 3. verify"), says("☐ 5. start map_push again"))
	w.press("ben", ch, "Runs again: map_push")
	w.sees("ana", ch, says("☑ 5. start map_push again"))
	w.quiet()
	require.Equal(t, 1, w.happened("hold-released/1"))
	require.Equal(t, 2, w.count(`select count(*) from holds where released_at is null`), "the two triggers of nobody still stand")
	w.sound()
}
