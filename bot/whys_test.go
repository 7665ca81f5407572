package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhyIsAskedUntilTheRootCausesStandThere(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	_, err := w.sim.As("ben").Joins(w.ctx(), ch)
	require.NoError(t, err)
	asks := func(who, line string) {
		t.Helper()
		w.slash(who, ch, "/snafu whys "+line)
		w.quiet()
	}
	asks("ana", "skip no")
	w.sees("ana", ch, mine, says("Why are the five whys not needed?"))
	asks("ana", "2,926 leads are SQL")
	asks("ben", "W1 @ana pressed the button")
	w.sees("ben", ch, mine, says("Name the system or the step, not the person."))
	asks("ben", "W1 the weekly sync wrote to all leads")

	// The form goes on below the newest answer.
	w.press("ana", ch, "Ask why")
	form := w.form("ana", "whys")
	require.Equal(t, "W1.1 the weekly sync wrote to all leads", input(t, form, "above"))
	bad := w.submit(form, slacksim.Values{"text": "@ben forgot the limit"})
	require.Contains(t, bad.Errors["text"], "not the person")
	w.submit(form, slacksim.Values{"text": "the sync has no limit", "evidence": "https://wiki.example.org/sync"})
	w.quiet()
	asks("ben", "W1.1.1 a limit is set by hand in each new flow")
	asks("ben", "W1.1.1.1 new flows are copied from old ones")
	w.press("ana", ch, "Ask why")
	w.submit(w.form("ana", "whys"), slacksim.Values{"text": "there is no template with a limit", "mark": "root"})
	w.sees("ben", ch, says("Five whys: W1.1.1.1.1.1 is a root cause: there is no template with a limit"))
	w.quiet()
	asks("ben", "Nobody saw it for two hours")
	asks("ben", "W2 no count of leads is watched")
	asks("ben", "contributing W2.1")
	asks("ben", "drop W1")
	w.sees("ben", ch, mine, says("W1 has answers below it"))
	card := w.sees("ben", ch, says("Five whys · 2 problems, 1 root cause"))
	require.Contains(t, card.Plain, "W1.1.1.1.1.1 there is no template with a limit · root cause")
	w.golden("five-whys", ch)

	// A root before the fifth why is asked back once. Asked once more, it has a
	// reason of its own, and is a root no longer.
	asks("ana", "root W2.1")
	w.sees("ana", ch, mine, says("W2.1 is a root after 1 why. You may stop here or ask once more."))
	w.press("ana", ch, "Ask once more")
	form = w.form("ana", "whys")
	require.Equal(t, "W2.1 no count of leads is watched", input(t, form, "above"))
	w.submit(form, slacksim.Values{"text": "counts are set up after a snafu, never before"})
	w.sees("ben", ch, says("Five whys · 2 problems, 1 root cause"), says("W2.1.1 counts are set up after a snafu"))
	w.quiet()

	// Two people change the same answer: the second one is told, and nothing is lost.
	w.slash("ana", ch, "/snafu whys W2.1.1")
	late := w.form("ana", "whys")
	require.NoError(t, w.sim.Advance(time.Second))
	asks("ben", "change W2.1.1 counts are set up after a snafu")
	w.submit(late, slacksim.Values{"text": "nothing"})
	w.sees("ana", ch, mine, says("Somebody changed W2.1.1 since you opened it"))
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'whys'`), "one card, edited")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
