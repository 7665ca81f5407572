package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"snafu/cmd/snafu/app"
	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/source/postgres"
)

func TestMain(m *testing.M) {
	if os.Getenv("SNAFU_TEST_OBEY") != "" {
		if err := Obey(context.Background(), os.Stdin, os.Stdout, slog.New(slog.DiscardHandler)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pgtest.Main(m)
}

// another is this test program as another process.
func another(ctx context.Context) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), "SNAFU_TEST_OBEY=1"), os.Stderr
	return cmd
}

// tiny is the smallest benchmark there is. Nothing is said about its times.
func tiny(url string, out *bytes.Buffer) Options {
	return Options{
		Rows: 2000, Affected: 200, Rounds: 1, Tries: 10, Seed: 7, URL: url, Out: out, Say: func(string) {},
		Env: func(string) (string, bool) { return "", false },
	}
}

// measured runs a benchmark at a tiny size and returns its cells. Whatever the
// times are, every figure must be right.
func measured(t *testing.T, o Options, out *bytes.Buffer) (cells []cell) {
	t.Helper()
	o.JSON = true
	if err := Run(t.Context(), o); err != nil {
		require.ErrorIs(t, err, app.ErrDoesNotHold, out.String()) // a tiny table may be slow; that is no matter here
		require.NotErrorIs(t, err, app.ErrCouldNotLook, out.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Contains(t, lines[0], `{"machine":`)
	require.Contains(t, lines[len(lines)-1], `{"summary":`)
	for _, line := range lines[1 : len(lines)-1] {
		var c cell
		require.NoError(t, json.Unmarshal([]byte(line), &c))
		require.NotContains(t, c.Reason, "wrong", line)
		require.Equal(t, c.Verdict == "SKIP", c.Rounds == 0, line)
		if c.Goal != "" && c.Goal != "limit" {
			require.NotEqual(t, "INFO", c.Verdict, line)
		}
		cells = append(cells, c)
	}
	return cells
}

// goalsOf are the names of the goals in order.
func goalsOf(cells []cell) (goals []string) {
	for _, c := range cells {
		if name, _, ok := strings.Cut(c.Goal, " "); ok {
			goals = append(goals, name)
		}
	}
	slices.Sort(goals)
	return goals
}

// nothingLeft holds a benchmark to leaving the server as it was.
func nothingLeft(t *testing.T, url string) {
	t.Helper()
	var left int64
	const all = `
		select count(*) + (select count(*) from pg_database where datname like left(current_database(), 50) || '\_snafu%')
		  from pg_namespace where nspname in ('snafu_bench', 'snafu')`
	require.NoError(t, pgtest.Connect(t, url).QueryRow(t.Context(), all).Scan(&left))
	require.Zero(t, left, "a benchmark leaves nothing behind")
}

func TestAtATinySizeEveryCountIsRightAndEveryGoalIsTold(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	var out bytes.Buffer
	o := tiny(url, &out)
	o.Sections = []string{"counts"}
	cells := measured(t, o, &out)
	require.Equal(t, []string{"C1", "C2", "C3", "C4", "C4", "C5", "C6", "C6"}, goalsOf(cells))
	for _, c := range cells {
		if strings.HasPrefix(c.Goal, "C4") {
			require.Equal(t, "PASS", c.Verdict, "%+v", c)
			require.Zero(t, c.Max, "%+v", c)
		}
	}
	nothingLeft(t, url)
}

func TestAFalseCountFailsHoweverFastItIs(t *testing.T) {
	t.Parallel()
	const one = `(select min(lead_id) from snafu_bench.history_advised where run = 'weekly-42')`
	for name, c := range map[string]struct {
		sql     string
		members bool // whether even their number is wrong
	}{
		"a lead that nobody counted on": {`update snafu_bench.lead_advised set lead_status = 'Lost' where id = ` + one, false},
		"a lead without its entries":    {`delete from snafu_bench.history_advised where run = 'weekly-42' and lead_id = ` + one, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			o := tiny(pgtest.Empty(t), &out)
			b := &bench{o: o, print: newPrinter(o)}
			var err error
			b.db, err = openDatabase(t.Context(), o)
			require.NoError(t, err)
			defer func() { require.NoError(t, b.db.close(t.Context(), o)) }()
			counting, err := newCounting(t.Context(), b)
			require.NoError(t, err)
			defer counting.close()
			_, err = b.db.conn.Exec(t.Context(), c.sql)
			require.NoError(t, err)
			require.NoError(t, b.race(t.Context(), "counts", counting.probes()))
			require.Regexp(t, `exact form, indexes .* C6 <=6 <=5 +FAIL wrong: there should be of`, out.String())
			plain := regexp.MustCompile(`plain form, indexes .* C1 <=4 <=3 +FAIL wrong: there should be of members: 200, and it is 199`)
			require.Equal(t, c.members, plain.MatchString(out.String()), out.String())
			require.NotRegexp(t, `plain form, no index .* wrong`, out.String())
			require.Positive(t, b.print.count["FAIL"])
		})
	}
}

func TestCountsThatAreNotOfOneInstantAreFound(t *testing.T) {
	t.Parallel()
	group := func(current string, n int64) rollback.Group {
		return rollback.Group{Known: true, Present: true, Current: rollback.One(current), Records: n}
	}
	table := rollback.StateTable{
		Groups: []rollback.Group{group("SQL", 7), group("SQL", 3), group("Customer", 2)},
		Values: []rollback.ValueCount{
			{Value: rollback.One("SQL"), Records: 10}, {Value: rollback.One("Customer"), Records: 2}, {Value: rollback.One("stage 1"), Records: 500},
		},
	}
	require.Equal(t, off{records: 0, total: 12}, offOf(table))
	table.Groups[0].Records, table.Groups[2].Records = 6, 3 // one moved between two statements
	require.Equal(t, off{records: 2, total: 12}, offOf(table))
}

func TestADatabaseOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, says string }{
		"it holds a table":             {`create table leads (id bigint)`, "holds 1 tables that are not the benchmark's"},
		"its schema is somebody's own": {`create schema snafu_bench`, "has a schema snafu_bench that no benchmark of this version made"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Empty(t)
			conn := pgtest.Connect(t, url)
			_, err := conn.Exec(t.Context(), c.sql)
			require.NoError(t, err)
			var out bytes.Buffer
			err = Run(t.Context(), tiny(url, &out))
			require.ErrorIs(t, err, app.ErrCouldNotLook)
			require.ErrorContains(t, err, c.says)
			var there bool
			const still = `select to_regclass('public.leads') is not null or to_regnamespace('snafu_bench') is not null`
			require.NoError(t, conn.QueryRow(t.Context(), still).Scan(&there))
			require.True(t, there)
		})
	}
}

func TestSizesThatCannotBeMeasuredAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no rows":                   {func(o *Options) { o.Rows = 0 }, "--rows is 0"},
		"more than half":            {func(o *Options) { o.Affected = 1001 }, "can be 100 to 1000"},
		"no rounds":                 {func(o *Options) { o.Rounds = 0 }, "--rounds"},
		"no tries":                  {func(o *Options) { o.Tries = 0 }, "--tries"},
		"a seed below nothing":      {func(o *Options) { o.Seed = -1 }, "--seed"},
		"an unknown section":        {func(o *Options) { o.Sections = []string{"speed"} }, `no section "speed". There are: counts, rollback, impact, export`},
		"an address that is a name": {func(o *Options) { o.URL = "scratch" }, "postgres://user@host/database"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			o := tiny("postgres://nobody@127.0.0.1:1/none", &out)
			c.change(&o)
			err := Run(t.Context(), o)
			require.ErrorIs(t, err, app.ErrCouldNotLook)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestTheIndexesAreTheOnesThatASourceIsAdvised(t *testing.T) {
	t.Parallel()
	s := Options{}.set("advised", 2000, 200)
	advice := strings.ReplaceAll(postgres.SetupSQL(postgres.Options{Name: "bench", Tables: []rollback.Table{s.table()}}), "concurrently ", "")
	for _, index := range []string{indexByRun, indexByTime, indexByKey, indexByRecord} {
		require.Contains(t, advice, index)
	}
	require.Equal(t, 4, strings.Count(advice, "create index on"))
}

func TestAVerdictIsOfTheRatioAndNoisyTimesJudgeNothing(t *testing.T) {
	t.Parallel()
	at := func(wall, cpu int) took {
		return took{wall: time.Duration(wall) * time.Millisecond, cpu: time.Duration(cpu) * time.Millisecond}
	}
	limit := &probe{name: "limit", took: []took{at(10, 10), at(11, 10), at(12, 10)}}
	loud := &probe{name: "loud", took: []took{at(10, 10), at(40, 10), at(20, 10)}}
	blind := &probe{name: "blind", took: []took{at(10, 0), at(40, 0), at(20, 0)}}
	for name, c := range map[string]struct {
		limit          string
		took           took
		verdict, grade string
	}{
		"within the better limit":           {"limit", at(33, 90), "PASS", "great"},
		"within the wider limit":            {"limit", at(44, 10), "PASS", "good"},
		"beyond both":                       {"limit", at(45, 10), "FAIL", ""},
		"noisy and within by CPU time":      {"loud", at(200, 30), "PASS", "great"},
		"noisy and beyond by CPU time":      {"loud", at(20, 41), "FAIL", ""},
		"noisy and no CPU time can be seen": {"blind", at(200, 0), "NOISY", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := &probe{name: "case", limit: c.limit, goal: goal{name: "C1", good: 4, great: 3}, took: []took{c.took}}
			got := p.judge("counts", []*probe{limit, loud, blind, p})
			require.Equal(t, c.verdict, got.Verdict, "%+v", got)
			require.Equal(t, c.grade, got.Grade)
		})
	}
}
