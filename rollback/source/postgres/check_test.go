package postgres

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/pgdb/pgtest"
	"snafu/rollback"
	"snafu/rollback/source"
)

func TestASourceThatWasSetUpKeepsEveryPromise(t *testing.T) {
	t.Parallel()
	w := story(t)
	f, err := Check(t.Context(), w.opt)
	require.NoError(t, err)
	require.True(t, f.Sound(), "%s", strings.Join(f.Missing(), "\n"))
	kept := map[string]bool{}
	for _, p := range f.Promises {
		if p.Verdict == source.Kept {
			kept[p.Login+": "+p.Name] = true
		}
	}
	for _, name := range []string{
		"snafu_count: power of the login", "snafu_count: schema snafu", "snafu_count: may select crm.lead", "snafu_count: may select crm.lead_history",
		"snafu_count: records of crm.lead", "snafu_count: no right too many", "snafu_count: no dangerous function", "snafu_count: time limit",
		"snafu_count: server", "snafu_count: row security of crm.lead", "snafu_count: triggers of crm.lead", "snafu_count: history kept of crm.lead",
		"snafu_count: history read of crm.lead", "snafu_count: history told of crm.lead", "snafu_count: writes nothing",
		"snafu_exec: power of the login", "snafu_exec: may update crm.lead", "snafu_exec: no right too many", "snafu_exec: server",
		"snafu_exec: one database", "snafu_exec: writes nothing else",
	} {
		require.True(t, kept[name], "%s: %+v", name, f.Promises)
	}
}

// sabotage is one thing done to a source that was sound. The check has to name
// it, and the statements it proposes have to settle it.
type sabotage struct {
	name, sql string
	login     string
	promise   string
	verdict   source.Verdict
	say       string
	cure      bool // the proposed statements alone make the source sound again
}

