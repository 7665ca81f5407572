package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhatHasToChangeIsWrittenDownWithOwnerAndDay(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	w.slash("ana", ch, "/snafu todos")
	w.sees("ana", ch, mine, says("SNAFU-1 has no follow-up yet"))

	w.slash("ana", ch, "/snafu todo The clone asks for its choices @ben by 2036-04-04")
	form := w.form("ana", "todo")
	require.Equal(t, "The clone asks for its choices", input(t, form, "text"))
	bad := w.submit(form, slacksim.Values{"kind": "It cannot happen again", "safeguard": "Talk to marketing"})
	require.Contains(t, bad.Errors["safeguard"], "changes no system")
	w.submit(form, slacksim.Values{"safeguard": "Copying a campaign asks for each choice.", "checklist": []string{"checklist"}})
	w.enter(ch, "ben", "chi")
	w.sees("chi", ch, says("1 open, 0 done"), says("The clone asks for its choices"), says("safeguard: Copying a campaign asks for each choice"))
	w.quiet()

	// What somebody notes in a hurry is written down as it is, and says what it lacks.
	w.slash("chi", ch, "/snafu todo draft A trial on ten leads comes first")
	w.sees("chi", ch, mine, says("T2 is written down. Missing: owner, due date, safeguard."))
	w.sees("ana", ch, says("2 open"), says("nobody owns it"), says("no day is set"))
	w.slash("ana", ch, "/snafu todo done T2")
	w.sees("ana", ch, mine, says("T2 names no safeguard"))
	w.slash("ana", ch, "/snafu todo T2 @chi by tomorrow")
	w.sees("ana", ch, mine, says("T2 is changed. Still missing: safeguard."))
	w.quiet()

	// Two people change one: the second is told.
	_, err := w.sim.As("ana").Press(w.ctx(), ch, "Change one", slacksim.Choosing("T2 A trial on ten leads comes first"))
	require.NoError(t, err)
	late := w.form("ana", "todo")
	w.slash("ben", "#general", "/snafu todo SNAFU-1 edit T2")
	w.submit(w.form("ben", "todo"), slacksim.Values{"kind": "It is noticed sooner", "safeguard": "A run over more than 100 leads begins with ten"})
	w.sees("ana", ch, says("A run over more than 100 leads begins with ten"))
	w.submit(late, slacksim.Values{"kind": "What it left behind is mended", "safeguard": "another"})
	w.sees("ana", ch, mine, says("Somebody changed T2 since you opened it"))

	w.slash("ana", ch, "/snafu todo drop T1")
	w.sees("ana", ch, mine, says("Say why: /snafu todo drop T1 WHY."))
	w.slash("ana", ch, "/snafu todo drop T1 the campaign tool is replaced")
	w.sees("ben", ch, says("T1 is dropped by @ana: the campaign tool is replaced."))
	w.quiet()
	w.press("chi", ch, "Done")
	w.sees("ana", ch, says("T2 is done, says @chi: A trial on ten leads comes first."))
	w.quiet()
	w.slash("ana", ch, "/snafu todo edit T2")
	shut, err := w.sim.As("ana").Modal(w.ctx(), says("T2 is done already"))
	require.NoError(t, err)
	_, err = shut.Close(w.ctx())
	require.NoError(t, err)
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'todos'`), "one card, edited")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.golden("follow-ups", ch)
}

func TestTheWordByIsADayOnlyBeforeOne(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t)
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake")
	for _, line := range []string{"todo draft Sort the list by name", "todo draft Sort it by friday @ben", "todo draft Mark what was set by hand by 2036-04-01"} {
		w.slash("ana", ch, "/snafu "+line)
		w.quiet()
	}
	var text, owner string
	var due *time.Time
	for n, want := range map[int]string{1: "Sort the list by name", 2: "Sort it", 3: "Mark what was set by hand"} {
		require.NoError(t, w.db.Pool().QueryRow(w.ctx(), `select text, owner, due_at from follow_ups where number = $1`, n).Scan(&text, &owner, &due))
		require.Equal(t, want, text)
		require.Equal(t, n > 1, due != nil, text)
		require.Equal(t, n == 2, owner != "", text)
	}
}

// enter brings people into a channel.
func (w *workspace) enter(ch string, people ...string) {
	w.t.Helper()
	for _, who := range people {
		_, err := w.sim.As(who).Joins(w.ctx(), ch)
		require.NoError(w.t, err)
	}
}
