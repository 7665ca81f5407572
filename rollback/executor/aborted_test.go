package executor_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// The Summary's numbers hold after an abort as well: what the run wrote is fixed
// by it and not by people, whichever process wrote it.
func TestWhatAnAbortedRunWroteCountsAsFixed(t *testing.T) {
	t.Parallel()
	s := newShop(t, 50, batches(10))
	job := s.claimed()
	s.exec(`update shop.item set status = 'mine' where id = 3`)
	_, err := s.sitting(job, killedAfter(2))
	require.ErrorIs(t, err, errKilled)
	v, err := s.sitting(job, hooked{before: func(number int64) {
		if number == 3 {
			s.order(job, rollback.OrderAbort)
		}
	}})
	require.NoError(t, err)
	require.Equal(t, rollback.NameAborted, v.State)
	table, err := s.r.StateTable(t.Context(), v.Spec.Scope)
	require.NoError(t, err)
	classified, err := table.Classify(v.Spec.Decisions)
	require.NoError(t, err)
	tally := classified.Tally(table, "items", v.Settled())
	require.NoError(t, tally.Holds())
	require.EqualValues(t, 50, tally.Wrong)
	require.EqualValues(t, 29, tally.Fixed)
	require.EqualValues(t, 1, tally.Kept)
	require.EqualValues(t, 20, tally.Left)
	s.holds(v)

	fixed, err := s.e.List(t.Context(), job.Plan, rollback.ListOf{Name: rollback.ListFixed})
	require.NoError(t, err)
	require.EqualValues(t, 29, fixed.Rows)
	left, err := s.e.List(t.Context(), job.Plan, rollback.ListOf{Name: rollback.ListLeft})
	require.NoError(t, err)
	require.EqualValues(t, 21, left.Rows, "the pending ones and the conflict")
	body, err := os.ReadFile(left.Path)
	require.NoError(t, err)
	require.Equal(t, 20, strings.Count(string(body), ",,,pending,"))
}