var sabotages = []sabotage{
	{"a column that may not be read", `revoke select (note) on "my shop".item from snafu_count`, "snafu_count", "may select my shop.item", source.Lacks, "Missing", true},
	{"a column that may not be written", `revoke update ("Status") on "my shop".item from snafu_exec`, "snafu_exec", "may update my shop.item", source.Lacks, "Missing", true},
	{"row versions that may not be read", `revoke select (xmin) on "my shop".item from snafu_exec`, "snafu_exec", "may select my shop.item", source.Lacks, "Missing", true},
	{"a history that may not be read", `revoke select (was, now) on "my shop".log from snafu_exec`, "snafu_exec", "may select my shop.log", source.Lacks, "Missing", true},
	{"a schema that may not be used", `revoke usage on schema "my shop" from snafu_count`, "snafu_count", "may usage my shop", source.Lacks, "Missing", true},
	{"a ledger that may not be written", `revoke insert on snafu.ledger from snafu_exec`, "snafu_exec", "may insert snafu.ledger", source.Lacks, "Missing", true},
	{"a table that is gone", `drop table "my shop".member`, "snafu_count", "may select my shop.member", source.Lacks, `There is no "my shop"."member"`, false},
	{"a column that is gone", `alter table "my shop".item rename note to remark`, "snafu_count", "may select my shop.item", source.Lacks, `"my shop"."item" has no column "note"`, false},
	{"no schema", `drop schema snafu cascade`, "snafu_count", "schema snafu", source.Lacks, "has no schema snafu", false},
	{"a newer schema", `update snafu.schema_version set version = 9`, "snafu_count", "schema snafu", source.Lacks, "has version 9", false},
	{"a key that is not unique", `alter table "my shop".item drop constraint item_pkey`, "snafu_count", "records of my shop.item", source.Lacks, "no primary or unique key", true},
	{"a key that may be null", `alter table "my shop".item drop constraint item_pkey; alter table "my shop".item alter id drop not null; create unique index on "my shop".item (id)`, "snafu_count", "records of my shop.item", source.Lacks, "no primary or unique key", true},
	{"a unique index that broke while it was made", `alter table "my shop".item drop constraint item_pkey; create unique index broken on "my shop".item (id); update pg_index set indisvalid = false where indexrelid = '"my shop".broken'::regclass`, "snafu_count", "records of my shop.item", source.Lacks, "no primary or unique key", true},

	{"the reader may write a column", `grant update (note) on "my shop".item to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may update my shop.item.note", true},
	{"the reader may write two columns", `grant update (note, id) on "my shop".item to snafu_count`, "snafu_count", "no right too many", source.Surplus, `snafu_count may update my shop.item ("id", "note")`, true},
	{"the reader may do everything", `grant all on "my shop".item to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may truncate my shop.item", true},
	{"the reader really can write", `grant update on "my shop".item to snafu_count`, "snafu_count", "writes nothing", source.Surplus, `The server let snafu_count do this: update "my shop"."item"`, true},
	{"everybody may delete", `grant delete on "my shop".log to public`, "snafu_count", "no right too many", source.Surplus, "snafu_count may delete my shop.log, as everybody may", true},
	{"the reader may read the whole table", `alter table "my shop".item add secret text; grant select on "my shop".item to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may select my shop.item", true},
	{"the reader may read a column nobody declared", `alter table "my shop".item add secret text; grant select (secret) on "my shop".item to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may select my shop.item.secret", true},
	{"the reader may read another table", `create table "my shop".pay (x int); grant select on "my shop".pay to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may select my shop.pay", true},
	{"the reader may draw from a sequence", `grant usage on sequence "my shop".log_no_seq to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may usage my shop.log_no_seq", true},
	{"the reader may write the ledger", `grant insert on snafu.ledger to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may insert snafu.ledger", true},
	{"the writer may delete", `grant delete on "my shop".item to snafu_exec`, "snafu_exec", "no right too many", source.Surplus, "snafu_exec may delete my shop.item", true},
	{"the writer may write another column", `grant update (note) on "my shop".item to snafu_exec`, "snafu_exec", "writes nothing else", source.Surplus, `set "note" = null`, true},
	{"the writer may write the history", `grant insert on "my shop".log to snafu_exec`, "snafu_exec", "writes nothing else", source.Surplus, `insert into "my shop"."log"`, true},
	{"the writer may forget what it wrote", `grant delete on snafu.ledger to snafu_exec`, "snafu_exec", "no right too many", source.Surplus, "snafu_exec may delete snafu.ledger", true},
	{"the writer may rewrite what was frozen", `grant update on snafu.frozen_rows to snafu_exec`, "snafu_exec", "writes nothing else", source.Surplus, "update snafu.frozen_rows", true},
	{"the writer may create", `grant create on schema "my shop" to snafu_exec`, "snafu_exec", "makes nothing", source.Surplus, "snafu_exec may create in schema my shop", true},
	{"the writer may make temporary tables by name", `do $$ begin execute format('grant temporary on database %I to snafu_exec', current_database()); end $$`, "snafu_exec", "makes nothing", source.Surplus, "snafu_exec may make temporary tables", true},
	{"the reader may make schemas", `do $$ begin execute format('grant create on database %I to snafu_count', current_database()); end $$`, "snafu_count", "makes nothing", source.Surplus, "snafu_count may create schemas in this database", true},
	{"tables of tomorrow", `alter default privileges in schema "my shop" grant select on tables to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count will get select on all tables that", true},
	{"a file that can be read", `grant execute on function pg_read_file(text) to snafu_count`, "snafu_count", "no dangerous function", source.Surplus, "snafu_count may run pg_read_file(text)", true},
	{"a file that can be imported", `grant execute on function lo_import(text) to snafu_exec`, "snafu_exec", "no dangerous function", source.Surplus, "snafu_exec may run lo_import(text)", true},
	{"large objects by name", `revoke execute on function lo_create(oid) from public; grant execute on function lo_create(oid) to snafu_count`, "snafu_count", "no dangerous function", source.Surplus, "snafu_count may run lo_create(oid)", true},
	{"another server", `create schema x; create function x.dblink(text) returns int language sql as 'select 1'; grant usage on schema x to snafu_count`, "snafu_count", "no dangerous function", source.Surplus, "snafu_count may run x.dblink(text)", true},
	{"a foreign server", `create foreign data wrapper fdw; create server far foreign data wrapper fdw; grant usage on foreign server far to snafu_count`, "snafu_count", "no right too many", source.Surplus, "snafu_count may use the foreign server far", true},

	{"a history whose beginning was deleted", `insert into "my shop".log (item, field, was, now, job) select 1, 'x', 'a', 'b', 'c' from generate_series(1, 9); delete from "my shop".log where no < 5`, "snafu_count", "history kept of my shop.item", source.Broken, "those before it were deleted", false},
	{"history read whole", `insert into "my shop".log (item, field, was, now, job) select n, 'x', repeat('a', 90), 'b', 'c' from generate_series(1, 70000) n`, "snafu_count", "history read of my shop.item", source.Broken, "lacks an index", true},
	{"old and new exchanged", `insert into "my shop".item select n, 'new' from generate_series(1, 30) n; insert into "my shop".log (item, field, was, now, job) select n, 'Status', 'new', 'old', 'c' from generate_series(1, 30) n`, "snafu_count", "history told of my shop.item", source.Broken, "Of the 30 records that Status was last written for, 0 hold", false},
	{"row security on the records", `alter table "my shop".item enable row level security`, "snafu_exec", "records of my shop.item", source.Lacks, "Row security hides records", false},
	{"row security on the history", `alter table "my shop".log enable row level security; create policy p on "my shop".log using (no > 0)`, "snafu_count", "row security of my shop.item", source.Lacks, "Row security hides records of my shop.log from snafu_count", false},
}

func TestEverySabotageIsNamedAndItsCureWorks(t *testing.T) {
	t.Parallel()
	for _, c := range sabotages {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			s.opt.Tables[0].History.Retention = 90 * 24 * time.Hour
			s.exec(c.sql)
			f, err := Check(t.Context(), s.opt)
			require.NoError(t, err)
			require.False(t, f.Sound())
			var lines []string
			fixes := map[string]bool{}
			for _, p := range f.Promises {
				if p.Verdict == source.Kept || p.Verdict == source.Advice {
					continue
				}
				lines = append(lines, fmt.Sprintf("%s %s %s: %s", p.Login, p.Verdict, p.Name, p.Found))
				if !c.cure {
					continue
				}
				for _, sql := range p.Fix {
					if !fixes[sql] {
						s.exec(sql)
					}
					fixes[sql] = true
				}
			}
			require.Contains(t, strings.Join(lines, "\n"), fmt.Sprintf("%s %s %s: ", c.login, c.verdict, c.promise))
			require.Contains(t, strings.Join(lines, "\n"), c.say)
			if c.cure {
				f, err = Check(t.Context(), s.opt)
				require.NoError(t, err)
				require.True(t, f.Sound(), "%q did not settle %q", fixes, append(f.Missing(), f.Surplus()...))
			}
		})
	}
}

// lone gives a test logins of its own with exactly the rights of ours: roles
// are the server's, and other tests run beside this one.
func (s *shop) lone() string {
	s.t.Helper()
	more := fmt.Sprintf("_%d", s.number(`select oid::bigint from pg_database where datname = current_database()`))
	names := []string{"snafu_count" + more, "snafu_exec" + more}
	s.exec(strings.NewReplacer("snafu_count", names[0], "snafu_exec", names[1]).Replace(SetupSQL(s.opt)))
	s.t.Cleanup(func() {
		ctx := context.WithoutCancel(s.t.Context())
		for _, name := range names {
			for _, sql := range []string{"drop owned by " + name, "drop role " + name} {
				_, err := s.admin.Exec(ctx, sql)
				require.NoError(s.t, err)
			}
		}
	})
	s.opt.CountURL = s.as(names[0])
	if s.opt.ExecURL != "" {
		s.opt.ExecURL = s.as(names[1])
	}
	return names[0]
}

// leaves waits until the server has noticed that a login hung up.
func (s *shop) leaves(login string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		return s.number(`select count(*) from pg_stat_activity where usename = '`+login+`'`) == 0
	}, time.Minute, time.Millisecond)
}

