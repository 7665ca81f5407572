package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// carriesOut lets two people approve a proposed plan, and runs it to its end.
func (w *workspace) carriesOut(ch, ref, rows string) {
	w.t.Helper()
	says := slacksim.Contains
	for i, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		form := w.form(who, "approve")
		fill := slacksim.Values{"rows": rows}
		if len(rows) > 3 {
			fill["samples"] = []string{"looked"}
		}
		w.submit(form, fill)
		w.quiet()
		require.Equal(w.t, i+1, w.count(`select count(*) from approvals a join plans p on p.id = a.plan where 'R' || p.number = $1`, ref))
	}
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": ref})
	w.sees("dev", ch, says("20 written, 20 read back"), slacksim.Shows("Continue"))
	w.quiet()
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, says(ref+" done: "))
	w.quiet()
}

func TestWhatARunHasWrittenIsPutBackByAPlanWithItsOwnApprovals(t *testing.T) {
	t.Parallel()
	var told ledgers
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), told.listen)
	w.crm = newCRM(t)
	w.begin()
	says := slacksim.Contains
	before := w.crm.statuses()
	ch, _ := w.proposed()
	w.slash("ana", ch, "/snafu undo R1 it is not even done")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 is proposed, so it can't be undone"))
	w.carriesOut(ch, "R1", "1176")
	told.agree(w, ch, 1176)
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id in (1, 2, 3)`)
	fixed := w.crm.statuses()

	// Anybody of the workspace may ask for it; it then waits for two others.
	w.press("ana", ch, "Undo")
	w.submit(w.form("ana", "undo"), slacksim.Values{"why": "the file was last week's"})
	w.sees("ana", ch, says("Undo R2 of R1"))
	w.quiet()
	require.Equal(t, fixed, w.crm.statuses(), "to ask for it writes nothing")
	w.slash("ana", ch, "/snafu plan propose R2")
	w.sees("ana", ch, says("Undoes R1: of the 1,176 records that it wrote, each goes back to what stood there before"), says("1,173 to write"))
	w.quiet()
	require.Zero(t, w.count(`select count(*) from approvals a join plans p on p.id = a.plan where p.number = 2`), "the approvals of the run do not count for its undo")
	w.carriesOut(ch, "R2", "1173")

	after := w.crm.statuses()
	for key, was := range before {
		if key == "1" || key == "2" || key == "3" {
			was = "Disqualified"
		}
		require.Equal(t, was, after[key], "lead %s", key)
	}
	require.Equal(t, 1, w.happened("undo-drafted/1"))
	told.agree(w, ch, 3)

	// And back again: the repair was right after all.
	w.slash("ana", ch, "/snafu undo R2 the file was right")
	w.sees("ana", ch, says("Undo R3 of R2"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R3")
	w.quiet()
	w.carriesOut(ch, "R3", "1173")
	require.Equal(t, fixed, w.crm.statuses())
	told.agree(w, ch, 1176)
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	w.sound()
}
