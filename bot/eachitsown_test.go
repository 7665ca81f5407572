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

// statuses are what the leads hold, by their key.
func (c *crm) statuses() map[string]string {
	c.t.Helper()
	rows, err := c.admin.Query(c.t.Context(), `select id::text, lead_status from crm.lead`)
	require.NoError(c.t, err)
	held := map[string]string{}
	var id, status string
	_, err = pgx.ForEachRow(rows, []any{&id, &status}, func() error { held[id] = status; return nil })
	require.NoError(c.t, err)
	return held
}

// spoilt are the keys of the leads that the run moved from a status to SQL.
func (c *crm) spoilt(from string) []string {
	c.t.Helper()
	rows, err := c.admin.Query(c.t.Context(), `select lead_id::text from crm.lead_history where run = 'weekly-42' and old = $1 order by lead_id`, from)
	require.NoError(c.t, err)
	keys, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(c.t, err)
	return keys
}

func TestLeadsThatLookTheSameGetTheValueThatAFileNamesForEach(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"))
	w.slash("ana", ch, "/snafu contain stopped Weekly stage sync (was on, now off)")
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all became SQL")
	w.slash("ana", ch, "/snafu triage 7 workflow the weekly sync")

	// Of one cohort each lead gets its own status, one of them a status that no
	// other lead has; of two, one for them stays as the run left it.
	prospects := w.crm.spoilt("Prospect")
	want := map[string]string{}
	var lines []string
	for i, key := range prospects {
		want[key] = []string{"MQL", "Nurturing", "Prospect"}[i%3]
		if i == 30 {
			want[key] = "Zebra-17"
		}
		if i == 31 {
			want[key] = "SQL"
		}
		lines = append(lines, key+","+want[key])
	}
	share := func(lines ...string) {
		t.Helper()
		_, err := w.sim.As("ana").Uploads(w.ctx(), ch, "", "desired.csv", []byte("id,desired\n"+strings.Join(lines, "\n")))
		require.NoError(t, err)
		w.slash("ana", ch, "/snafu desired")
	}
	share(append([]string{"999999,MQL"}, lines...)...)
	w.sees("ana", ch, mine, says("Nothing was applied. Line 2: no record with this key was touched by the run"))
	share(lines[1:]...)
	w.sees("ana", ch, mine, says("names all but 1 of cohort 1, and a plan is about whole cohorts"))
	require.Zero(t, w.count(`select count(*) from desired_lines`), "nothing of a bad file is kept")
	share(lines...)
	w.sees("ben", ch, says(fmt.Sprintf("said by a file what %d records should be", len(lines))))
	w.sees("ana", ch, says("each its own"))
	for _, cohort := range []string{"2", "3", "4"} {
		w.slash("ana", ch, "/snafu table "+cohort+" nochange")
	}
	w.sees("ana", ch, says(fmt.Sprintf("%d wrong", len(lines)-1)))
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says(fmt.Sprintf("%d wrong", len(lines)-1)))

	// A colleague wins against the file, whether before the freeze or after it.
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id = $1::text::bigint`, prospects[0])
	w.propose(ch, 1)
	w.sees("ana", ch, says("from file "))
	w.crm.exec(`update crm.lead set lead_status = 'Customer' where id = $1::text::bigint`, prospects[1])
	want[prospects[0]], want[prospects[1]] = "Disqualified", "Customer"
	before := w.crm.statuses()
	for _, who := range []string{"chi", "dev"} {
		w.press(who, ch, "Review and approve")
		w.submit(w.form(who, "approve"), slacksim.Values{"rows": fmt.Sprint(len(lines) - 2)})
	}
	w.quiet()
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.reachesState("paused")
	w.sees("dev", ch, slacksim.Shows("Continue"))
	w.press("dev", ch, "Continue")
	w.reachesState("done")
	w.sees("ana", ch, says(fmt.Sprintf("%d written · 2 conflicts left alone", len(lines)-3)))
	w.quiet()

	for key, held := range w.crm.statuses() {
		if named, ok := want[key]; ok {
			require.Equal(t, named, held, "lead %s", key)
		} else {
			require.Equal(t, before[key], held, "lead %s, which the file does not name", key)
		}
	}
	require.Equal(t, int64(2), w.crm.number(`select (select count(*) from snafu.ledger where outcome = 3) + (select count(*) from snafu.frozen_rows where class = 4)`),
		"who changed since is listed")
	require.Zero(t, w.count(`select count(*) from journal where position('Zebra'::bytea in body) > 0 or detail::text like '%Zebra%'`), "the journal holds no record's value")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`), fmt.Sprint(w.sim.Transcript(ch)))
	w.sound()
}