func TestALoginWithoutAFreeConnectionIsToldSo(t *testing.T) {
	t.Parallel()
	s := items(t)
	lone := s.lone()
	s.exec(`alter role ` + lone + ` connection limit 1`)
	held, err := pgx.Connect(t.Context(), s.opt.CountURL)
	require.NoError(t, err)
	_, err = Check(t.Context(), s.opt)
	require.ErrorContains(t, err, "has no free connection for me. Raise the login's connection limit, or try again in a minute.")
	require.NoError(t, held.Close(t.Context()))
	s.leaves(lone)
	_, err = Check(t.Context(), s.opt)
	require.NoError(t, err)
}

func TestEveryPowerOfALoginIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, promise, say string }{
		{"it sees past row security", `alter role LONE bypassrls`, "power of the login", "LONE bypasses row security"},
		{"it makes roles", `alter role LONE createrole`, "power of the login", "LONE may create roles or databases"},
		{"it is a member of who reads all", `grant pg_read_all_data to LONE`, "power of the login", "LONE is a member of pg_read_all_data"},
		{"it runs programs", `grant pg_execute_server_program to LONE`, "power of the login", "LONE is a member of pg_execute_server_program"},
		{"it owns a table", `create table "my shop".own (); alter table "my shop".own owner to LONE`, "power of the login", "LONE owns table"},
		{"it has too few connections", `alter role LONE connection limit 1`, "connections", "LONE may hold 1 connections, and 3 are declared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := items(t)
			lone := s.lone()
			f, err := Check(t.Context(), s.opt)
			require.NoError(t, err)
			require.True(t, f.Sound(), "%q", f.Surplus())
			s.exec(strings.ReplaceAll(c.sql, "LONE", lone))
			s.leaves(lone)
			f, err = Check(t.Context(), s.opt)
			require.NoError(t, err)
			require.False(t, f.Sound())
			var found []string
			for _, p := range f.Promises {
				if p.Name == c.promise && p.Verdict != source.Kept {
					found = append(found, p.Found)
					for _, sql := range p.Fix {
						s.exec(strings.ReplaceAll(sql, "OWNER", "current_user"))
					}
				}
			}
			require.Contains(t, strings.Join(found, "\n"), strings.ReplaceAll(c.say, "LONE", lone))
			f, err = Check(t.Context(), s.opt)
			require.NoError(t, err)
			require.True(t, f.Sound(), "%q", f.Surplus())
		})
	}
}

