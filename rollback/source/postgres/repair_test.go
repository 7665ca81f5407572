package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// A repair that was undone leaves records as wrong as they were, for a fresh plan
// too; what people changed stays theirs, whenever they did.
func TestWhatAnUndoPutBackIsStillWrongAndNobodysChange(t *testing.T) {
	t.Parallel()
	w := story(t)
	plan := spec(leadScope(), decided())
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 21; update crm.lead set lead_status = 'SQL' where id = 21`) // before the repair
	f, run, report := w.done(plan)
	require.Equal(t, rollback.Outcomes{Written: 1175}, report.Outcomes)
	w.exec(`update crm.lead set lead_status = 'SQL' where id = 22`) // after it: they want it so
	back := w.undo(plan, f, run, report.Cohorts)
	frozen, undone, report := w.done(back)
	require.Equal(t, rollback.Outcomes{Written: 1174}, report.Outcomes)
	w.exec(`update crm.lead set lead_status = 'MQL' where id = 23; update crm.lead set lead_status = 'SQL' where id = 23`) // after the undo

	state, err := w.reader().StateTable(t.Context(), leadScope())
	require.NoError(t, err)
	var back1174 int64
	for _, g := range state.Groups {
		if g.Back {
			require.True(t, g.Matches())
			back1174 += g.Records
		}
	}
	require.Equal(t, int64(1173), back1174)

	again := plan
	again.Plan, again.Ref = 3, "R3"
	fresh, _, report := w.done(again)
	require.Equal(t, rollback.Counts{Write: 1173, ConflictLater: 3, Right: 1750}, fresh.Classes(), "21, 22 and 23 are people's")
	require.Equal(t, rollback.Outcomes{Written: 1173}, report.Outcomes)
	require.Equal(t, int64(3), w.number(`select count(*) from crm.lead where id in (21, 22, 23) and lead_status = 'SQL'`))

	// The first repair can be undone once more: nobody has touched what it wrote
	// but plans of ours.
	_, _, report = w.done(w.undo(again, fresh, rollback.Run{Digest: run.Digest}, report.Cohorts))
	require.Equal(t, rollback.Outcomes{Written: 1173}, report.Outcomes)
	_, _, _ = frozen, undone, fresh
}

// A name is no proof: the ledger of that plan has to have written the record.
func TestAnEntryThatNamesAPlanIsOursOnlyWhenItsLedgerSaysSo(t *testing.T) {
	t.Parallel()
	w := story(t)
	plan := spec(leadScope(), decided())
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 31`)
	f, run, report := w.done(plan) // leaves 31 alone
	_, _, _ = w.done(w.undo(plan, f, run, report.Cohorts))
	w.exec(`set snafu.rollback_id = 'SNAFU-1/R1'`)
	w.exec(`update crm.lead set lead_status = 'SQL' where id = 31`)
	w.exec(`set snafu.rollback_id = 'SNAFU-7/R9'`)
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 32; update crm.lead set lead_status = 'SQL' where id = 32`)
	w.exec(`reset snafu.rollback_id`)
	require.Equal(t, int64(2), w.number(`select count(*) from crm.lead_history where lead_id = 31 and run = 'SNAFU-1/R1' or lead_id = 32 and run = 'SNAFU-7/R9' and new = 'SQL'`))
	again := plan
	again.Plan, again.Ref = 3, "R3"
	fresh, _, _ := w.done(again)
	require.Equal(t, rollback.Counts{Write: 1174, ConflictLater: 2, Right: 1750}, fresh.Classes())
}
