package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// turned presses a button of a form and waits until the form shows a text.
func (w *workspace) turned(form *slacksim.View, label, shows string, filled slacksim.Values) *slacksim.View {
	w.t.Helper()
	_, err := form.Press(w.ctx(), label, slacksim.Filling(filled))
	require.NoError(w.t, err)
	now, err := w.sim.As("ana").Modal(w.ctx(), slacksim.Contains(shows))
	require.NoError(w.t, err)
	return now
}

// input is what stands in an input of a form.
func input(t *testing.T, form *slacksim.View, block string) string {
	t.Helper()
	for _, i := range form.Inputs {
		if i.BlockID == block {
			return i.Value
		}
	}
	require.Fail(t, "no input "+block, form.Plain)
	return ""
}

func TestAFormOfManyCohortsIsTurnedPageByPageAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.exec(`update crm.lead_history set old = 'Stage ' || lead_id % 17 where run = 'weekly-42'`)
	w.begin()
	says := slacksim.Contains

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"))
	w.slash("ana", ch, "/snafu table")
	form := w.form("ana", "table")
	require.Contains(t, form.Plain, "Page 1 of 4")
	bad := w.submit(form, slacksim.Values{})
	require.Equal(t, "errors", bad.Result)

	form = w.turned(form, "Page 2", "Page 2 of 4", slacksim.Values{"cohort-1": "v:Stage 9", "cohort-2": "keep", "why": "sales want them so"})
	form = w.turned(form, "Page 3", "Page 3 of 4", slacksim.Values{"cohort-6": "initial"})
	form = w.turned(form, "Page 4", "Page 4 of 4", slacksim.Values{})
	require.Equal(t, "sales want them so", input(t, form, "why"))
	form = w.turned(form, "Page 3", "Page 3 of 4", slacksim.Values{"cohort-17": "lost"})
	form = w.turned(form, "Page 2", "Page 2 of 4", slacksim.Values{})
	require.Equal(t, "Stage 6 (as before)", input(t, form, "cohort-6"))
	form = w.turned(form, "Page 1", "Page 1 of 4", slacksim.Values{"cohort-7": "nochange"})
	require.Equal(t, "Stage 9", input(t, form, "cohort-1"))
	require.Zero(t, w.count(`select count(*) from decisions`), "nothing is saved before Save")

	bad = w.submit(form, slacksim.Values{"why": ""})
	require.Equal(t, "errors", bad.Result)
	require.Contains(t, bad.Errors["why"], "Say why")
	w.submit(form, slacksim.Values{"why": "sales want them so"})
	w.sees("ben", ch, says("@ana keeps cohort 2 as it is (173 records): sales want them so"))
	w.sees("ben", ch, says("@ana gives cohort 17 up for lost (172 records): sales want them so"))
	w.quiet()
	require.Equal(t, 5, w.count(`select count(*) from decisions`))
	for pair, want := range map[string]string{"Stage 1": "Stage 9", "Stage 6": "Stage 6", "Stage 7": "SQL"} {
		require.Equal(t, 1, w.count(`select count(*) from decisions where pair->'initial'->>0 = $1 and decision->'desired'->>0 = $2`, pair, want), pair)
	}

	// What was decided is no news, and needs no second reason.
	w.slash("ana", ch, "/snafu table")
	form = w.form("ana", "table")
	require.Equal(t, "Keep as it is, though wrong (say why)", input(t, form, "cohort-2"))
	w.submit(form, slacksim.Values{"cohort-3": "v:Stage 0"})
	w.sees("ana", ch, says("Stage 3"), says("Stage 0"))
	w.quiet()
	require.Equal(t, 6, w.count(`select count(*) from decisions`))
	require.Equal(t, 2, w.count(`select count(*) from journal where kind = 'waived/1'`))

	// A table that is another one by now is said so, in the form.
	w.slash("ana", ch, "/snafu table")
	form = w.form("ana", "table")
	w.crm.exec(`update crm.lead_history set old = 'Stage A' where run = 'weekly-42' and lead_id = 7`)
	w.slash("ana", ch, "/snafu count")
	w.sees("ana", ch, says("Stage A"))
	w.turned(form, "Page 2", "The state table has changed since you opened it", slacksim.Values{})
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}