func TestRowSecurityIsSeenPastOnlyWhereItIsDeclared(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.exec(`alter table "my shop".item enable row level security`)
	s.opt.Tables[0].Bypass = true
	s.lone() // the setup gives what was declared
	f, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.True(t, f.Sound(), "%q", f.Missing())
	s.Spoil("1", first, lost)
	table, err := s.reader().StateTable(t.Context(), s.Scope())
	require.NoError(t, err)
	require.EqualValues(t, 1, table.Members)
}

func TestTwoLoginsOfTwoDatabasesAreNoSource(t *testing.T) {
	t.Parallel()
	s, other := items(t), items(t)
	s.opt.ExecURL = other.opt.ExecURL
	f, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Contains(t, joined(f.Missing()), "count_dsn and exec_dsn lead to two databases")
}

func TestWhatCannotBeLookedAtDoesNotHideTheRest(t *testing.T) {
	t.Parallel()
	s := items(t)
	tx, err := pgtest.Connect(t, s.url).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `lock table "my shop".log in access exclusive mode`)
	require.NoError(t, err)
	s.opt.Counts = Counts{StatementTimeout: 15 * time.Second, LockTimeout: 10 * time.Millisecond}
	f, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.True(t, f.Unseen())
	require.False(t, f.Sound())
	require.Empty(t, f.Missing())
	require.Empty(t, f.Surplus())
	require.NoError(t, tx.Rollback(t.Context()))
}

func TestTheCheckLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := items(t)
	s.Spoil("1", first, lost)
	s.exec(`grant all on "my shop".item, "my shop".log to snafu_count, snafu_exec`)
	const state = `select md5(string_agg(i::text, '') || (select string_agg(l::text, '') from (select xmin, ctid, * from "my shop".log) l)) from (select xmin, ctid, * from "my shop".item) i`
	look := func() (sum string) {
		require.NoError(t, s.admin.QueryRow(t.Context(), state).Scan(&sum))
		return sum
	}
	relations, before := s.number(`select count(*) from pg_class`), look()
	_, err := Check(t.Context(), s.opt)
	require.NoError(t, err)
	require.Equal(t, relations, s.number(`select count(*) from pg_class`))
	require.Equal(t, before, look())
}

func TestNamesAreQuotedAsTheyAre(t *testing.T) {
	t.Parallel()
	for relation, want := range map[string]string{
		"crm.lead": `"crm"."lead"`, "my shop.Item": `"my shop"."Item"`, `odd shop.Item "x"`: `"odd shop"."Item ""x"""`,
		"a.b.c": `"a"."b.c"`, `"a.b"."c.d"`: `"a.b"."c.d"`, `"a""b".c`: `"a""b"."c"`, `a."c.d"`: `"a"."c.d"`,
	} {
		require.Equal(t, want, quoted(relation), relation)
	}
	for _, relation := range []string{"", "lead", ".", "a.", ".b", `"a`, `"a"`, `"a"b.c`} {
		_, _, ok := split(relation)
		require.False(t, ok, relation)
	}
	require.Equal(t, `"Odd Role"`, role("Odd Role"))
	require.NotContains(t, SetupSQL(Options{Name: "x", Tables: []rollback.Table{{Name: "n", Relation: "s.t\ndrop table s.t", Key: []string{"k\n; drop"}}}}), "\n; drop\n--")
}
