package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// sheet is what the leads of the run should be, a line for each.
func (c *crm) sheet() []string {
	c.t.Helper()
	rows, err := c.admin.Query(c.t.Context(), `
		select lead_id || ';' || case when old in ('Prospect', 'Nurturing') then 'MQL' else 'SQL' end
		  from crm.lead_history where run = 'weekly-42' order by lead_id`)
	require.NoError(c.t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(c.t, err)
	return lines
}

func TestAFileSaysWhatEachRecordShouldBeOrNothingOfItIsApplied(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()
	share := func(in, thread string, lines ...string) slacksim.Message {
		t.Helper()
		m, err := w.sim.As("ana").Uploads(w.ctx(), in, thread, "desired.csv", []byte("\xef\xbb\xbfid;desired\r\n"+strings.Join(lines, "\r\n")))
		require.NoError(t, err)
		return m
	}

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"))
	w.slash("ana", ch, "/snafu desired")
	w.sees("ana", ch, mine, says("No CSV file was shared in this channel"))

	good := w.crm.sheet()
	require.Len(t, good, 2926)
	broken := append([]string{}, good...)
	broken[2], broken[9] = "3;=cmd", "999999;MQL"
	share(ch, "", broken...)
	w.slash("ana", ch, "/snafu desired")
	w.sees("ana", ch, mine, says("Nothing was applied. Line 4: the value looks like a formula"))
	broken[2] = good[2]
	share(ch, "", broken...)
	w.slash("ana", ch, "/snafu desired")
	w.sees("ana", ch, mine, says("Line 11: no record with this key was touched by the run"))
	share(ch, "", good[1:]...)
	w.slash("ana", ch, "/snafu desired")
	w.sees("ana", ch, mine, says("names all but 1 of cohort 1"))
	require.Zero(t, w.count(`select count(*) from decisions`), "nothing of a bad file is applied")

	// In a thread the message itself is chosen.
	head, err := w.sim.As("ana").Says(w.ctx(), ch, "The right values")
	require.NoError(t, err)
	file := share(ch, head.TS, good...)
	w.shortcut("ana", "desired.message", ch, file.TS)
	w.sees("ben", ch, says("said by a file what 2,926 records should be: 4 cohorts decided. File "))
	w.sees("ana", ch, says("1,176 wrong · 1,750 already right"))
	w.shortcut("ana", "desired.message", ch, head.TS)
	w.sees("ana", ch, mine, says("This message has no file"))
	w.quiet()
	require.Equal(t, 4, w.count(`select count(*) from decisions`))
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'desired-imported/1'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`), fmt.Sprint(w.sim.Transcript(ch)))
	w.sound()
}
