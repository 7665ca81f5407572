package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
	"snafu/rollback"
	"snafu/rollback/count"
)

// figures are what the log says about the watch of SNAFU-1.
type figures struct {
	Ticks int64 // counts that were stored
	Acts  int64 // due instants under which something was journalled
	Beats int64 // due instants that have passed since it began
	Grew  int64
	Quiet int64
}

const readFigures = `
	select (select ticks from snafu.watches where incident = 1 order by id desc limit 1) as ticks,
	       (select count(distinct act_key) from snafu.journal where chain = 1 and act_key like 'watch:%') as acts,
	       (select round(extract(epoch from next_at - started_at) * 1000 / every_ms) - 1 from snafu.watches where incident = 1 order by id desc limit 1)::bigint as beats,
	       (select count(*) from snafu.journal where chain = 1 and kind = 'grew/1') as grew,
	       (select count(*) from snafu.journal where chain = 1 and kind = 'quiet/1') as quiet`

func TestAWatchBeatsOnceInTwoProcessesAndGoesOnWhenNoneWasThere(t *testing.T) {
	t.Parallel()
	s := newStand(t)
	s.watch = 500 * time.Millisecond
	crm := pgtest.Connect(t, sample(t, &s.config))
	began := time.Now().UTC().Truncate(time.Minute)
	for _, sql := range []string{`select world.load($1)`, `select world.weekly_41($1)`, `select world.weekly_42(1, $1)`} {
		_, err := crm.Exec(t.Context(), sql, began)
		require.NoError(t, err)
	}
	a, stopA := s.run(t)
	_, stopB := s.run(t)
	profile, err := s.sim.As("ana").Profile()
	require.NoError(t, err)
	ana, acts := a.workspace.Person(profile.ID), 0
	act := func() journal.Act {
		acts++
		return journal.Act{By: ana.Actor(), Key: fmt.Sprintf("receipt:test-%d", acts)}
	}
	id, err := a.response.Open(t.Context(), act(), response.OpenRequest{Title: "Leads moved to SQL by mistake", System: "crm", Severity: incidents.SEV3, Reporter: ana})
	require.NoError(t, err)
	require.NoError(t, a.count.Pick(t.Context(), act(), id, count.ScopeOf("crm", "lead", []string{"lead_status"}, rollback.RunSeen{Run: "weekly-42", From: began.AddDate(0, 0, -30)})))

	admin := pgtest.Connect(t, pgtest.AdminURL(t, s.db))
	read := func() figures {
		rows, err := admin.Query(context.WithoutCancel(t.Context()), readFigures)
		require.NoError(t, err)
		f, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[figures])
		require.NoError(t, err)
		return f
	}
	once := func() figures {
		t.Helper()
		f := read()
		require.Equal(t, f.Acts, f.Ticks, "each due instant was counted once")
		require.GreaterOrEqual(t, f.Beats, f.Ticks, "and no instant twice, whichever process leads")
		return f
	}
	eventually(t, "it counts by itself, and says once that nothing comes", func() bool { f := read(); return f.Ticks >= 3 && f.Quiet == 1 })

	require.NoError(t, stopA())
	require.NoError(t, stopB())
	before := once()
	require.Zero(t, before.Grew)
	_, err = crm.Exec(t.Context(), `select world.weekly_42(2, $1)`, began) // while nobody is there to count
	require.NoError(t, err)

	a, stop := s.run(t)
	eventually(t, "the next start counts on, and finds what grew", func() bool { return read().Grew == 1 })
	inc, err := a.response.Get(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []string{incidents.Yes}, inc.Triage.Answer(incidents.QuestionStill).Choices, "the question is answered by itself")
	require.EqualValues(t, 2926, inc.Recount.Touched)
	eventually(t, "and that it stopped", func() bool { return read().Quiet == 2 })
	require.NoError(t, stop())
	after := once()
	require.Greater(t, after.Ticks, before.Ticks)
	require.EqualValues(t, 1, after.Grew, "nothing is said twice")
}