func TestAFormThatCanCarryNoMoreStaysOnItsPageAndSaysSo(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	// Each cohort was something long, so each can be chosen to be that.
	w.crm.exec(`update crm.lead_history set old = left(lead_id % 97 || repeat(' a rather long name of a stage', 3), 70) where run = 'weekly-42'`)
	w.begin()
	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, slacksim.Contains("2,926"))
	w.slash("ana", ch, "/snafu table")
	form := w.form("ana", "table")
	page := 1
	for ; page < 20; page++ {
		filled := slacksim.Values{}
		for i := range 5 {
			n := (page-1)*5 + i + 1
			other := (n + 7) % 97
			filled[fmt.Sprintf("cohort-%d", n)] = fmt.Sprintf("v:%.70s", fmt.Sprint(other)+" a rather long name of a stage a rather long name of a stage a rather long name of a stage")
		}
		_, err := form.Press(w.ctx(), fmt.Sprintf("Page %d", page+1), slacksim.Filling(filled))
		require.NoError(t, err)
		form, err = w.sim.As("ana").Modal(w.ctx(), func(x slacksim.Seen) bool {
			return slacksim.Contains(fmt.Sprintf("Page %d of 20", page+1))(x) || slacksim.Contains("as much as one form can carry")(x)
		})
		require.NoError(t, err)
		if strings.Contains(form.Plain, "as much as one form can carry") {
			break
		}
	}
	require.Greater(t, page, 3)
	require.Less(t, page, 20)
	w.submit(form, slacksim.Values{})
	w.quiet()
	require.Equal(t, 5*page, w.count(`select count(*) from decisions`), "all that was chosen is saved")
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
}

func TestWhatIsKeptOrGivenUpIsSaidWithItsReasonAndCountsAsDecided(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.crm.exec(`delete from crm.lead_history where run = 'weekly-42' and lead_id = 1`) // a member without history
	w.begin()
	says, mine := slacksim.Contains, slacksim.OnlyForMe()

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926 members, 1 without history"))
	for line, want := range map[string]string{
		"table keep":                   "The state table has 4 cohorts",
		"table lost 9 gone":            "The state table has 4 cohorts",
		"table keep 1":                 "Say why: the reason stays with it",
		"table lost rest":              "Say why: the reason stays with it",
		"table 1 keep":                 "To keep cohort 1 as it is, say why",
		"table keep nobody wants them": "The state table has 4 cohorts",
	} {
		w.slash("ana", ch, "/snafu "+line)
		w.sees("ana", ch, mine, says(want))
	}
	w.slash("ana", ch, "/snafu table 2 MQL")
	w.quiet() // commands that are sent together may be done in any order
	w.slash("ana", ch, "/snafu table keep 2 sales <!channel> want them so")
	w.slash("ana", ch, "/snafu table lost 1 the campaign tool forgot them")
	w.slash("ana", ch, "/snafu table lost rest no backup reaches back so far")
	w.slash("ana", ch, "/snafu table 3 nochange")
	w.slash("ana", ch, "/snafu table 4 nochange")
	w.sees("ben", ch, says("keeps cohort 2 as it is (676 records): sales <!channel> want them so"))
	w.sees("ben", ch, says("gives what has no history up for lost (1 record): no backup reaches back so far"))
	card := w.sees("ana", ch, says("1,175 wrong · 1,750 already right"), says("Kept as it is, Nurturing → SQL (676): sales <!channel> want them so"))
	require.Contains(t, card.Plain, "Lost, Prospect → SQL (499): the campaign tool forgot them")
	require.Contains(t, card.Plain, "Lost, no history: no backup reaches back so far")
	w.slash("ana", ch, "/snafu example 1")
	w.sees("ana", ch, mine, says("Prospect → SQL · cohort 1 · lost"))
	w.slash("ana", ch, "/snafu plan new")
	form := w.form("ana", "plan")
	require.Contains(t, form.Plain, "676 leads stay SQL (keep)")

	// A changed mind is a new decision, and the table knows what was wished for.
	w.slash("ana", ch, "/snafu table 1 MQL")
	w.sees("ana", ch, says("Kept as it is, Nurturing"), slacksim.Not(says("Lost, Prospect")))
	w.quiet()
	require.Equal(t, 3, w.count(`select count(*) from journal where kind = 'waived/1'`))
	require.Equal(t, 1, w.count(`select count(*) from decisions where decision->>'waiver' = 'keep' and decision->'desired'->>0 = 'MQL'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
