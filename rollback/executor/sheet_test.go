package executor_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5"

	"snafu/rollback"
)

// kind is a type of the set column with values that differ from each other as
// text: what records are, what the run left, what they should be, and two that
// people choose.
type kind struct {
	typ    string
	values []string
}

const far = "9007199254740993" // no float holds it

var kinds = []kind{
	{"text", []string{"first", "lost", "good ", "", "NULL"}},
	{"text", []string{"Caf\u00e9", "Cafe\u0301", `"; drop table x; --`, `{a,"b"}`, "line\nand\ttab"}},
	{"text", []string{"\u202eright to left", "emoji 🦊", `back\slash`, "'quoted'", "$1"}},
	{"character varying(12)", []string{"offen", "weg", "gut ", "mein", "x"}},
	{"character(6)", []string{"a", "b", "cd", "e f", "g"}},
	{"numeric(12,2)", []string{"1", "0.10", "99.9", "-5.00", "1e3"}},
	{"numeric", []string{"1.50", "1.5", "1.500", far + ".5", "NaN"}},
	{"smallint", []string{"1", "2", "3", "-4", "5"}},
	{"integer", []string{"10", "20", "30", "-40", "50"}},
	{"bigint", []string{far, "9007199254740992", "9007199254740994", "-1", "0"}},
	{"double precision", []string{"0.1", "0.30000000000000004", "1e-300", "-0", "Infinity"}},
	{"real", []string{"0.1", "3.4028235e38", "1.17549435e-38", "-1", "7"}},
	{"boolean", []string{"true", "false", "true", "true", "true"}},
	{"timestamp with time zone", []string{"2026-03-29 01:30:00+01", "2026-03-29 03:30:00+02", "2026-10-25 02:30:00+02", "2026-10-25 02:30:00+01", "infinity"}},
	{"timestamp without time zone", []string{"2026-01-01 00:00:00", "2026-01-01 00:00:00.000001", "0044-03-15 12:00:00 BC", "-infinity", "2026-02-02 02:02:02"}},
	{"date", []string{"2026-01-02", "2026-02-01", "0001-01-01 BC", "infinity", "2024-02-29"}},
	{"time without time zone", []string{"00:00:00", "24:00:00", "12:34:56.789", "01:00", "02:00"}},
	{"interval", []string{"1 day", "24:00:00", "1 mon -3 days", "-00:00:01", "2 years"}},
	{"uuid", []string{"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-00000000000a", "ffffffff-ffff-4fff-bfff-ffffffffffff", "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000003"}},
	{"bytea", []string{`\x00`, `\x`, `\xdeadbeef`, `\x0001`, `\xff`}},
	{"text[]", []string{"{}", `{a,NULL}`, `{"a,b"}`, `{"NULL"}`, `{{a,b},{c,d}}`}},
	{"jsonb", []string{`{"a": 1}`, `{"a": 1.0}`, `null`, `[1, "x"]`, `"text"`}},
	{"int4range", []string{"[1,5)", "empty", "(,3)", "[7,8)", "(,)"}},
	{"inet", []string{"10.0.0.1", "10.0.0.1/24", "::1", "fe80::/10", "127.0.0.1"}},
	{"wild.mood", []string{"so so", "SO SO", "it's ok", "groß", ""}},
	{"wild.short", []string{"a", "b", "cc", "d", "e"}},
}

// citext is there where the extension is.
var citext = kind{"wild.citext", []string{"Lead", "lead", "LEAD", "mine", "Mine"}}

const wildSQL = `
	create schema wild;
	create type wild.mood as enum ('so so', 'SO SO', 'it''s ok', 'groß', '');
	create domain wild.short as varchar(8) check (length(value) < 6);
	create table wild.proof (run text, h int, i int, old text[], edits int, moves int);
	create table wild.snap (run text, h int, i int, edits int, moves int, unique (run, h, i));
	create function wild.job() returns text language sql as
	  $$ select coalesce(nullif(current_setting('test.job', true), ''), nullif(current_setting('snafu.rollback_id', true), '')) $$`

// sheet is a random table with a history. Runs and plans write one of its
// columns, or two.
type sheet struct {
	decl  rollback.Table
	name  string // as SQL writes it
	set   string
	kind  kind
	empty bool // the set column may be NULL
	more  []setCol
	keys  []keyCol
	sql   string
}

type setCol struct {
	name string
	kind kind
}

// sets are the columns that runs and plans write.
func (s *sheet) sets() []setCol { return append([]setCol{{s.set, s.kind}}, s.more...) }

