package rollback

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
)

// ended is a plan of two cohorts whose run has ended.
func ended(state StateName) PlanView {
	pair := func(was string) Pair { return Pair{Initial: One(was), Error: One("SQL")} }
	spec := Spec{
		Incident: 42, Plan: 7, Ref: "R1", Revision: 2, Kind: KindRollback, Scope: Scope{Source: "crm", Table: "lead", Set: []string{"lead_status"}, Run: "weekly-42"},
		Decisions: []Decision{{Pair: pair("Prospect"), Desired: One("MQL")}, {Pair: pair("SQL"), NoChange: true}, {Pair: pair("Nurturing"), File: "3f9a"}},
	}
	return PlanView{
		Spec: spec, State: state, Frozen: &Freeze{ID: 3, RowsDigest: Digest{1}}, Stamp: Stamp{Digest: Digest{2}},
		Cohorted: []CohortOutcomes{{Cohort: 1, Outcomes: Outcomes{Written: 5, Conflict: 1}}, {Cohort: 3, Outcomes: Outcomes{Written: 4}}},
	}
}

func TestAnUndoIsOfWhatARunHasWritten(t *testing.T) {
	t.Parallel()
	v := ended(NameDone)
	u, back, err := v.Undo()
	require.NoError(t, err)
	require.Equal(t, Undone{
		Plan: 7, Ref: "R1", Revision: 2, Label: "SNAFU-42/R1", Digest: Digest{2}, FreezeID: 3, RowsDigest: Digest{1}, Written: 9,
		Cohorts: []int64{1, 3}, Pairs: []Pair{v.Spec.Decisions[0].Pair, v.Spec.Decisions[2].Pair}, Depth: 1, Staged: 3, Files: []string{"3f9a"},
	}, u)
	require.Equal(t, []Decision{
		{Pair: Pair{Initial: One("Prospect"), Error: One("MQL")}, Desired: One("SQL")},
		{Pair: Pair{Initial: One("Nurturing"), Error: One(ItsOwn)}, Desired: One("SQL")},
	}, back, "what the run wrote is its error, and what stood there before is desired")
	s := v.Spec
	s.Undoes, s.Decisions, s.Kind = &u, back, KindUndo
	first, err := Canonical(s, Freeze{})
	require.NoError(t, err)
	other := u
	other.Digest = Digest{9}
	s.Undoes = &other
	second, err := Canonical(s, Freeze{})
	require.NoError(t, err)
	require.NotEqual(t, first, second, "an undo of another plan is another plan")

	// The undo of an undo is about the same cohorts of the state table.
	undo := PlanView{
		Spec: s, State: NamePartial, Frozen: &Freeze{ID: 4}, Cohorted: []CohortOutcomes{{Cohort: 2, Outcomes: Outcomes{Written: 4}}},
	}
	again, back, err := undo.Undo()
	require.NoError(t, err)
	require.Equal(t, int64(2), again.Depth)
	require.Equal(t, []Pair{v.Spec.Decisions[2].Pair}, again.Pairs)
	require.Equal(t, int64(3), again.Staged, "what a file said lies where the first freeze put it")
	require.Equal(t, []Decision{{Pair: Pair{Initial: One("Nurturing"), Error: One("SQL")}, Desired: One(ItsOwn)}}, back)

	for state, code := range map[StateName]string{
		NameDraft: "state", NameFrozen: "state", NameProposed: "state", NameApproved: "state", NameRunning: "state", NamePaused: "state",
		NameFailed: "state", NameRejected: "state", NameExpired: "state", NameSuperseded: "state", NameWithdrawn: "state", NameAborted: "",
	} {
		_, _, err := ended(state).Undo()
		no, refused := refusal.As(err)
		require.Equal(t, code != "", refused, state)
		if refused {
			require.Equal(t, code, no.Code, state)
		}
	}
	v.Cohorted = nil
	_, _, err = v.Undo()
	require.ErrorContains(t, err, "R1 has written nothing")
}

func TestWhatWasUndoneIsLeftAndNobodysCorrection(t *testing.T) {
	t.Parallel()
	pair := Pair{Initial: One("Prospect"), Error: One("SQL")}
	decided := []Decision{{Pair: pair, Desired: One("MQL")}}
	table := StateTable{Members: 10, Total: 10, Groups: []Group{
		{Known: true, Present: true, Initial: pair.Initial, Error: pair.Error, Current: One("SQL"), Later: true, Records: 7}, // written, and put back
		{Known: true, Present: true, Initial: pair.Initial, Error: pair.Error, Current: One("MQL"), Later: true, Records: 1}, // written, and changed by people to the same
		{Known: true, Present: true, Initial: pair.Initial, Error: pair.Error, Current: One("Lost"), Later: true, Records: 2},
	}}
	c, err := table.Classify(decided)
	require.NoError(t, err)
	run := Settled{Pair: pair, Outcomes: Outcomes{Written: 8, Conflict: 2}}
	tally := c.Tally(table, "leads", []Settled{run, {Pair: pair, Undone: 7}})
	require.NoError(t, tally.Holds())
	require.Equal(t, []int64{10, 1, 2, 7}, []int64{tally.Wrong, tally.Fixed, tally.Kept, tally.Left})

	// Undone again, they are fixed.
	for i := range table.Groups[:1] {
		table.Groups[i].Current = One("MQL")
	}
	c, err = table.Classify(decided)
	require.NoError(t, err)
	tally = c.Tally(table, "leads", []Settled{run, {Pair: pair, Undone: 7}, {Pair: pair, Undone: -7}})
	require.NoError(t, tally.Holds())
	require.Equal(t, []int64{10, 8, 2, 0}, []int64{tally.Wrong, tally.Fixed, tally.Kept, tally.Left})

	v := ended(NameDone)
	u, back, err := v.Undo()
	require.NoError(t, err)
	v.Spec.Undoes, v.Spec.Decisions, v.Report = &u, back, &Report{Cohorts: []CohortOutcomes{{Cohort: 2, Outcomes: Outcomes{Written: 3, Failed: 1}}}}
	require.Equal(t, []Settled{{Pair: Pair{Initial: One("Nurturing"), Error: One("SQL")}, Undone: 3}}, v.Settled())
	v.Spec.Undoes.Depth = 2
	require.Equal(t, int64(-3), v.Settled()[0].Undone)
}
