package postgres

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// What an owner of the source may have left lying about, each open to everybody.
const trapsSQL = `
	create schema trap;
	create sequence trap.numbers;
	create table trap.seen (at timestamptz default clock_timestamp(), what text);
	insert into trap.seen (what) values ('canary@example.com');
	create function trap.touch() returns int language plpgsql as $$ begin insert into trap.seen (what) values ('touch'); return 1; end $$;
	create function trap.lent() returns int language plpgsql stable security definer as $$ begin perform pg_advisory_lock(41); return 1; end $$;
	create function trap.lying() returns int language plpgsql immutable as $$ begin perform pg_advisory_lock(42); return 1; end $$;
	create function trap.inlined() returns int language sql as $$ select nextval('trap.numbers')::int $$;
	create function trap.mine(crm.lead) returns int language plpgsql as $$ begin perform pg_advisory_lock(43); return 1; end $$;
	create function trap.add(int, int) returns int language plpgsql as $$ begin perform pg_advisory_lock(44); return 1; end $$;
	create operator trap.+ (leftarg = int, rightarg = int, function = trap.add);
	create aggregate trap.sum (int) (sfunc = trap.add, stype = int, initcond = '0');
	create view trap.counting as select nextval('trap.numbers') as n, id from crm.lead;
	create view trap.resting as select pg_sleep(60)::text as n, id from crm.lead;
	grant usage on schema trap to public;
	grant select on trap.counting, trap.resting, trap.seen to public;
	grant usage, update on trap.numbers to public;`

