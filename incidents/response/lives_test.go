package response_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/journal"
	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
)

func TestMilestonesAreKeptAtTheActForTheFirstAndTheLastTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.resolved(response.OpenRequest{System: "crm", Severity: incidents.SEV2})
	first := h.get(id).ResolvedAt
	h.pass(time.Hour)
	require.NoError(t, h.Reopen(t.Context(), h.by(ben), id, incidents.AgainMore, "a second list was found"))
	h.pass(time.Hour)
	require.NoError(t, h.Resolve(t.Context(), h.by(ana), id, "no source to count in"))
	h.pass(24 * time.Hour)
	require.NoError(t, h.Note(t.Context(), h.by(ana), id, "", "an edit long after", time.Time{}))
	h.answer(id, incidents.QuestionCustomers, incidents.Answer{Choices: []string{"some"}})

	all, err := journal.Milestones(t.Context(), h.db, id)
	require.NoError(t, err)
	got := all[id]
	require.Equal(t, incidents.Reached{First: first, Last: first.Add(2 * time.Hour), Times: 2}, got[incidents.MilestoneResolved])
	require.Equal(t, start, got[incidents.MilestoneOpened].First)
	require.Equal(t, int64(1), got[incidents.MilestoneReopened].Times)
	require.Equal(t, int64(1), got[incidents.MilestoneCustomers].Times)
	require.NotContains(t, got, incidents.MilestoneClosed)

	// What the journal of an older release says is the same.
	super := pgtest.Connect(t, pgtest.AdminURL(t, h.db))
	before := rowsOf(t, super)
	_, err = super.Exec(t.Context(), `delete from snafu.milestones`)
	require.NoError(t, err)
	_, err = super.Exec(t.Context(), `set search_path = snafu`)
	require.NoError(t, err)
	_, err = super.Exec(t.Context(), backfill(t))
	require.NoError(t, err)
	require.Equal(t, before, rowsOf(t, super))

	lives, err := h.Lives(t.Context(), start.Add(-time.Hour), "crm", "", nil)
	require.NoError(t, err)
	require.Len(t, lives, 1)
	require.Equal(t, got, lives[0].Reached)
	require.Equal(t, []int64{0, 0}, []int64{lives[0].Pages, lives[0].PagesInTime}, "a call that ended before its window did is neither")
	none, err := h.Lives(t.Context(), start.Add(time.Hour), "", "", nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func rowsOf(t *testing.T, conn *pgx.Conn) (lines []string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), `select concat_ws(' ', incident, name, first_at, last_at, times) from snafu.milestones order by incident, name`)
	require.NoError(t, err)
	lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return lines
}

// backfill is the statement of the migration that reads the journal.
func backfill(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../pgdb/migrations/0033_milestones.sql")
	require.NoError(t, err)
	_, sql, found := strings.Cut(string(raw), "insert into milestones")
	require.True(t, found)
	sql, _, _ = strings.Cut(sql, ";")
	return "insert into milestones" + sql
}
