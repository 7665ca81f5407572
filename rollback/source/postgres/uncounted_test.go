package postgres

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

var compared = regexp.MustCompile(`Rows Removed by Join Filter: (\d+)|loops=(\d+)\)`)

// While a run writes nobody has counted its tables, and the planner believes
// that they hold a row or two. No statement of a batch may then compare each
// record with each.
func TestUncountedTablesAreNotComparedEachRecordWithEach(t *testing.T) {
	t.Parallel()
	const records = 1000
	s := items(t)
	w, running, fence := s.plan(records, rollback.GuardLaterWriter)
	s.exec(`update "my shop".item set note = 'call back' where id % 20 = 0`)
	_, err := w.Apply(t.Context(), fence, rollback.Span{Number: 1, Lo: 1, Hi: records / 2})
	require.NoError(t, err)
	run := running.Run()
	known, err := w.table(t.Context(), run)
	require.NoError(t, err)
	span := []any{run.FreezeID, int64(1), int64(records)}
	locked := make([]int64, records)
	for i := range locked {
		locked[i] = int64(i + 1)
	}
	for name, c := range map[string]struct {
		sql  string
		args []any
		mode pgx.TxIsoLevel
	}{
		"write":             {known.quickSQL(run), append(append([]any{}, span...), int64(2)), pgx.ReadCommitted},
		"lock":              {known.lockSQL(), span, pgx.ReadCommitted},
		"settle":            {known.settleSQL(run), append(append([]any{}, span...), int64(2), locked, false, "", known.fields()), pgx.ReadCommitted},
		"count a batch":     {cohortsSQL, []any{run.FreezeID, int64(0)}, pgx.ReadCommitted},
		"find what is left": {pendingSQL, []any{run.FreezeID, int64(0), int64(records), int64(records), widest}, pgx.RepeatableRead},
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := begin(t.Context(), w.pool, c.mode, pgx.ReadWrite, statementTimeout, statementTimeout)
			require.NoError(t, err)
			defer rollbackTx(t.Context(), tx)
			_, err = tx.Exec(t.Context(), pinWriter, run.Label, "R1", "off")
			require.NoError(t, err)
			rows, err := tx.Query(t.Context(), "explain (analyze, timing off) "+c.sql, c.args...)
			require.NoError(t, err)
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			plan := strings.Join(lines, "\n")
			for _, m := range compared.FindAllStringSubmatch(plan, -1) {
				n, err := strconv.Atoi(m[1] + m[2])
				require.NoError(t, err)
				require.LessOrEqual(t, n, 2*records, plan)
			}
			require.NotRegexp(t, `Filter: \(NOT \(SubPlan`, plan)
			require.Contains(t, plan, "loops=")
		})
	}
}
