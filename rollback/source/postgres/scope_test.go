package postgres

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/rollback"
)

// plainly says what the scope query must answer, word for word as the rules
// have it: window functions over every key, no key left out, nothing packed.
const plainly = `
	with member as (select distinct m.item as k from "my shop".member m where m.job = 'bad' and m.at >= $1 and m.at < $2),
	entry as (
	  select h.item as k, h.no as o, h.was as old, h.now as new, x.ours, lag(x.ours) over w as prev_ours, lag(h.now) over w as prev_new,
	         bool_or(x.ours) over (w rows between unbounded preceding and 1 preceding) as after_first
	    from "my shop".log h cross join lateral (select coalesce(h.job = 'bad' and h.at < $2, false) as ours) x
	   where h.field = 'Status' and h.at >= $1 window w as (partition by h.item order by h.no)),
	run as (
	  select k, (array_agg(old order by o) filter (where ours))[1] as initial, (array_agg(new order by o desc) filter (where ours))[1] as error,
	         bool_or(ours and after_first and (not prev_ours or old is distinct from prev_new)) is true as ambiguous,
	         (max(o) filter (where not ours) > max(o) filter (where ours)) is true as later
	    from entry group by k having bool_or(ours)),
	seen as (
	  select m.k::text, run.k is not null as known, run.initial, run.error, coalesce(run.ambiguous, false) as ambiguous,
	         coalesce(run.later, false) as later, t.id is not null as present, t."Status" as current
	    from %s m left join run using (k) left join "my shop".item t on t.id = m.k)
	select known, present, initial, error, current, ambiguous, later, count(*),
	       min(k collate "C") filter (where changed), nullif(max(k collate "C") filter (where changed), min(k collate "C") filter (where changed))
	  from (select *, not known or not present or ambiguous or later or current is distinct from error as changed from seen) s group by 1, 2, 3, 4, 5, 6, 7`

// lives are made up by the server: up to six entries for each of 600 records,
// by the run, by another one and by nobody, within the window and outside it,
// most of them a chain, with values that may be null. Some records are gone,
// some members have no entry at all.
const lives = `
	select setseed($1);
	insert into "my shop".item (id, "Status") select n::text::%[1]s, (array['a', 'b', 'c', null])[1 + floor(random() * 4)] from generate_series(1, 600) n where random() < 0.9;
	insert into "my shop".log (item, field, was, now, job, at)
	select n::text::%[1]s, case when random() < 0.05 then 'Other' else 'Status' end, e.was, e.now, e.job, now() + e.hours * interval '1 hour'
	  from generate_series(1, 600) n
	 cross join lateral (
	       select i, (array['bad', 'bad', 'bad', 'good', null])[1 + floor(random() * 5 + 0 * n)] as job,
	              (array['a', 'b', 'c', null])[1 + floor(random() * 4)] as now,
	              case when random() < 0.3 then (array['a', 'b', 'c', null])[1 + floor(random() * 4)] else chr(96 + i) end as was,
	              case when random() < 0.1 then -9 when random() < 0.1 then 9 else 0 end as hours
	         from generate_series(1, floor(random() * 6 + 0 * n)::int) i) e
	 order by e.i, n;
	update "my shop".log l set was = p.now from "my shop".log p
	 where l.no %% 3 > 0 and p.item = l.item and p.no = (select max(b.no) from "my shop".log b where b.item = l.item and b.no < l.no);
	insert into "my shop".member (job, item) select case when random() < 0.1 then 'good' else 'bad' end, n::text::%[1]s from generate_series(1, 620) n where random() < 0.8`

// The scope query leaves out of its windows what has one entry, packs what it
// groups by and counts where a chain begins. What it answers is the same.
func TestTheScopeQueryAnswersWhatItsRulesSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		key     string
		members bool
	}{{"bigint", true}, {"bigint", false}, {"text", true}, {"text", false}} {
		t.Run(fmt.Sprintf("keys of %s, membership declared: %t", c.key, c.members), func(t *testing.T) {
			t.Parallel()
			s := typed(t, c.key, "", "text")
			from := "member"
			if !c.members {
				from, s.opt.Tables[0].Membership = "(select k from run)", rollback.Membership{}
			}
			r := s.reader()
			for seed := range 3 {
				s.exec(`truncate "my shop".item, "my shop".log, "my shop".member`)
				s.live(c.key, float64(seed)/10)
				sc := s.Scope()
				sc.To = time.Now().Add(time.Hour)
				table, err := r.StateTable(t.Context(), sc)
				require.NoError(t, err)
				begin, end := window(sc)
				rows, err := s.admin.Query(t.Context(), fmt.Sprintf(plainly, from), begin, end)
				require.NoError(t, err)
				want, err := pgx.CollectRows(rows, groupPlainly)
				require.NoError(t, err)
				require.ElementsMatch(t, want, table.Groups)
				require.Greater(t, len(want), 60, "lives are of many kinds")
			}
		})
	}
}

