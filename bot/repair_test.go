package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
)

// sees waits until somebody reads something.
func (w *workspace) sees(who, in string, what ...slacksim.Matching) slacksim.Message {
	w.t.Helper()
	m, err := w.sim.As(who).Await(w.ctx(), in, what...)
	require.NoError(w.t, err)
	return m
}

// form waits for a form that can be sent.
func (w *workspace) form(who, callback string) *slacksim.View {
	w.t.Helper()
	m, err := w.sim.As(who).Modal(w.ctx(), slacksim.Callback(callback))
	require.NoError(w.t, err)
	return m
}

func (w *workspace) submit(m *slacksim.View, v slacksim.Values) slacksim.Result {
	w.t.Helper()
	res, err := m.Submit(w.ctx(), v)
	require.NoError(w.t, err)
	return res
}

func TestFromTheFirstWordToTheVerifiedRepair(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()), withAnnouncements)
	w.crm = newCRM(t)
	w.begin()
	says := slacksim.Contains

	ch := w.open("ana", "sev3 Leads moved to SQL by mistake --on crm")
	w.slash("ana", ch, "/snafu triage 2 weekly-42")
	w.sees("ana", ch, says("2,926"))
	w.slash("ana", ch, "/snafu contain stopped Weekly stage sync (was on, now off)")
	w.sees("ana", ch, says("Stopped by @ana: Weekly stage sync (was on, now off)"))
	w.slash("ana", ch, "/snafu triage 3 no")
	w.slash("ana", ch, "/snafu triage 4 all became SQL")
	w.slash("ana", ch, "/snafu triage 7 workflow the weekly sync")

	w.slash("ana", ch, "/snafu table")
	w.submit(w.form("ana", "table"), slacksim.Values{"cohort-1": "v:MQL", "cohort-2": "v:MQL", "cohort-3": "nochange", "cohort-4": "nochange"})
	w.sees("ana", ch, says("1,176"))
	w.crm.exec(`update crm.lead set lead_status = 'Disqualified' where id in (1, 2, 3, 501, 502, 503, 504)`)

	w.quiet()
	w.slash("ana", ch, "/snafu plan")
	w.submit(w.form("ana", "plan"), slacksim.Values{"effects": "fire", "why": "put the stages back, IT asked"})
	plan := w.sees("ana", ch, says("R1"))
	w.quiet()
	w.slash("ana", ch, "/snafu plan propose R1")
	review := w.sees("ana", ch, slacksim.InThread(plan.TS), slacksim.Shows("Review and approve"))
	require.Contains(t, review.Plain, "1,169")

	// Who asked cannot approve, and hears who can.
	w.press("ana", ch, "Review and approve")
	told, err := w.sim.As("ana").Modal(w.ctx(), says("You asked for R1"))
	require.NoError(t, err)
	require.Contains(t, told.Plain, "@chi")
	require.Contains(t, told.Plain, "@dev")

	w.press("chi", ch, "Review and approve")
	res := w.submit(w.form("chi", "approve"), slacksim.Values{"rows": "1,176", "samples": []string{"looked"}})
	require.Equal(t, "updated", res.Result)
	_, err = w.sim.As("chi").Modal(w.ctx(), says("R1 writes 1,169 leads; you typed 1,176."))
	require.NoError(t, err)
	w.press("chi", ch, "Review and approve")
	w.submit(w.form("chi", "approve"), slacksim.Values{"rows": "1169", "samples": []string{"looked"}})
	w.sees("ana", ch, slacksim.InThread(plan.TS), says("1 of 2"))
	w.press("dev", ch, "Review and approve")
	w.submit(w.form("dev", "approve"), slacksim.Values{"rows": "1169", "samples": []string{"looked"}})

	w.sees("chi", ch, slacksim.InThread(plan.TS), slacksim.Shows("Run"))
	w.press("chi", ch, "Run")
	w.submit(w.form("chi", "run"), slacksim.Values{"ref": "R1"})
	w.sees("dev", ch, slacksim.InThread(plan.TS), slacksim.Shows("Continue"))
	w.press("dev", ch, "Continue")
	w.sees("ana", ch, says("1,169 written"), says("7 conflicts"))
	w.quiet()

	require.Equal(t, int64(1169), w.crm.number(`select count(*) from crm.lead where lead_status = 'MQL'`))
	require.Equal(t, int64(7), w.crm.number(`select count(*) from crm.lead where lead_status = 'Disqualified'`))
	require.Zero(t, w.count(`select count(*) from delivery_steps where state = 'dead'`))
	require.Zero(t, w.count(`select count(*) from receipts where outcome = 'failed'`))
	w.sound()
}
