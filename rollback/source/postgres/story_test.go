package postgres

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestTheStoryHasItsFigures(t *testing.T) {
	t.Parallel()
	w := sample(t)
	r := w.reader()
	ctx := t.Context()

	runs, err := r.Runs(ctx, "lead", t0.AddDate(0, 0, -30))
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Equal(t, "weekly-42", runs[0].Run)
	require.EqualValues(t, 2500, runs[0].Records)
	require.EqualValues(t, 2426, runs[1].Records)

	first, err := r.StateTable(ctx, leadScope())
	require.NoError(t, err)
	require.EqualValues(t, 2500, first.Members)

	require.EqualValues(t, 426, w.number(`select world.weekly_42(2, $1)`, t0))
	w.exec(`update crm.campaign set active = false`)
	require.EqualValues(t, 0, w.number(`select world.weekly_42(3, $1)`, t0))

	second, err := r.StateTable(ctx, leadScope())
	require.NoError(t, err)
	require.EqualValues(t, 2926, second.Members)
	require.EqualValues(t, 3000, second.Total)
	require.Equal(t, []rollback.ListCount{{Name: "weekly", Records: 2895}}, second.Lists)
	c, err := second.Classify(nil)
	require.NoError(t, err)
	var labels []string
	var counts []int64
	for _, cohort := range c.Cohorts {
		labels, counts = append(labels, cohort.Label), append(counts, cohort.Counts.Total())
	}
	require.Equal(t, []string{"Prospect -> SQL", "Nurturing -> SQL", "MQL -> SQL", "SQL -> SQL"}, labels)
	require.Equal(t, []int64{500, 676, 1000, 750}, counts)
	c, err = second.Classify(decided())
	require.NoError(t, err)
	require.EqualValues(t, 1176, c.Wrong())

	w.exec(`select world.rosa()`)
	third, err := r.StateTable(ctx, leadScope())
	require.NoError(t, err)
	c, err = third.Classify(decided())
	require.NoError(t, err)
	require.EqualValues(t, rollback.Counts{Write: 1169, Right: 1750, Conflict: 7}, c.Classes())
	require.EqualValues(t, 497, c.Cohorts[0].Counts.Write)
	require.EqualValues(t, 672, c.Cohorts[1].Counts.Write)
}

func TestTheStoryIsPutBack(t *testing.T) {
	t.Parallel()
	w := story(t)
	w.exec(`select world.rosa()`)
	wr, r := w.writer(), w.reader()
	ctx := t.Context()

	running, f, export := w.running(wr, spec(leadScope(), decided()))
	require.EqualValues(t, 2926, f.Rows)
	require.EqualValues(t, 1169, f.Writes)
	require.Equal(t, rollback.Counts{Write: 1169, Right: 1750, Conflict: 7}, f.Classes())
	require.Equal(t, []rollback.ValueCount{{Value: rollback.One("Disqualified"), Records: 7}}, f.Conflicts)
	require.Equal(t, []string{"lead_log", "lead_touch"}, f.Inventory.Firing())
	require.Equal(t, 2926, bytes.Count(export, []byte("\n")))
	sameDigest(t, f, export)

	w.exec(`select world.phone()`)
	drift, err := wr.Preflight(ctx, running)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true}, drift)

	fence, err := wr.Take(ctx, running, "a")
	require.NoError(t, err)
	batches := w.walk(wr, fence, 100)
	var sum rollback.Outcomes
	for _, b := range batches {
		sum = sum.Plus(b.Counts)
	}
	require.Equal(t, rollback.Outcomes{Written: 1169}, sum)
	kept, err := wr.Batches(ctx, fence, 0)
	require.NoError(t, err)
	require.Equal(t, batches, kept)

	report, err := r.Verify(ctx, running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%+v", report.Lines)
	require.Equal(t, []rollback.ValueCount{
		{Value: rollback.One("SQL"), Records: 1750},
		{Value: rollback.One("MQL"), Records: 1169},
		{Value: rollback.One("Customer"), Records: 74},
		{Value: rollback.One("Disqualified"), Records: 7},
	}, report.Values)
	var fixed int
	require.NoError(t, r.Ledger(ctx, running.Run(), func(l rollback.LedgerRow) error {
		fixed++
		require.Equal(t, rollback.Written, l.Outcome)
		require.Equal(t, rollback.One("SQL"), l.Before)
		require.Equal(t, rollback.One("MQL"), l.After)
		require.Len(t, l.Export, 2)
		return nil
	}))
	require.Equal(t, 1169, fixed)

	require.EqualValues(t, 6528, w.number(`select count(*) from crm.lead_history`))
	require.EqualValues(t, 1169, w.number(`select count(distinct lead_id) from crm.lead_history where run = 'SNAFU-1/R1'`))
	require.EqualValues(t, 1, w.number(`select count(*) from crm.lead where id = 10 and phone = '+15559999999' and lead_status = 'MQL'`))

	// The same again finds nothing.
	again, err := rollback.NewDraft(spec(leadScope(), decided()))
	require.NoError(t, err)
	second, err := wr.Freeze(ctx, again, nil, 1, &writeCounter{})
	require.NoError(t, err)
	require.Equal(t, rollback.Counts{Already: 1169, Right: 1750, Conflict: 7}, second.Classes())
}

// sameDigest recomputes the rows digest from the export alone.
func sameDigest(t *testing.T, f rollback.Freeze, export []byte) {
	t.Helper()
	digest := rollback.NewRowsDigest()
	for line := range bytes.Lines(export) {
		require.NoError(t, digest.Add(exported(t, line)))
	}
	require.Equal(t, f.RowsDigest, digest.Sum())
	require.Equal(t, f.Rows, digest.Rows())
}

// exported reads one line of an export.
func exported(t *testing.T, line []byte) rollback.FrozenRow {
	t.Helper()
	var parts []json.RawMessage
	require.NoError(t, json.Unmarshal(line, &parts), "%s", line)
	require.Len(t, parts, 12)
	var row rollback.FrozenRow
	var ord, cohort, class string
	for i, into := range []any{&ord, &cohort, &class, &row.Key, &row.Initial, &row.Error, &row.Desired, &row.Mark, &row.Version} {
		require.NoError(t, json.Unmarshal(parts[i], into), "%s", line)
	}
	var err error
	row.Ord, err = strconv.ParseInt(ord, 10, 64)
	require.NoError(t, err)
	row.Cohort, err = strconv.ParseInt(cohort, 10, 64)
	require.NoError(t, err)
	n, err := strconv.Atoi(class)
	require.NoError(t, err)
	row.Class = rollback.Class(n)
	return row
}