// What a count costs must not depend on what the planner guesses about a table
// that a run has just changed: records are looked up by their key and hashed
// into groups, whatever it believes.
func TestTheScopeQueryLooksRecordsUpAndHashesThemIntoGroups(t *testing.T) {
	t.Parallel()
	s := typed(t, "bigint", "", "text")
	s.opt.Tables[0].Membership = rollback.Membership{}
	s.exec(`insert into "my shop".item (id, "Status") select n, 'lost' from generate_series(1, 20000) n`)
	s.exec(`insert into "my shop".log (item, field, was, now, job, at) select n, 'Status', 'new', 'first', 'good', now() - interval '2 days' from generate_series(1, 20000) n`)
	s.exec(`insert into "my shop".log (item, field, was, now, job) select n, 'Status', 'first', 'lost', 'bad' from generate_series(1, 2000) n`)
	for line := range strings.Lines(strings.ReplaceAll(SetupSQL(s.opt), "concurrently ", "")) {
		if index, ok := strings.CutPrefix(line, "--   create index"); ok {
			s.exec("create index" + index)
		}
	}
	s.exec(`vacuum (analyze)`)
	err := s.reader().snapshot(t.Context(), "explain", func(tx pgx.Tx) error {
		table, err := (Options{Name: "crm", Tables: s.opt.Tables}).resolve(t.Context(), tx, "item", []string{"Status"})
		require.NoError(t, err)
		sql, err := table.scope(s.Scope(), "")
		require.NoError(t, err)
		rows, err := tx.Query(t.Context(), "explain (costs off) "+sql+fmt.Sprintf(groupsSQL, table.keyText(), changedSQL), table.scopeArgs(s.Scope())...)
		require.NoError(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		plan := strings.Join(lines, "\n")
		require.Regexp(t, `HashAggregate\n +Group Key: .*::xid\n +->  Nested Loop Left Join\n`, plan)
		require.Contains(t, plan, `Index Only Scan using "item_id_Status_idx" on item t`)
		require.Contains(t, plan, "Index Only Scan using log_at_field_job_item_no_was_now_idx on log h")
		require.NotContains(t, plan, "SubPlan")
		return nil
	})
	require.NoError(t, err)
}

func TestAStateTableSaysSinceWhenTheHistoryReachesOnlyIfItBeganAfterTheRun(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.Spoil("1", first, lost)
	table, err := s.reader().StateTable(t.Context(), s.Scope())
	require.NoError(t, err)
	require.True(t, table.Late())
	var oldest time.Time
	require.NoError(t, s.admin.QueryRow(t.Context(), `select min(at) from "my shop".log`).Scan(&oldest))
	require.WithinDuration(t, oldest, table.HistoryFrom, 0)
	s.exec(`insert into "my shop".log (item, field, was, now, at) values (2, 'Status', 'x', 'y', now() - interval '2 hours')`)
	table, err = s.reader().StateTable(t.Context(), s.Scope())
	require.NoError(t, err)
	require.False(t, table.Late())
	require.Zero(t, table.HistoryFrom)
}

func TestAListNarrowsARunWithAMembershipAndWithoutOne(t *testing.T) {
	t.Parallel()
	for name, membership := range map[string]rollback.Membership{"declared": itemTable().Membership, "the run's own entries": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			s.exec(`create table "my shop".list (name text, item bigint)`)
			s.exec(`grant select on "my shop".list to snafu_count`)
			s.opt.Tables[0].Membership = membership
			s.opt.Tables[0].Lists = map[string]rollback.List{"picked": {Relation: "my shop.list", Key: []string{"item"}, Name: "name"}}
			for _, key := range []string{"1", "2", "3"} {
				s.Spoil(key, first, lost)
			}
			s.exec(`insert into "my shop".list values ('bad', 1), ('bad', 3), ('bad', 4), ('good', 2)`)
			sc := s.Scope()
			sc.List = "picked"
			table, err := s.reader().StateTable(t.Context(), sc)
			require.NoError(t, err)
			require.EqualValues(t, 2, table.Members)
			members, _, err := s.reader().Members(t.Context(), sc)
			require.NoError(t, err)
			require.EqualValues(t, 2, members)
		})
	}
}

func (s *shop) live(key string, seed float64) {
	s.t.Helper()
	_, err := s.admin.Exec(s.t.Context(), fmt.Sprintf(lives, key), pgx.QueryExecModeSimpleProtocol, seed)
	require.NoError(s.t, err)
}

func groupPlainly(row pgx.CollectableRow) (rollback.Group, error) {
	var g rollback.Group
	var initial, left, current any
	var lowest, highest *string
	err := row.Scan(&g.Known, &g.Present, &initial, &left, &current, &g.Ambiguous, &g.Later, &g.Records, &lowest, &highest)
	for _, key := range []*string{lowest, highest} {
		if key != nil {
			g.Keys = append(g.Keys, rollback.Tail(*key))
		}
	}
	if g.Known {
		g.Initial, g.Error = values(initial), values(left)
	}
	if g.Present {
		g.Current = values(current)
	}
	return g, err
}

func TestAWindowIsWidenedByWhatClocksDiffer(t *testing.T) {
	t.Parallel()
	s := typed(t, "bigint", "", "text")
	s.opt.Tables[0].Membership = rollback.Membership{}
	sc := s.Scope()
	sc.From = time.Now().Add(-time.Hour).Truncate(time.Second)
	sc.To = sc.From.Add(10 * time.Minute)
	for id, at := range map[int]time.Time{1: sc.From.Add(-3 * time.Minute), 2: sc.From.Add(-time.Minute), 3: sc.To.Add(time.Minute), 4: sc.To.Add(3 * time.Minute)} {
		s.exec(`insert into "my shop".item (id, "Status") values ($1, 'b')`, id)
		s.exec(`insert into "my shop".log (item, field, was, now, job, at) values ($1, 'Status', 'a', 'b', 'bad', $2)`, id, at)
	}
	s.exec(`insert into "my shop".item (id, "Status") values (5, 'b')`)
	s.exec(`insert into "my shop".log (item, field, was, now, job, at) values (5, 'Other', 'a', 'b', 'bad', $1)`, sc.From) // another field
	r := s.reader()
	table, err := r.StateTable(t.Context(), sc)
	require.NoError(t, err)
	require.EqualValues(t, 2, table.Members, "2 minutes on each side, and no more")
	n, _, err := r.Members(t.Context(), sc)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
}
