package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

func TestWhatPeopleChangedSinceIsPlannedForFromTheResult(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	says := slacksim.Contains
	ch := w.decided()
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id in (1, 2, 3, 501)`)
	w.propose(ch, 1)
	w.slash("ana", ch, "/snafu plan conflicts R1 too early")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 is proposed, so it can't be settled"))
	w.slash("ana", ch, "/snafu example R1 2")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("Records of R1 r1"), says("Cohort 2 · Nurturing → SQL · should be MQL"), says("to write"), slacksim.Shows("Others"))
	w.quiet()
	require.Equal(t, 1, w.count(`select count(*) from journal where kind = 'export-read/1'`), "who looked is on record")
	w.carriesOut(ch, "R1", "1172")
	w.sees("ana", ch, says("Left as people set them: Disqualified 4"), slacksim.Shows("Keep conflicts"))

	// Who reads the list of them is on record before they know where it lies.
	w.press("ana", ch, "Conflicts list")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 left 4 leads as people set them. The list lies at "), says("SNAFU-1-R1r1.conflicts.csv"))
	w.slash("ana", ch, "/snafu fixed R1 conflicts jsonl")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("SNAFU-1-R1r1.conflicts.jsonl"))
	w.slash("ana", ch, "/snafu fixed R1 pending")
	w.sees("ana", ch, slacksim.OnlyForMe(), says("R1 did not write 0 leads that it was to write."))
	w.slash("ana", ch, "/snafu fixed R1 everybody")
	w.sees("ana", ch, slacksim.OnlyForMe(), says(`I know no list "everybody"`))
	w.quiet()
	require.Equal(t, 3, w.happened("fixed-list/1"))
	require.Equal(t, 3, w.count(`select count(*) from journal where kind = 'export-read/1' and actor = $1`, w.id("ana").Actor())-1)
	w.press("ana", ch, "Plan for conflicts")
	w.submit(w.form("ana", "plan"), slacksim.Values{"why": "sales say that they were wrong about these"})
	w.sees("ana", ch, says("Conflicts R2 of R1"))
	w.quiet()
	require.Equal(t, 1, w.happened("conflicts-planned/1"))
	w.slash("ana", ch, "/snafu plan propose R2")
	w.sees("ana", ch, says("Writes over what people set"), says("4 to write"))
	w.quiet()
	require.Zero(t, w.count(`select count(*) from approvals a join plans p on p.id = a.plan where p.number = 2`), "it has approvals of its own")
	require.Equal(t, int64(4), w.crm.number(`select count(*) from crm.lead where id in (1, 2, 3, 501) and lead_status = 'Disqualified'`))
	w.sound()
}
