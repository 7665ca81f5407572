package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"snafu/incidents/refusal"
	"snafu/rollback"
)

// What an owner may have built so that a harmless word runs a function that
// writes with the owner's rights.
const nestSQL = `
	create schema nest;
	create table nest.seen (what text);
	insert into nest.seen values ('nothing');
	create function nest.writes(what text) returns int language plpgsql security definer as
	  $$ begin perform pg_advisory_lock(99); insert into nest.seen values (what); return 1; end $$;

	create function nest.add(int, int) returns int language plpgsql security definer as $$ begin return nest.writes('operator'); end $$;
	create function nest.same(bigint, bigint) returns boolean language plpgsql security definer as $$ begin return nest.writes('same') = 1; end $$;
	create operator nest.+ (leftarg = int, rightarg = int, function = nest.add);
	create operator nest.= (leftarg = bigint, rightarg = bigint, function = nest.same);
	create operator nest.== (leftarg = int, rightarg = int, function = int4eq);
	create aggregate nest.total (int) (sfunc = nest.add, stype = int, initcond = '0');

	create type nest.status as enum ('SQL', 'MQL');
	create function nest.worded(nest.status) returns text language plpgsql as $$ begin return nest.writes('cast'); end $$;
	create cast (nest.status as text) with function nest.worded(nest.status) as implicit;
	create type nest.fair as enum ('SQL', 'MQL');
	create table nest.lead (id bigint primary key, status nest.status, fair nest.fair);
	insert into nest.lead values (1, 'SQL', 'SQL'), (2, 'MQL', 'SQL');
	create table nest.page (id bigint);
	create function nest.told(nest.page) returns text language plpgsql as $$ begin return nest.writes('row'); end $$;
	create cast (nest.page as text) with function nest.told(nest.page);

	create function nest.checked(int) returns boolean language plpgsql as $$ begin return nest.writes('domain') = 1; end $$;
	create domain nest.positive as int check (nest.checked(value));
	create domain nest.deep as nest.positive;
	create domain nest.rested as int check (pg_sleep(60) is not null or value > 0);
	create domain nest.even as int check (value % 2 = 0);
	create function nest.needs(nest.positive) returns int language sql immutable as 'select 1';

	create type nest.odd;
	create function nest.odd_in(cstring) returns nest.odd language internal immutable as 'textin';
	create function nest.odd_out(nest.odd) returns cstring language internal volatile as 'textout';
	create type nest.odd (input = nest.odd_in, output = nest.odd_out, like = text);
	create type nest.rank;
	create function nest.rank_in(cstring) returns nest.rank language internal immutable as 'textin';
	create function nest.rank_out(nest.rank) returns cstring language internal immutable as 'textout';
	create type nest.rank (input = nest.rank_in, output = nest.rank_out, like = text);
	create function nest.compare(nest.rank, nest.rank) returns int language plpgsql as $$ begin return nest.writes('order'); end $$;
	create operator class nest.ranks default for type nest.rank using btree as function 1 nest.compare(nest.rank, nest.rank);
	create table nest.odds (id bigint, x nest.odd, y nest.rank);

	create function nest.part(bigint) returns bigint language plpgsql immutable security definer as $$ begin return nest.writes('index'); end $$;
	create table nest.indexed (id bigint);
	create index on nest.indexed (nest.part(id));
	create table nest.few (id bigint);
	create index on nest.few (id) where nest.part(id) = 1;
	create table nest.weighed (id bigint);
	create statistics nest.weights on (nest.part(id)), id from nest.weighed;
	create table nest.parted (id bigint) partition by range (nest.part(id));

	create view nest.calling as select id, nest.writes('view') as n from crm.lead;
	create view nest.over as select id from nest.calling;
	create view nest.adding as select id, id::int operator(nest.+) 1 as n from crm.lead;
	create view nest.casting as select id from nest.lead where status like 'S%';
	create view nest.limited as select id from crm.lead limit (nest.writes('limit'));
	create view nest.valued as values (1, pg_sleep(60)::text), (2, null);
	create view nest.framed as select id, sum(id) over (order by id rows between length(pg_sleep(60)::text) preceding and current row) from crm.lead;
	create view nest.sliced as select (array[id, length(pg_sleep(60)::text)])[1:id] as ids from crm.lead;
	set search_path = nest, pg_catalog;
	create view nest.distinguished as select id from crm.lead where id is distinct from 1::bigint;
	create view nest.within as select id from crm.lead where id in (select id from nest.lead);
	reset search_path;
	create view nest.fine as
	  select l.id, f.fair::text as fair, (l.id % 7)::int as n, row_number() over (order by l.id rows between 1 preceding and current row) as place, l.lead_status
	    from crm.lead l left join nest.lead f on f.id = l.id where l.lead_status is distinct from 'x' limit length('xxxx');

	grant usage on schema nest to public;
	grant select on all tables in schema nest to public;`

