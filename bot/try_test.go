package bot_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhatPeopleTryStandsOnOneBoard(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	_, err := w.sim.As("ben").Joins(w.ctx(), ch)
	require.NoError(t, err)
	tries := func(who, line string) {
		t.Helper()
		w.slash(who, ch, "/snafu try "+line)
		w.quiet()
	}
	tries("ana", "O1 works")
	w.sees("ana", ch, mine, says("Nobody has tried anything yet."))
	tries("ben", "restore the list for campaign 7 from the backup for 30m")
	tries("ana", "@ben ask the vendor for their copy")
	w.press("ana", ch, "Add")
	form := w.form("ana", "try")
	bad := w.submit(form, slacksim.Values{"approach": "put them back by hand", "box": "half past"})
	require.Contains(t, bad.Errors["box"], "is not a length of time")
	w.submit(form, slacksim.Values{"box": "2 hours"})
	w.sees("ben", ch, says("O3 put them back by hand · @ana · until"))
	w.quiet()
	tries("ben", "O1 part 1,200 those with a history")
	w.sees("ana", ch, says("Options board: O1 works in part: 1,200, those with a history"))
	tries("ben", "O2 perhaps")
	w.sees("ben", ch, mine, says("It works, works in part, or does not"))
	tries("ben", "O2 no they keep none")
	_, err = w.sim.As("ana").Press(w.ctx(), ch, "Result", slacksim.Choosing("O3 put them back by hand"))
	require.NoError(t, err)
	w.submit(w.form("ana", "try"), slacksim.Values{"box": "1h"})
	w.quiet()
	tries("ana", "O3 works 226")
	card := w.sees("ben", ch, says("Options board · 3 tried, 1 works, 1 works in part"))
	require.Contains(t, card.Plain, "O1 restore the list for campaign 7 from the backup · @ben · works in part: 1,200, those with a history")
	require.Contains(t, card.Plain, "O2 ask the vendor for their copy · @ben · does not work: they keep none")
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'board'`), "one card, edited")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
	w.golden("options-board", ch)
}
