package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestAFlowIsWalkedThroughToTheStepWhereItBroke(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu walk 1")
	form, err := w.sim.As("ana").Modal(w.ctx(), says("The walk-through has no step yet"))
	require.NoError(t, err)
	_, err = form.Close(w.ctx())
	require.NoError(t, err)

	w.slash("ana", ch, "/snafu walk The list is filled | 500 prospects | 500 prospects")
	w.quiet()
	w.press("ana", ch, "Add a step")
	form = w.form("ana", "walk")
	bad := w.submit(form, slacksim.Values{"step": "<@U1> changes the stage", "when": "half past"})
	require.Contains(t, bad.Errors["when"], "is not a time")
	bad = w.submit(form, slacksim.Values{"when": "2036-03-28 11:30"})
	require.Contains(t, bad.Errors["step"], "not the person")
	w.submit(form, slacksim.Values{
		"step": "The sync changes the stage", "expected": "to MQL", "observed": "to SQL", "how": "the step was copied from another campaign",
	})
	w.sees("ben", ch, says("Walk-through: it broke at step 2, The sync changes the stage. Expected: to MQL. Observed: to SQL."))
	w.quiet()

	// A step was forgotten, and is where it really broke; what was said of it is changed in a form.
	w.press("ana", ch, "Add a step")
	w.submit(w.form("ana", "walk"), slacksim.Values{"step": "The campaign picks its list", "expected": "list 7", "place": "2"})
	w.sees("ana", ch, says("broke at step 3"))
	w.quiet()
	_, err = w.sim.As("ana").Press(w.ctx(), ch, "Change a step", slacksim.Choosing("2. The campaign picks its list"))
	require.NoError(t, err)
	form = w.form("ana", "walk")
	require.Equal(t, "list 7", input(t, form, "expected"))
	w.submit(form, slacksim.Values{"observed": "all leads", "went": "wrong", "when": "2036-03-28 11:15"})
	w.sees("ben", ch, says("it broke at step 2, The campaign picks its list"))
	card := w.sees("ben", ch, says("3 of 3 steps"), says("2. The campaign picks its list · broke here"))
	require.Contains(t, card.Plain, "1. The list is filled · as expected")
	require.Contains(t, card.Plain, "3. The sync changes the stage · differs too")
	w.quiet()

	// Two people change the same step: the second one is told, and nothing is lost.
	w.slash("ana", ch, "/snafu walk 3")
	late := w.form("ana", "walk")
	w.slash("ana", ch, "/snafu walk 3 The sync changes the stage | to MQL | to SQL, of everybody")
	w.sees("ana", ch, says("to SQL, of everybody"))
	w.submit(late, slacksim.Values{"observed": "nothing"})
	w.sees("ana", ch, mine, says("Somebody changed that step since you opened it"))
	w.slash("ana", ch, "/snafu walk drop 9")
	w.sees("ana", ch, mine, says("The walk-through has steps 1 to 3; there is no step 9"))

	w.slash("ana", ch, "/snafu walk 2")
	w.submit(w.form("ana", "walk"), slacksim.Values{"drop": []string{"drop"}})
	w.sees("ben", ch, says("it broke at step 2, The sync changes the stage. Expected: to MQL. Observed: to SQL, of everybody."))
	w.quiet()
	require.Equal(t, 6, w.count(`select count(*) from journal where kind = 'walked/1'`))
	require.Equal(t, 6, w.count(`select count(*) from walks`), "older ones stay")
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'walk'`), "one card, edited")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
	w.golden("walk", ch)
}
