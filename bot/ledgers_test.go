package bot_test

import (
	"context"
	"encoding/json"

	"github.com/stretchr/testify/require"

	"snafu/bot"
	"snafu/bot/slacksim"
	"snafu/bot/view"
	"snafu/cmd/snafu/app"
	"snafu/incidents"
	"snafu/rollback"
)

// ledgers compare what is said to be fixed wherever it is said. They know what
// the program itself knows of an incident.
type ledgers struct {
	o    bot.Options
	kept shelf
}

func (l *ledgers) listen(o *bot.Options) {
	plans, counts := o.Approval, o.Count
	o.Keep = l.kept.keep
	o.Evidence = func(ctx context.Context, id incidents.ID) (incidents.Evidence, error) {
		return app.Evidence(ctx, plans, counts, func(rollback.Scope) string { return "leads" }, id)
	}
	l.o = *o
}

// agree holds the ledgers in the source, the lists of exactly who was fixed, the
// Summary and the post-mortem to one number: written, without what was undone.
func (l *ledgers) agree(w *workspace, ch string, fixed int64) {
	w.t.Helper()
	plans, err := l.o.Approval.OfIncident(w.ctx(), 1)
	require.NoError(w.t, err)
	var ledger, listed int64
	for _, p := range plans {
		const lines = `select count(*) from snafu.fixed where run = $1`
		var written int64
		require.NoError(w.t, w.crm.admin.QueryRow(w.ctx(), lines, p.Frozen.ID).Scan(&written))
		list, err := l.o.List(w.ctx(), p.Spec.Plan, rollback.ListOf{Name: rollback.ListFixed, Format: rollback.ListCSV})
		require.NoError(w.t, err)
		if u := p.Spec.Undoes; u != nil && u.Depth%2 == 1 {
			written, list.Rows = -written, -list.Rows
		}
		ledger, listed = ledger+written, listed+list.Rows
	}
	require.Equal(w.t, fixed, ledger, "by the ledgers")
	require.Equal(w.t, fixed, listed, "by the lists of who was fixed")

	w.slash("ana", ch, "/snafu export json")
	w.quiet()
	var report struct{ Counts struct{ Fixed int64 } }
	require.NoError(w.t, json.Unmarshal([]byte(l.kept.read("SNAFU-1-postmortem.json")), &report))
	require.Equal(w.t, fixed, report.Counts.Fixed, "by the post-mortem")
	card, err := w.sim.As("ana").Await(w.ctx(), ch, slacksim.IsPinned())
	require.NoError(w.t, err)
	require.Contains(w.t, card.Plain, ": "+view.Number(fixed)+" fixed,", "by the Summary")
}
