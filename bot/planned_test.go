package bot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/bot/slacksim"
	"snafu/incidents/journal"
	"snafu/rollback"
	"snafu/rollback/approval"
)

// Between the two acts of a command lies a crash, and a plan of somebody else.
func TestTheSecondTryOfACommandGoesOnWithItsOwnPlan(t *testing.T) {
	t.Parallel()
	w := quietWorkspace(t, slacksim.FrozenClock(time.Now()))
	w.crm = newCRM(t)
	w.begin()
	ch := w.decided()
	m, _, err := w.counts.Latest(w.ctx(), 1)
	require.NoError(t, err)

	w.quiet()
	w.kill()
	w.start(false)
	w.slash("ana", ch, "/snafu plan new")
	w.submit(w.form("ana", "plan"), slacksim.Values{"effects": "fire", "why": "put the stages back"})
	require.NoError(t, w.sim.Idle(w.ctx())) // what Slack sends again to the next bot would wait for its frozen clock
	w.kill()
	var key string
	require.NoError(t, w.db.Pool().QueryRow(w.ctx(), `select key from receipts where outcome is null order by received_at desc limit 1`).Scan(&key))
	plans := approval.New(approval.Options{DB: w.db, Sources: w.crm.approvals(w)})
	for _, act := range []journal.Act{
		{By: w.id("ana").Actor(), Key: "receipt:" + key + ":draft"},
		{By: w.id("chi").Actor(), Key: "another"},
	} {
		_, err := plans.Draft(w.ctx(), act, 1, approval.Ask{Scope: m.Scope, Decisions: m.Decisions, Effects: rollback.EffectsFire, Note: "put back"})
		require.NoError(t, err)
	}

	w.start(true)
	w.sees("ana", ch, slacksim.Contains("R1"), slacksim.Shows("Ask for approvals"))
	w.quiet()
	require.Equal(t, 2, w.count(`select count(*) from plans`))
	require.Equal(t, 1, w.count(`select attempt from revisions r join plans p on p.id = r.plan where p.number = 1`), "its own plan is frozen")
	require.Zero(t, w.count(`select attempt from revisions r join plans p on p.id = r.plan where p.number = 2`), "and nobody asked that of the other one")
}