// hostile are statements of people of bad will, or of bad luck. Each ends with
// a refusal of the code, which is the whole answer.
var hostile = []struct{ name, text, code string }{
	{"nothing", "", "count-refused"},
	{"a comment alone", "-- all leads", "count-refused"},
	{"a NUL", "select id from crm.lead\x00", "count-refused"},
	{"no UTF-8", "select id from crm.lead \xff", "count-refused"},
	{"nine thousand characters", "select id from crm.lead where lead_status = '" + strings.Repeat("x", 9000) + "'", "count-refused"},
	{"words", "how many leads are there", "count-refused"},
	{"two statements", "select id from crm.lead; delete from crm.lead", "count-refused"},
	{"a commit before the write", "select id from crm.lead; commit; delete from crm.lead", "count-refused"},
	{"a rollback first", "rollback; delete from crm.lead; select id from crm.lead", "count-refused"},
	{"a bracket that closes ours", "select id from crm.lead) q; drop table crm.lead; select * from (select 1", "count-refused"},
	{"a bracket that opens a union", "select 1) as a union all select length(email) from (select email from crm.lead limit 1", "count-refused"},
	{"a bracket behind a comment", "select 1 /* ( */ ) as a, (select 1", "count-refused"},
	{"an open comment", "select id from crm.lead /* ", "count-refused"},
	{"a nested comment that stays open", "select id from crm.lead /* /* */", "count-refused"},
	{"an open quote", "select id from crm.lead where lead_status = 'SQL", "count-refused"},
	{"an open name", `select "id from crm.lead`, "count-refused"},
	{"a quote in dollars", "select $$) q; drop table crm.lead$$", "count-refused"},
	{"a quote in named dollars", "select id from crm.lead where lead_status = $a$SQL$a$", "count-refused"},
	{"a parameter of its own", "select id from crm.lead where id = $1", "count-refused"},
	{"a named parameter of nobody", "select id from crm.lead where lead_status = :status", "count-refused"},
	{"a name in code points", `select U&"\0070g_sleep"(60)`, "count-refused"},
	{"a text that goes on in the next line", "select E'a'\n'\\' ' || pg_sleep(60)::text || '' || '' from crm.lead", "count-refused"},
	{"a delete", "delete from crm.lead", "count-refused"},
	{"a delete that returns", "delete from crm.lead returning id", "count-refused"},
	{"an update", "update crm.lead set lead_status = 'x' returning id", "count-refused"},
	{"an insert", "insert into trap.seen (what) values ('x') returning 1", "count-refused"},
	{"a delete in a with", "with gone as (delete from trap.seen returning 1) select * from gone", "count-refused"},
	{"an update in a nested with", "select * from (with gone as (update trap.seen set what = '' returning 1) select * from gone) as x", "count-refused"},
	{"a merge", "merge into trap.seen using crm.lead on false when not matched then do nothing", "count-refused"},
	{"a new table", "select id into trap.copy from crm.lead", "count-refused"},
	{"a new table the other way", "create table trap.copy as select id from crm.lead", "count-refused"},
	{"a temporary table", "create temporary table mine as select 1", "count-refused"},
	{"truncate", "truncate crm.lead", "count-refused"},
	{"a copy to a program", "copy crm.lead to program 'cat'", "count-refused"},
	{"a copy to a file", "copy (select id from crm.lead) to '/tmp/leads'", "count-refused"},
	{"a block of code", "do 'begin delete from crm.lead; end'", "count-refused"},
	{"a call", "call trap.touch()", "count-refused"},
	{"an explain that runs", "explain analyze select id from crm.lead", "count-refused"},
	{"a lock of the table", "lock table crm.lead in access exclusive mode", "count-refused"},
	{"a listener", "listen everything", "count-refused"},
	{"a notification", "notify everything, 'x'", "count-refused"},
	{"a setting", "set statement_timeout = 0", "count-refused"},
	{"a way to write", "set transaction read write", "count-refused"},
	{"another role", "set role snafu_exec", "count-refused"},
	{"another session", "set session authorization snafu_exec", "count-refused"},
	{"a reset", "reset all", "count-refused"},
	{"a prepared statement", "prepare p as select 1", "count-refused"},
	{"a prepared one that runs", "execute p", "count-refused"},
	{"a cursor", "declare c cursor with hold for select id from crm.lead", "count-refused"},
	{"a vacuum", "vacuum crm.lead", "count-refused"},
	{"a checkpoint", "checkpoint", "count-refused"},
	{"rows locked", "select id from crm.lead for update", ""},
	{"rows locked a little", "select id from (select id from crm.lead for key share) as x", ""},
	{"a sequence", "select nextval('trap.numbers') from crm.lead", "count-refused"},
	{"a sequence set back", "select setval('trap.numbers', 1)", "count-refused"},
	{"sleep", "select pg_sleep(60)", "count-refused"},
	{"sleep behind a comment", "select pg_sleep/* */\n-- x\n(60)", "count-refused"},
	{"sleep in quotes", `select "pg_catalog" . "pg_sleep" (60)`, "count-refused"},
	{"sleep in capitals", "select PG_SLEEP(60)", "count-refused"},
	{"sleep in a limit", "select id from crm.lead limit length(pg_sleep(60)::text)", "count-refused"},
	{"sleep in values", "select * from (values (pg_sleep(60)), (pg_sleep(60))) as x", "count-refused"},
	{"sleep in a window", "select sum(id) over (order by id rows between length(pg_sleep(9)::text) preceding and current row) from crm.lead", "count-refused"},
	{"a setting by function", "select set_config('statement_timeout', '0', false)", "count-refused"},
	{"a lock by function", "select pg_advisory_lock(1)", "count-refused"},
	{"a lock that is only tried", "select pg_try_advisory_lock(id) from crm.lead", "count-refused"},
	{"somebody's session ended", "select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity", "count-refused"},
	{"somebody's statement ended", "select pg_cancel_backend(pid) from pg_catalog.pg_stat_activity", "count-refused"},
	{"a file", "select pg_read_file('/etc/passwd')", "count-refused"},
	{"a folder", "select pg_ls_dir('/')", "count-refused"},
	{"a file as a large object", "select lo_import('/etc/passwd')", "count-refused"},
	{"a large object", "select lo_create(77)", "count-refused"},
	{"a notification by function", "select pg_notify('everything', email) from crm.lead", "count-refused"},
	{"a message in the log of changes", "select pg_logical_emit_message(false, 'a', 'b')", "count-refused"},
	{"a statement in a function", "select query_to_xml('delete from crm.lead', true, true, '')", "count-refused"},
	{"a table in a function", "select table_to_xml('crm.lead', true, true, '')", "count-refused"},
	{"a statement for statistics", "select ts_stat('select pg_sleep(60)::text::tsvector')", "count-refused"},
	{"a number for a transaction", "select txid_current()", "count-refused"},
	{"a snapshot for others", "select pg_export_snapshot()", "count-refused"},
	{"another server", "select * from dblink('host=elsewhere', 'delete from crm.lead') as t(id int)", ""},
	{"a function that writes", "select trap.touch()", "count-refused"},
	{"a function with its owner's rights", "select trap.lent()", "count-refused"},
	{"a function that lies", "select trap.lying() from crm.lead", "count-refused"},
	{"a function that is taken in", "select trap.inlined() from crm.lead", "count-refused"},
	{"a function that looks like a column", "select l.mine from crm.lead as l", "count-name"},
	{"an operator that is a function", "select id::int operator(trap.+) 1 from crm.lead", "count-refused"},
	{"an aggregate that is a function", "select trap.sum(id::int) from crm.lead", "count-refused"},
	{"a view that counts its readers", "select n from trap.counting", "count-refused"},
	{"a view that rests", "select n from trap.resting", "count-refused"},
	{"all leads three times over", "select 1 from crm.lead a, crm.lead b, crm.lead c", "count-cost"},
	{"numbers without end", "select generate_series(1, 1000000000000)", "count-refused"},
	{"a huge text", "select length(repeat('x', 1000000000))", "count-refused"},
	{"a huge list", "select array_agg(a.email || b.email) from crm.lead a, crm.lead b", "count-refused"},
	{"its own count", "select count(*) from crm.lead", "count-shape"},
	{"its own count in a with", "with n as (select count(*) as n from crm.lead) select n from n limit 1", "count-shape"},
	{"no record at all", "select 1", "count-shape"},
	{"a table that is not there", "select id from crm.customer", "count-name"},
	{"a table without its schema", "select id from lead", "count-name"},
	{"a column that nobody declared", "select phone from crm.lead", "count-rights"},
	{"the whole record", "select l from crm.lead l", "count-rights"},
	{"a table that nobody declared", "select id from crm.campaign", "count-rights"},
	{"other people's passwords", "select rolpassword from pg_catalog.pg_authid", "count-rights"},
	{"a division by nothing", "select id / (id - id) from crm.lead order by 1", "count-value"},
	{"a value that is none", "select email::int from crm.lead order by 1", "count-value"},
}

