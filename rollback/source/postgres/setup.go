package postgres

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snafu/rollback"
)

// schemaVersion is the version of schema.sql that this program works with.
const schemaVersion = 1

//go:embed schema.sql
var schemaSQL string

const rolesSQL = `-- Roles, made once per server. Passwords are yours to set.
do $$
begin
  if not exists (select from pg_roles where rolname = 'snafu_owner') then
    create role snafu_owner nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'snafu_count') then
    create role snafu_count login noinherit connection limit %d;
    alter role snafu_count set default_transaction_read_only = on;
    alter role snafu_count set statement_timeout = '%s';
    alter role snafu_count set lock_timeout = '%s';
  end if;
  if not exists (select from pg_roles where rolname = 'snafu_exec') then
    create role snafu_exec login noinherit;
  end if;
exception when duplicate_object or unique_violation then null; -- another database of this server made them just now
end $$;

`

// SetupSQL is what an admin of the source runs once, as a superuser and in one
// transaction: roles, schema snafu, and exactly the rights that the declared
// tables need. It can be run again after a change of the declaration; it never
// takes a right away. The advised indexes stand in it as comments, because an
// index on somebody else's table is not ours to make.
func SetupSQL(o Options) string {
	o = o.withDefaults()
	var b strings.Builder
	fmt.Fprintf(&b, "-- Source %s of snafu. Run as a superuser: psql --single-transaction -f THIS_FILE\n\n", o.Name)
	fmt.Fprintf(&b, rolesSQL, o.Counts.Connections, o.Counts.StatementTimeout, o.Counts.LockTimeout)
	b.WriteString("-- The tables of snafu in this source.\n" + schemaSQL + "\n")
	for _, t := range o.Tables {
		fmt.Fprintf(&b, "-- Table %s: %s.\n", t.Name, t.Relation)
		for _, g := range grants(t) {
			b.WriteString(g.sql() + ";\n")
		}
		b.WriteString(advice(t) + "\n")
	}
	b.WriteString(`-- PUBLIC may make temporary tables in this database. Taking that away also takes
-- it from your applications, so do it only when they do not need it:
--   revoke temporary on database NAME from public;

-- Closed runs can be deleted when nobody needs their lists any more:
--   delete from snafu.ledger where run = N; delete from snafu.batches where run = N; delete from snafu.runs where run = N;
--   delete from snafu.frozen_rows where freeze_id = N; delete from snafu.freezes where id = N;
`)
	return b.String()
}

// right is one grant: of a relation, or of columns of it.
type right struct {
	login, does, relation string
	columns               []string // empty means the whole relation
}

func (g right) sql() string {
	if g.does == "usage" {
		return fmt.Sprintf("grant usage on schema %s to %s", quoted(g.relation), g.login)
	}
	if len(g.columns) == 0 {
		return fmt.Sprintf("grant %s on %s to %s", g.does, quoted(g.relation), g.login)
	}
	names := make([]string, len(g.columns))
	for i, c := range g.columns {
		names[i] = column(c)
	}
	return fmt.Sprintf("grant %s (%s) on %s to %s", g.does, strings.Join(names, ", "), quoted(g.relation), g.login)
}

// grants are the least rights that both logins need on what a table declares.
func grants(t rollback.Table) []right {
	read := unique(t.Key, t.Settable, t.Export, filled(t.TouchedAt.Column))
	write := slices.Clone(t.Settable)
	if t.TouchedAt.Column != "" && !t.TouchedAt.Keep {
		write = append(write, t.TouchedAt.Column)
	}
	// Row versions are read by the freeze and compared by the run.
	out := []right{
		{"snafu_count", "select", t.Relation, read},
		{"snafu_exec", "select", t.Relation, append(slices.Clone(read), "xmin")},
		{"snafu_exec", "update", t.Relation, write},
	}
	if h := t.History; h.Relation != "" {
		out = append(out, both(h.Relation, unique(h.Key, filled(h.Order, h.At, h.Field, h.Old, h.New, h.Run)))...)
	}
	if m := t.Membership; m.Relation != "" {
		out = append(out, both(m.Relation, unique(m.Key, filled(m.Run, m.At)))...)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Lists)) {
		l := t.Lists[name]
		out = append(out, both(l.Relation, unique(l.Key, filled(l.Name)))...)
	}
	var schemas []string
	for _, g := range out {
		schema, _, _ := strings.Cut(g.relation, ".")
		schemas = append(schemas, schema)
	}
	slices.Sort(schemas)
	var usage []right
	for _, s := range slices.Compact(schemas) {
		usage = append(usage, right{"snafu_count", "usage", s, nil}, right{"snafu_exec", "usage", s, nil})
	}
	return append(usage, out...)
}

func both(relation string, columns []string) []right {
	return []right{{"snafu_count", "select", relation, columns}, {"snafu_exec", "select", relation, columns}}
}

func filled(names ...string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

func unique(lists ...[]string) []string {
	var out []string
	for _, names := range lists {
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// advice are the indexes with which counting costs what was touched, not what
// the table holds.
func advice(t rollback.Table) string {
	h := t.History
	if h.Relation == "" || len(t.Key) == 0 {
		return ""
	}
	keys := make([]string, len(h.Key))
	for i, k := range h.Key {
		keys[i] = column(k)
	}
	own := make([]string, len(t.Key))
	for i, k := range t.Key {
		own[i] = column(k)
	}
	set := make([]string, len(t.Settable))
	for i, k := range t.Settable {
		set[i] = column(k)
	}
	return fmt.Sprintf(`-- Advised, not needed: with these a count costs what the run touched, not what the table holds.
--   create index concurrently on %[1]s (%[2]s, %[3]s, %[4]s) include (%[5]s, %[6]s, %[7]s) where %[2]s is not null;
--   create index concurrently on %[1]s (%[4]s) include (%[3]s, %[2]s, %[5]s, %[8]s, %[6]s, %[7]s);
--   create index concurrently on %[9]s (%[10]s) include (%[11]s);
-- Advised, not needed: with this a run settles changed records without reading the history from their marks on.
--   create index concurrently on %[1]s (%[5]s, %[8]s);
`, quoted(h.Relation), column(h.Run), column(h.Field), column(h.At), strings.Join(keys, ", "), column(h.Old), column(h.New), column(h.Order),
		quoted(t.Relation), strings.Join(own, ", "), strings.Join(set, ", "))
}
