package response_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/incidents/response"
)

// closedBefore fills a log database with incidents of other years.
const closedBefore = `
	insert into incidents (title, phase, severity, severity_chosen, severity_why, reporter, lead, drill, channel, opened_at, opened_by, closed_at)
	select 'Closed ' || n, 'closed', 1 + n % 3, true, '', 'T1/UANA', 'T1/UANA', false, 'C' || n, now() - n * interval '1 hour' - interval '1 month', 'old:' || n, now()
	from generate_series(1, 10000) n`

// theirParts is what is read with them.
const theirParts = `
	with said as (
		insert into answers (incident, question, choices, text, guess, measured, by, at)
		select i.id, q, '{}', 'said', false, false, 'T1/UANA', now() from incidents i, generate_series(1, 11) q where i.id % 10 = 0
		on conflict do nothing
	)
	insert into containments (incident, number, how, what, was, now, proof, done_at, by, at)
	select id, 1, 'stopped', 'sync', '', '', '', now(), 'T1/UANA', now() from incidents`

// some value of each type that a statement takes.
var some = map[string]string{
	"integer": "20", "bigint": "20", "text": "'T1/UANA'", "text[]": "'{}'", "bigint[]": "'{1,2,3}'", "boolean": "false", "timestamp with time zone": "now() - interval '1 minute'",
}

// What is asked all day long is answered from an index, whether the plan is made
// for these arguments or for any, so that thousands of closed incidents do not
// slow the new one.
func TestThousandsOfClosedIncidentsAreNotWalkedThrough(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.open(response.OpenRequest{System: "crm"})
	conn := pgtest.Connect(t, pgtest.AdminURL(t, h.db))
	do := func(sql string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	do(`set search_path = snafu`)
	do(closedBefore)
	do(theirParts)
	do(`analyze`)
	for name, a := range response.Asked {
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			do(`set plan_cache_mode = ` + mode)
			do(`prepare asked as ` + a[0])
			var types []string
			require.NoError(t, conn.QueryRow(t.Context(), `select parameter_types::text[] from pg_prepared_statements where name = 'asked'`).Scan(&types))
			args := make([]string, len(types))
			for n, kind := range types {
				args[n] = some[kind]
				require.NotEmpty(t, args[n], "%s takes a %s", name, kind)
			}
			rows, err := conn.Query(t.Context(), `explain (costs off) execute asked(`+strings.Join(args, ", ")+`)`, pgx.QueryExecModeSimpleProtocol)
			require.NoError(t, err)
			lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			plan := strings.Join(lines, "\n")
			require.NotContains(t, plan, "Seq Scan on incidents", "%s, %s:\n%s", name, mode, plan)
			require.Regexp(t, a[1], plan, "%s, %s:\n%s", name, mode, plan)
			if strings.Contains(a[0], "limit") && !strings.Contains(a[1], "incidents_open") { // the few that are open may be sorted
				require.NotRegexp(t, `Sort Key: .*severity`, plan, "%s, %s:\n%s", name, mode, plan)
			}
			do(`deallocate asked`)
		}
	}
	do(`set plan_cache_mode = auto`)
	plannedOnce(t, conn)
}

// plannedOnce holds what is read all day long to plans that are kept: planning a
// statement anew each time takes as long again as reading, which it does beside
// thousands and not beside few.
func plannedOnce(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	for _, name := range []string{"list open", "list closed", "last closed", "list all", "get", "answers", "acts"} {
		args := map[string][]any{"get": {20}, "answers": {[]int64{10, 20, 30}}, "acts": {[]int64{10, 20, 30}}}[name]
		if args == nil {
			args = []any{10, 0, "T1/UANA", []string{}, false}
		}
		_, err := conn.Prepare(t.Context(), name, response.Asked[name][0])
		require.NoError(t, err, name)
		for range 7 { // the first five are planned for what they ask
			_, err := conn.Exec(t.Context(), name, args...)
			require.NoError(t, err, name)
		}
		var once int64
		require.NoError(t, conn.QueryRow(t.Context(), `select generic_plans from pg_prepared_statements where name = $1`, name).Scan(&once))
		require.EqualValues(t, 2, once, name)
	}
}
