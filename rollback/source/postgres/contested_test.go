package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

func TestConflictsAreSettledByAPlanThatNamesWhatPeopleSet(t *testing.T) {
	t.Parallel()
	w := story(t)
	plan := spec(leadScope(), decided())
	// Seven became Disqualified, one was set to the error again; in the run one more changes.
	w.exec(`select world.rosa()`)
	w.exec(`update crm.lead set lead_status = 'Customer' where id = 41; update crm.lead set lead_status = 'SQL' where id = 41`)
	wr := w.writer()
	running, f, _ := w.running(wr, plan)
	w.exec(`update crm.lead set lead_status = 'Customer' where id in (42, 43)`)
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	w.walk(wr, fence, 500)
	report, err := w.reader().Verify(t.Context(), running.Run())
	require.NoError(t, err)
	require.True(t, report.Agrees(), "%v", report.Lines)
	require.Equal(t, int64(2), report.Outcomes.Conflict)
	held := map[string]int64{}
	for _, c := range report.Contested {
		held[c.Value.String()] += c.Records
	}
	require.Equal(t, map[string]int64{"Disqualified": 7, "SQL": 1, "Customer": 2}, held)

	v := rollback.PlanView{Spec: plan, State: rollback.NameDone, Frozen: &f, Report: &report}
	v.Stamp.Digest, v.Progress.Counts = running.Run().Digest, report.Outcomes
	u, decisions, err := v.Settle()
	require.NoError(t, err)
	require.Equal(t, int64(10), u.Written)
	next := plan
	next.Plan, next.Ref, next.Kind, next.Decisions, next.Undoes = 2, "R2", rollback.KindConflicts, decisions, &u

	// People go on: who has changed it again, to something nobody named, keeps it.
	w.exec(`update crm.lead set lead_status = 'Lead' where id = 42`)
	settling, frozen, _ := w.running(wr, next)
	require.Equal(t, rollback.Counts{Write: 9, Conflict: 1}, frozen.Classes())
	w.exec(`update crm.lead set lead_status = 'Lead' where id = 43; update crm.lead set lead_status = 'Customer' where id = 43`) // and back: theirs
	drift, err := wr.Preflight(t.Context(), settling)
	require.NoError(t, err)
	require.Equal(t, rollback.Drift{RowsKept: true, Shrink: 1}, drift)
	fence, err = wr.Take(t.Context(), settling, "test")
	require.NoError(t, err)
	w.walk(wr, fence, 500)
	done, err := w.reader().Verify(t.Context(), settling.Run())
	require.NoError(t, err)
	require.True(t, done.Agrees(), "%v", done.Lines)
	require.Equal(t, rollback.Outcomes{Written: 8, ConflictLater: 1}, done.Outcomes)
	require.Zero(t, w.number(`select count(*) from crm.lead where lead_status = 'Disqualified' and id in (select lead_id from crm.campaign_member where run = 'weekly-42')`))
	require.Equal(t, int64(1), w.number(`select count(*) from crm.lead where id = 43 and lead_status = 'Customer'`))
	require.Equal(t, int64(1), w.number(`select count(*) from crm.lead where id = 42 and lead_status = 'Lead'`))
	require.Equal(t, int64(1), w.number(`select count(*) from crm.lead where id = 41 and lead_status = 'MQL'`))

	// It is undone like any other: to what people had set.
	back := w.undo(next, frozen, settling.Run(), done.Cohorts)
	_, _, undone := w.done(back)
	require.Equal(t, rollback.Outcomes{Written: 8}, undone.Outcomes)
	require.Equal(t, int64(7), w.number(`select count(*) from crm.lead where lead_status = 'Disqualified' and id in (select lead_id from crm.campaign_member where run = 'weekly-42')`))
}

func TestOnlyAVerifiedRunHasConflictsToPlanFor(t *testing.T) {
	t.Parallel()
	v := rollback.PlanView{Spec: spec(leadScope(), decided()), State: rollback.NameDone, Report: &rollback.Report{}}
	_, _, err := v.Settle()
	require.Equal(t, "nothing", code(t, err))
	for _, state := range rollback.StateNames {
		if v.State = state; state != rollback.NameDone && state != rollback.NamePartial {
			_, _, err = v.Settle()
			require.Equal(t, "state", code(t, err), state)
		}
	}
	v.State = rollback.NameAborted
	_, _, err = v.Settle()
	require.ErrorContains(t, err, "`/snafu plan new` plans for all that is still wrong")
	v.State, v.Spec.Undoes = rollback.NameDone, &rollback.Undone{Ref: "R9"}
	_, _, err = v.Settle()
	require.Equal(t, "state", code(t, err))
	require.ErrorContains(t, err, "R1 only puts back what R9 wrote")
	v.Spec.Undoes, v.Spec.Evidence = nil, &rollback.Evidence{From: rollback.FromBackup, Name: "nightly"}
	_, _, err = v.Settle()
	require.ErrorContains(t, err, "`/snafu restore nightly lead_status --newer take` plans to write over it")
	v.Spec.Evidence, v.Spec.Of, v.Spec.Kind = nil, []string{"lead_status"}, rollback.KindContain
	_, _, err = v.Settle()
	require.ErrorContains(t, err, "`/snafu park` plans for these records as they are now")
}
