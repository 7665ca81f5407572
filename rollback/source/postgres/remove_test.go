package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// removing is a plan that marks members as gone.
func removing(decisions ...rollback.Decision) rollback.Spec {
	s := parking(decisions...)
	s.Kind, s.Scope.Set = rollback.KindRollback, []string{"gone"}
	for i := range s.Decisions {
		s.Decisions[i].Kind, s.Decisions[i].Desired = rollback.CohortRemove, rollback.One("by snafu")
	}
	return s
}

func removable(t *testing.T) *world {
	t.Helper()
	w := people(t)
	w.exec(`alter table q.person add column gone text`)
	tables := w.opt.Tables
	tables[0].Archive = rollback.Archive{Column: "gone", Value: "by snafu"}
	w.grant(tables...)
	return w
}

func TestWhatIsRemovedIsMarkedAndNeverDeleted(t *testing.T) {
	t.Parallel()
	w := removable(t)
	plan := removing(rollback.Decision{Pair: pair("wait 3", "start"), Expect: 5})
	f, run, report := w.done(plan)
	require.Equal(t, rollback.Outcomes{Written: 5}, report.Outcomes)
	require.Equal(t, int64(12), w.number(`select count(*) from q.person`))
	require.Equal(t, int64(5), w.number(`select count(*) from q.person where gone = 'by snafu' and id <= 5`))

	_, _, report = w.done(w.undo(plan, f, run, report.Cohorts))
	require.Equal(t, rollback.Outcomes{Written: 5}, report.Outcomes)
	require.Zero(t, w.number(`select count(*) from q.person where gone is not null`))
}

func TestNothingIsRemovedThatNobodyMeant(t *testing.T) {
	t.Parallel()
	w := removable(t)
	_, err := rollback.NewDraft(removing(rollback.Decision{Pair: pair("wait 3", "start")}))
	require.Equal(t, "expect", code(t, err), "nobody said how many")

	draft, err := rollback.NewDraft(removing(rollback.Decision{Pair: pair("wait 3", "start"), Expect: 4}))
	require.NoError(t, err)
	_, err = w.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
	require.Equal(t, "expect", code(t, err))
	require.EqualError(t, err, "You meant 4 and the freeze found 5. Nothing was frozen.")
	require.Zero(t, w.number(`select count(*) from snafu.freezes`))
}

// A bound holds in the transaction of each batch, whatever became of the freeze.
func TestABatchThatWouldGoBeyondWhatWasMeantIsNotWritten(t *testing.T) {
	t.Parallel()
	w := removable(t)
	wr := w.writer()
	running, _, _ := w.running(wr, removing(rollback.Decision{Pair: pair("wait 3", "start"), Expect: 5}))
	fence, err := wr.Take(t.Context(), running, "test")
	require.NoError(t, err)
	_, err = wr.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: 2})
	require.NoError(t, err)
	w.exec(`update snafu.batches set counts = jsonb_set(counts, '{written}', '3')`)
	_, err = wr.Apply(t.Context(), fence, rollback.Span{Number: 2, Lo: 3, Hi: 5})
	require.Equal(t, "expect", code(t, err))
	require.Equal(t, int64(2), w.number(`select count(*) from q.person where gone is not null`))
	require.Equal(t, int64(2), w.number(`select count(*) from snafu.ledger`))
	_, err = wr.Apply(t.Context(), fence, rollback.Span{Number: 2, Lo: 3, Hi: 4})
	require.NoError(t, err)
}

func TestAPlanSaysHowManyItMeans(t *testing.T) {
	t.Parallel()
	w := story(t)
	plan := spec(leadScope(), decided())
	for meant, what := range map[int64]string{1175: "expect", 1176: ""} {
		plan.Expect = meant
		draft, err := rollback.NewDraft(plan)
		require.NoError(t, err)
		_, err = w.writer().Freeze(t.Context(), draft, nil, 1, &writeCounter{})
		if what == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, "You meant 1,175 and the freeze found 1,176. Nothing was frozen.")
	}
}
