package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADriftIsJudged(t *testing.T) {
	for name, c := range map[string]struct {
		drift   Drift
		verdict Verdict
		say     string
	}{
		"nothing moved":            {Drift{RowsKept: true}, VerdictGo, ""},
		"as many as are tolerated": {Drift{RowsKept: true, Shrink: 11}, VerdictGo, ""},
		"one more than tolerated": {
			Drift{RowsKept: true, Shrink: 12},
			VerdictRedraft,
			"12 of 1,169 leads changed since the freeze, at most 11 may. R1 is back to draft.",
		},
		"one more wrong": {
			Drift{RowsKept: true, Growth: 1},
			VerdictRedraft,
			"1 more leads are wrong than when R1 was frozen: is the cause stopped? R1 is back to draft.",
		},
		"a new trigger": {
			Drift{RowsKept: true, Schema: []string{"new trigger lead_mail"}},
			VerdictRedraft,
			"crm.lead changed since R1 was frozen: new trigger lead_mail. R1 is back to draft.",
		},
		"another server": {
			Drift{RowsKept: true, Target: "system identifier"},
			VerdictFail,
			"This is not the database R1 was frozen on (system identifier). Nothing was written.",
		},
		"altered records": {
			Drift{},
			VerdictFail,
			"The frozen records are not the ones that were approved. Nothing was written; an admin must look.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			verdict, err := c.drift.Judge(running(t).Run(), "leads")
			require.Equal(t, c.verdict, verdict)
			if c.say == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.say)
		})
	}
}

func TestAnotherServerIsNamedByItsFirstDifference(t *testing.T) {
	was := leadFreeze().Target
	require.Empty(t, was.Differs(was))
	other := was
	other.SystemID, other.Host = "78", "standby"
	require.Equal(t, "system identifier", was.Differs(other))
}

func TestARunIsDoneOnlyWhenTheRecountAgrees(t *testing.T) {
	all := Outcomes{Written: 1160, Conflict: 9}
	agrees := Report{Lines: []Line{{"written", 1160, 1160}}}
	for name, c := range map[string]struct {
		res  Result
		want StateName
	}{
		"every record settled and recounted": {Result{Outcomes: all, Report: agrees, Verified: true}, NameDone},
		"the recount finds a difference":     {Result{Outcomes: all, Report: Report{Lines: []Line{{"written", 1160, 1159}}}, Verified: true}, NamePartial},
		"nobody could recount":               {Result{Outcomes: all}, NamePartial},
		"a record was locked to the end":     {Result{Outcomes: Outcomes{Written: 1168, Locked: 1}, Report: agrees, Verified: true}, NamePartial},
		"records are pending":                {Result{Outcomes: Outcomes{Written: 1168}, Report: agrees, Verified: true}, NamePartial},
		"more outcomes than records":         {Result{Outcomes: Outcomes{Written: 1170}, Report: agrees, Verified: true}, NameFailed},
		"it stopped before the first write":  {Result{Broken: "target"}, NameFailed},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, running(t).Finish(c.res).Name())
		})
	}
}
