package count_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents"
	"snafu/incidents/refusal"
	"snafu/incidents/response"
	"snafu/rollback"
)

// sheet is a file that says by turns what the leads which the run moved from a
// status should be.
func (h *house) sheet(from string, values ...string) []byte {
	h.t.Helper()
	rows, err := h.admin.Query(h.t.Context(), `select lead_id from crm.lead_history where run = 'weekly-42' and old = $1 order by lead_id`, from)
	require.NoError(h.t, err)
	keys, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(h.t, err)
	lines := make([]string, len(keys))
	for i, key := range keys {
		lines[i] = fmt.Sprintf("%d,%s", key, values[i%len(values)])
	}
	return []byte(strings.Join(lines, "\n"))
}

func (h *house) cohort(was string) rollback.Cohort {
	h.t.Helper()
	c, err := h.latest().Classified()
	require.NoError(h.t, err)
	for _, k := range c.Cohorts {
		if k.Pair.Initial.Equal(rollback.One(was)) {
			return k
		}
	}
	h.t.Fatalf("there is no cohort of %s", was)
	return rollback.Cohort{}
}

func (h *house) kept() (n int) {
	h.t.Helper()
	require.NoError(h.t, h.db.Pool().QueryRow(h.t.Context(), `select count(*) from desired_lines`).Scan(&n))
	return n
}

func TestWhatAFileSaysOfEachRecordIsCountedKeptAndForgotten(t *testing.T) {
	t.Parallel()
	h := picked(t)
	ctx := t.Context()
	people, err := response.New(response.Options{DB: h.db, Follow: h.count.Follow})
	require.NoError(t, err)
	takes := func(file []byte) {
		t.Helper()
		require.NoError(t, h.count.Import(ctx, h.act(), h.id, file))
	}

	first := h.sheet("Prospect", "MQL", "Nurturing", "SQL", "Prospect") // 125 of each
	takes(first)
	require.Equal(t, rollback.Counts{Write: 375, Right: 125}, h.cohort("Prospect").Counts)
	require.Equal(t, "each its own", h.cohort("Prospect").Should())
	require.Equal(t, int64(375), h.cohort("Prospect").Spoilt())
	c, err := h.latest().Classified()
	require.NoError(t, err)
	tally := c.Tally(h.latest().Table, "leads", nil)
	require.NoError(t, tally.Holds())
	require.Equal(t, int64(125), tally.AsIntended)
	for _, l := range h.latest().Table.Columns(c) {
		if l.Value == rollback.ItsOwn {
			require.Equal(t, int64(500), l.Should)
		}
	}

	// People go on working, and a count sees it record by record.
	h.exec(`update crm.lead set lead_status = 'MQL' where id in (1, 2)`)
	require.NoError(t, h.count.Measure(ctx, h.act(), h.id))
	require.Equal(t, rollback.Counts{Write: 373, Right: 125, Already: 1, Conflict: 1}, h.cohort("Prospect").Counts)

	// A second file adds a cohort; a file about the same one replaces what was said.
	takes(h.sheet("Nurturing", "MQL", "Prospect"))
	require.Equal(t, int64(676), h.cohort("Nurturing").Counts.Write)
	require.Equal(t, rollback.Counts{Write: 373, Right: 125, Already: 1, Conflict: 1}, h.cohort("Prospect").Counts, "the first file still holds")
	takes(h.sheet("Prospect", "SQL", "MQL"))
	require.Equal(t, rollback.Counts{Write: 249, Right: 249, Already: 1, Conflict: 1}, h.cohort("Prospect").Counts)
	require.NoError(t, h.count.Measure(ctx, h.act(), h.id))
	require.Equal(t, rollback.Counts{Write: 249, Right: 249, Already: 1, Conflict: 1}, h.cohort("Prospect").Counts, "of two files the one taken last holds")
	takes(first)
	require.NoError(t, h.count.Measure(ctx, h.act(), h.id))
	require.Equal(t, rollback.Counts{Write: 373, Right: 125, Already: 1, Conflict: 1}, h.cohort("Prospect").Counts, "and the first one again, taken again")

	// A file that wishes the same for all is a cohort's value like any other.
	takes(h.sheet("Nurturing", "MQL"))
	require.False(t, h.cohort("Nurturing").Each())
	require.Equal(t, int64(676), h.cohort("Nurturing").Counts.Write)

	plan := rollback.Spec{Incident: h.id, Decisions: h.latest().Decisions}
	staged := 0
	for s, err := range h.count.Staged(ctx, plan) {
		require.NoError(t, err)
		require.Equal(t, plan.Files()[0], s.Evidence)
		staged++
	}
	require.Equal(t, 500, staged)
	require.NoError(t, people.Contain(ctx, h.act(), h.id, incidents.Containment{How: incidents.Over}))
	require.NoError(t, people.Answer(ctx, h.act(), h.id, 3, incidents.Answer{Choices: []string{incidents.No}}))
	require.NoError(t, people.Resolve(ctx, h.act(), h.id, "they are put back by hand"))
	require.Equal(t, 1676, h.kept(), "who resolves may still go on")
	h.told()
	require.NoError(t, people.Close(ctx, h.act(), h.id, "nothing was wrong here at all"))
	require.Zero(t, h.kept(), "keys and values go when the incident is over")
	for _, err := range h.count.Staged(ctx, plan) {
		says(t, err, refusal.KindConflict, "is kept no longer")
	}
	require.Equal(t, 5, h.kinds()["desired-imported/1"])
}