// columns are their names.
func (s *sheet) columns() (names []string) {
	for _, c := range s.sets() {
		names = append(names, c.name)
	}
	return names
}

// held is what a record holds in them, as frozen rows have it.
func (s *sheet) held(alias string) string {
	var out []string
	for _, c := range s.sets() {
		out = append(out, alias+"."+quote(c.name)+"::text")
	}
	return "array[" + strings.Join(out, ", ") + "]"
}

type keyCol struct{ name, typ string }

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// part is the key of a record, by its number.
func (k keyCol) part(n int) string {
	switch k.typ {
	case "text":
		return fmt.Sprintf("K %d é ", n)
	case "character varying(20)", "character(12)":
		return fmt.Sprintf("v%d", n)
	case "uuid":
		return fmt.Sprintf("%08x-0000-4000-8000-%012x", n, n)
	case "numeric(14,2)":
		return fmt.Sprintf("%d.50", n)
	case "timestamp with time zone":
		return fmt.Sprintf("2026-01-%02d %02d:%02d:%02d+01", 1+n/86400%28, n/3600%24, n/60%60, n%60)
	case "date":
		return fmt.Sprintf("2026-01-%02d", 1+n%28)
	case "boolean":
		return fmt.Sprint(n%2 == 0)
	case "bigint":
		return fmt.Sprint(1<<53 + n)
	}
	return fmt.Sprint(n)
}

// Each record's number is in the first of them, so that no key comes twice.
var (
	firstKeys = []string{"bigint", "integer", "text", "character varying(20)", "character(12)", "uuid", "numeric(14,2)", "timestamp with time zone"}
	moreKeys  = []string{"date", "boolean", "text", "integer"}
	oddNames  = []string{"id", "Nr.", "select", `a"b`, "Größe", "MixedCase", "with space"}
)

// newSheet makes up table number n.
func newSheet(rnd *rand.Rand, n int, kinds []kind) sheet {
	s := sheet{kind: kinds[rnd.IntN(len(kinds))], empty: rnd.IntN(3) > 0}
	names := rnd.Perm(len(oddNames))
	s.keys = []keyCol{{oddNames[names[0]], firstKeys[rnd.IntN(len(firstKeys))]}}
	if rnd.IntN(2) == 0 {
		s.keys = append(s.keys, keyCol{oddNames[names[1]], moreKeys[rnd.IntN(len(moreKeys))]})
	}
	s.set = oddNames[names[2]]
	if rnd.IntN(3) == 0 {
		s.more = []setCol{{oddNames[names[3]], kinds[rnd.IntN(len(kinds))]}}
	}
	schema, table := "wild", fmt.Sprintf("t%d", n)
	if rnd.IntN(2) == 0 {
		table = fmt.Sprintf("Tisch %d.0", n)
	}
	s.name = quote(schema) + "." + quote(table)
	log := quote(schema) + "." + quote(table+" log")
	s.decl = rollback.Table{
		Name: fmt.Sprintf("t%d", n), Relation: s.name, Unit: "rows", Settable: s.columns(), Export: []string{"note"},
		History: rollback.History{Relation: log, Order: "no", At: "at", Field: "field", FieldNames: map[string]string{}, Old: "was", New: "now", Run: "job"},
		Guard:   []rollback.Guard{rollback.GuardLaterWriter, rollback.GuardLaterWriter, rollback.GuardTouched, rollback.GuardAnyChange, rollback.GuardValue}[rnd.IntN(5)],
	}
	for i, name := range s.columns() {
		s.decl.History.FieldNames[name] = fmt.Sprintf("F%d", i)
	}
	if s.decl.Guard == rollback.GuardTouched || rnd.IntN(3) == 0 {
		s.decl.TouchedAt = rollback.TouchedAt{Column: "updated_at", Keep: rnd.IntN(3) == 0}
	}
	s.sql = s.create(rnd, log)
	return s
}