// everything is the whole database as its owner sees it: rows, sequences,
// settings, rights, objects, roles, and locks that outlived a count.
func (w *world) everything() string {
	w.t.Helper()
	var b strings.Builder
	rows, err := w.admin.Query(w.t.Context(), `
		select format('%I.%I', n.nspname, c.relname), c.relkind = 'S' from pg_class c join pg_namespace n on n.oid = c.relnamespace
		 where c.relkind in ('r', 'p', 'S') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`)
	require.NoError(w.t, err)
	type relation struct {
		Name     string
		Sequence bool
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	require.NoError(w.t, err)
	asked := []string{
		`select string_agg(c::text || ' ' || relname || coalesce(relacl::text, ''), ';' order by relname) from (select relkind as c, relname, relacl from pg_class) as c`,
		`select string_agg(proname, ';' order by proname) from pg_proc`,
		`select string_agg(s::text, ';' order by s::text) from pg_db_role_setting s where setdatabase = (select oid from pg_database where datname = current_database())`,
		`select string_agg(rolname || rolsuper || rolcreaterole || rolcreatedb || coalesce(rolpassword, ''), ';' order by rolname) from pg_authid where rolname in ('snafu_count', 'snafu_exec', 'snafu_owner', 'crm_owner', 'crm_world')`,
		`select count(*)::text from pg_largeobject_metadata`,
		`select string_agg(locktype || mode, ';') from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
		`select string_agg(name || '=' || setting, ';' order by name) from pg_settings where name not like 'transaction%'`,
	}
	for _, r := range all {
		if r.Sequence {
			asked = append(asked, fmt.Sprintf(`select last_value || ' ' || is_called from %s`, r.Name))
			continue
		}
		asked = append(asked, fmt.Sprintf(`select md5(coalesce(string_agg(t::text, ';' order by t::text), '')) || count(*) from %s t`, r.Name))
	}
	for _, sql := range asked {
		var found *string
		require.NoError(w.t, w.admin.QueryRow(w.t.Context(), sql).Scan(&found), sql)
		if found != nil {
			b.WriteString(sql[:20] + *found + "\n")
		}
	}
	return b.String()
}

// sessions is what the counting login's pool would hand to the next question.
func (r *Reader) sessions(t *testing.T) string {
	t.Helper()
	var found string
	require.NoError(t, r.pool.QueryRow(t.Context(), `
		select coalesce(string_agg(name || '=' || setting, ';' order by name), '') || (select count(*) from pg_prepared_statements where not from_sql and statement not like '%pg_prepared_statements%')
		  from pg_settings where source = 'session' and name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable')`).Scan(&found))
	return found
}

func TestAHostileStatementIsRefusedInWordsAndChangesNothing(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(hostile), 60)
	w := sample(t)
	w.exec(trapsSQL)
	w.exec("analyze crm.lead")
	w.opt.Counts.Connections = 1 // what one statement left, the next would find
	r := w.reader()
	session := r.sessions(t)
	before := w.everything()
	for _, c := range hostile {
		_, err := r.Count(t.Context(), rollback.TypedQuestion("crm", c.text))
		no, ok := refusal.As(err)
		require.True(t, ok, "%s: %v", c.name, err)
		require.NotEmpty(t, no.Code, c.name)
		if c.code != "" {
			require.Equal(t, c.code, no.Code, "%s: %s", c.name, no.Say)
		}
		require.Regexp(t, `^[A-Za-z].*\.$`, no.Say, c.name)
		require.LessOrEqual(t, len([]rune(no.Say)), 260, c.name)
		require.NotContains(t, no.Say, "@example", c.name)
		require.NotContains(t, no.Say, "invalid input", c.name)
		require.Equal(t, session, r.sessions(t), c.name)
	}
	require.Equal(t, before, w.everything())
}

func TestAStatementWithoutEndIsEndedByTheSource(t *testing.T) {
	t.Parallel()
	w := sample(t)
	w.exec("analyze crm.lead")
	w.opt.Counts.StatementTimeout = 300 * time.Millisecond
	w.opt.Counts.MaxCost = 1e18
	r := w.reader()
	before := w.everything()
	for name, text := range map[string]string{
		"numbers that count on":   "with recursive n (i) as (select 1::bigint union all select i + 1 from n) select i from n",
		"all leads against leads": "select 1 from crm.lead a, crm.lead b, crm.lead c, crm.lead d where a.email || b.email || c.email < d.email",
	} {
		_, err := r.Count(t.Context(), rollback.TypedQuestion("crm", text))
		require.Equal(t, "count-time", code(t, err), name)
		require.ErrorContains(t, err, "crm did not answer within", name)
	}
	w.exec("begin; lock table crm.lead in access exclusive mode")
	_, err := r.Count(t.Context(), rollback.TypedQuestion("crm", "select id from crm.lead"))
	require.Equal(t, "count-time", code(t, err))
	w.exec("rollback")
	require.Equal(t, before, w.everything())
}