// nested are statements that call nothing by its name that may not be called.
// Each is asked as a person types it, and reviewed.
var nested = []struct{ name, text, behind string }{
	{"an operator", "select id::int operator(nest.+) 1 from crm.lead", "nest.add (behind the operator nest.+(integer,integer))"},
	{"an operator with much between", "select id::int operator /* ( */ ( nest /* ) */ . + ) 1 from crm.lead", "nest.add (behind the operator"},
	{"an aggregate", "select nest.total(id::int) from crm.lead", "nest.add (behind the aggregate nest.total)"},
	{"a cast", "select status::text from nest.lead", "nest.worded (behind a cast from nest.status to text)"},
	{"a cast the long way", "select cast(status as text) from nest.lead", "nest.worded (behind a cast"},
	{"a cast that nobody wrote", "select id from nest.lead where status like 'S%'", "nest.worded (behind a cast"},
	{"a cast of a constant", "select id from nest.lead where ('SQL'::nest.status)::text = 'SQL'", "nest.worded (behind a cast"},
	{"a cast of a whole row", "select r::text from nest.page as r", "nest.told (behind a cast from nest.page to text)"},
	{"the check of a domain", "select id::int::nest.positive from crm.lead", "nest.checked (behind a check of nest.positive)"},
	{"the check of a domain below another", "select id::int::nest.deep from crm.lead", "nest.checked (behind a check of nest.positive)"},
	{"the check of a domain in a list", "select id from crm.lead where id = any ('{1,2}'::nest.positive[])", "nest.checked (behind a check"},
	{"the check of a domain that a function takes", "select nest.needs(id::int) from crm.lead", "nest.checked (behind a check"},
	{"a check that rests", "select nest.rested '3' from crm.lead", "pg_sleep"},
	{"the text of a type", "select x from nest.odds", "nest.odd_out (behind the type nest.odd)"},
	{"the order of a type", "select y from nest.odds order by y", "nest.compare (behind the order of nest.rank)"},
	{"an index on an expression", "select id from nest.indexed", "nest.part (behind an index of nest.indexed)"},
	{"an index of some rows", "select id from nest.few", "nest.part (behind an index of nest.few)"},
	{"statistics on an expression", "select id from nest.weighed", "nest.part (behind the statistics of nest.weighed)"},
	{"partitions by an expression", "select id from nest.parted", "nest.part (behind the partitions of nest.parted)"},
	{"a view", "select n from nest.calling", "nest.writes (behind the view nest.calling)"},
	{"a column of a view that nobody reads", "select id from nest.calling", "nest.writes (behind the view"},
	{"a view over a view", "select id from nest.over", "nest.writes (behind the view nest.calling)"},
	{"a view with an operator", "select n from nest.adding", "nest.add (behind the view nest.adding)"},
	{"a view with a cast that nobody wrote", "select id from nest.casting", "nest.worded (behind "},
	{"a view with a limit", "select id from nest.limited", "nest.writes (behind the view nest.limited)"},
	{"a view of values", "select column1 from nest.valued", "pg_sleep"},
	{"a view with a window", "select id from nest.framed", "pg_sleep"},
	{"a view with a slice", "select ids from nest.sliced", "pg_sleep"},
	{"a view with an operator that is not seen", "select id from nest.distinguished", "nest.same (behind the view nest.distinguished)"},
	{"a view with an operator in a list", "select id from nest.within", "nest.same (behind the view nest.within)"},
}

func TestAFunctionBehindAHarmlessWordIsNamedAndNotRun(t *testing.T) {
	t.Parallel()
	w := sample(t)
	w.exec(nestSQL)
	w.exec("analyze crm.lead")
	w.opt.Counts.Connections = 1
	r := w.reader()
	session, before := r.sessions(t), w.everything()
	for _, c := range nested {
		for how, q := range map[string]rollback.Question{
			"typed":    rollback.TypedQuestion("crm", c.text),
			"reviewed": {Query: query("x", "select count(*) from (\n"+c.text+"\n) as x")},
		} {
			_, err := r.Count(t.Context(), q)
			no, ok := refusal.As(err)
			require.True(t, ok, "%s, %s: %v", c.name, how, err)
			if q.Typed {
				require.Equal(t, "count-refused", no.Code, "%s: %s", c.name, no.Say)
			} else {
				require.Equal(t, "count-unfit", no.Code, "%s: %s", c.name, no.Say)
				require.ErrorContains(t, err, c.behind, c.name)
			}
			require.Equal(t, session, r.sessions(t), c.name)
		}
	}
	require.Equal(t, before, w.everything())
}

func TestWhatOnlyReadsIsCountedWhateverItIsMadeOf(t *testing.T) {
	t.Parallel()
	w := sample(t)
	w.exec(nestSQL)
	w.exec("analyze crm.lead")
	r := w.reader()
	for name, c := range map[string]struct {
		text string
		want int64
	}{
		"a view with types, windows and limits":        {"select id from nest.fine", 4},
		"a type with a cast, in a column that is read": {"select id from nest.lead where fair = 'SQL'", 2},
		"a column that is not read":                    {"select id from nest.lead", 2},
		"a domain":                                     {"select (id * 2)::int::nest.even from crm.lead where id < 4", 3},
		"an operator of the server's with its schema":  {"select id from crm.lead where id operator(pg_catalog.<) 4", 3},
		"an operator of the source's":                  {"select id from crm.lead where id::int operator(nest.==) 4", 1},
		"a view of the catalogue":                      {"select 1 from pg_catalog.pg_tables where schemaname = 'crm' and tablename = 'lead'", 1},
		"a table with an odd name":                     {`select "l'ead ("."id" from crm.lead as "l'ead (" where "l'ead (".id = 1`, 1},
	} {
		found, err := r.named(t, query("x", "select count(*) from (\n"+c.text+"\n) as x"), nil)
		require.NoError(t, err, name)
		require.Equal(t, []rollback.FoundGroup{{N: c.want}}, found.Groups, name)
	}
	_, err := r.named(t, query("x", "select l, 1 from nest.fine as l where id = 1"), nil)
	require.Equal(t, "count-shape", code(t, err), "a whole record is no label")
}