func (s *sheet) create(rnd *rand.Rand, log string) string {
	var b strings.Builder
	var cols, keys, logged, olds []string
	for i, k := range s.keys {
		cols = append(cols, quote(k.name)+" "+k.typ+" not null")
		keys = append(keys, quote(k.name))
		typ := k.typ
		if rnd.IntN(2) == 0 && typ != "timestamp with time zone" && typ != "character(12)" {
			typ = "text"
		}
		s.decl.Key = append(s.decl.Key, k.name)
		s.decl.History.Key = append(s.decl.History.Key, fmt.Sprintf("k%d", i))
		logged = append(logged, fmt.Sprintf("k%d %s", i, typ))
		olds = append(olds, "new."+quote(k.name))
	}
	set, null := quote(s.set), ""
	if !s.empty {
		null = " not null"
	}
	for _, c := range s.more {
		cols = append(cols, quote(c.name)+" "+c.kind.typ)
	}
	partition := ""
	if rnd.IntN(3) == 0 {
		partition = " partition by hash (" + keys[0] + ")"
	}
	fmt.Fprintf(&b, `
	create table %s (%s, h int not null, i int not null, %s %s%s, note text not null default '', luck int not null default 0, hits int not null default 0,
	  edits int not null default 0, moves int not null default 0, updated_at timestamptz not null default '2026-01-01 12:00+01', blank boolean generated always as (%s is null) stored,
	  loud text generated always as (note || '!') stored, primary key (%s))%s;`, s.name, strings.Join(cols, ", "), set, s.kind.typ, null, set, strings.Join(keys, ", "), partition)
	if partition != "" {
		for i := range 3 {
			fmt.Fprintf(&b, "\n\tcreate table %s partition of %s for values with (modulus 3, remainder %d);", quote("wild")+"."+quote(fmt.Sprintf("%s p%d", s.decl.Name, i)), s.name, i)
		}
	}
	fmt.Fprintf(&b, `
	create index on %[1]s (h, i);
	create table %[2]s (no bigint generated always as identity primary key, %[3]s, field text, was text, now text, at timestamptz default clock_timestamp(), job text);
	create index on %[2]s (%[4]s);
	create function wild.%[5]s_before() returns trigger language plpgsql security definer set search_path = '' as $$ declare ours text := coalesce(current_setting('snafu.rollback_id', true), ''); begin
	  if ours <> '' then
	    insert into wild.proof values (ours, old.h, old.i, %[8]s, old.edits, old.moves);
	    if new.luck = 1 then raise exception 'no' using errcode = '23514', constraint = 'never'; end if;
	    if new.luck = 2 then new.%[6]s := old.%[6]s; end if;
	    if new.luck = 3 then return null; end if;
	    new.hits := old.hits + 1;
	  %[7]s end if;
	  return new; end $$;
	create trigger before before update on %[1]s for each row execute function wild.%[5]s_before();`,
		s.name, log, strings.Join(logged, ", "), strings.Join(s.decl.History.Key, ", "), s.decl.Name, set, s.touches(rnd), s.held("old"))
	for i, name := range s.columns() {
		fmt.Fprintf(&b, `
	create function wild.%[1]s_after%[2]d() returns trigger language plpgsql security definer set search_path = '' as $$ begin
	  insert into %[3]s (%[4]s, field, was, now, job) values (%[5]s, 'F%[2]d', old.%[6]s::text, new.%[6]s::text, wild.job()); return null; end $$;
	create trigger after%[2]d after update of %[6]s on %[7]s for each row execute function wild.%[1]s_after%[2]d();`,
			s.decl.Name, i, log, strings.Join(s.decl.History.Key, ", "), strings.Join(olds, ", "), quote(name), s.name)
	}
	return b.String()
}

// touches is what the table's own trigger does to updated_at when a person
// writes; some tables do it for everybody.
func (s *sheet) touches(rnd *rand.Rand) string {
	switch {
	case s.decl.Guard == rollback.GuardTouched:
		return "else new.updated_at := clock_timestamp();"
	case s.decl.TouchedAt.Column == "" && rnd.IntN(2) == 0:
		return "end if; if true then new.updated_at := clock_timestamp();"
	}
	return ""
}

// insert makes a record of a history.
func (s *sheet) insert() string {
	var cols, values []string
	for i, k := range s.keys {
		cols = append(cols, quote(k.name))
		values = append(values, fmt.Sprintf("$%d::text::%s", 5+i, k.typ))
	}
	for _, c := range s.more {
		cols = append(cols, quote(c.name))
		values = append(values, fmt.Sprintf("$%d::text::%s", 5+len(values), c.kind.typ))
	}
	return fmt.Sprintf(`insert into %s (h, i, %s, luck, %s) values ($1, $2, $3::text::%s, $4, %s)`,
		s.name, quote(s.set), strings.Join(cols, ", "), s.kind.typ, strings.Join(values, ", "))
}

// keyTexts are the parts of a key as frozen rows hold it.
func (s *sheet) keyTexts() string {
	var out []string
	for _, k := range s.keys {
		out = append(out, "t."+quote(k.name)+"::text")
	}
	return "array[" + strings.Join(out, ", ") + "]"
}
